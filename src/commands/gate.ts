/** `assay gate`: whether a stored run may still be called done, now. */

import type { ExitCode } from "../errors.ts";
import { type Kind, kinds, type Run } from "../model.ts";
import { type Coverage, diagnoseRun, gateRun } from "../pipeline/judge.ts";
import { oneArgument } from "./_arguments.ts";
import { exitCodeOf } from "./_run.ts";
import { storedRun } from "./_stored.ts";
import { tell } from "./_tell.ts";
import { openRunContext } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const reference = oneArgument(call);
  const context = await openRunContext(call);
  const { store, lineage } = context;
  try {
    const stored = storedRun(store, reference);
    const diagnoses = await diagnoseRun(stored, context);
    // Evidence about another tree than the one there now is stale, whatever it says; and where no tree
    // can be told, nobody knows.
    const judged = await gateRun(stored, diagnoses, coverageOf(stored), context, lineage);
    const { arithmetic, ...result } = judged;
    const now: Run = { ...stored, ...result };
    const explained = call.flag("explain") ? arithmetic : [];
    await tell(
      call,
      { ...now, arithmetic },
      ({ gateSummary }) => gateSummary(now, explained, call),
    );
    return exitCodeOf(now);
  } finally {
    store.close();
  }
}

/** What was unknown when the run ended stays so: its evidence does not grow. */
function coverageOf(run: Run): Coverage {
  const status = (kind: Kind) => run.gates.find((gate) => gate.id === kind)?.status;
  const ran = (kind: Kind) => run.runners.some((attempt) => attempt.kind === kind);
  return {
    present: kinds.filter((kind) =>
      ran(kind) || (status(kind) ?? "not_applicable") !== "not_applicable"
    ),
    skipped: kinds.filter((kind) => status(kind) === "unknown"),
  };
}
