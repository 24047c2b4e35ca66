/** `assay gate`: whether a stored run may still be called done, now. */

import { type ExitCode, UserError } from "../errors.ts";
import type { Run } from "../model.ts";
import { coverageOf, diagnoseRun, gateRun } from "../pipeline/judge.ts";
import { withEvidence } from "../pipeline/stored_evidence.ts";
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
    const named = await storedRun(store, reference);
    if (named.verb !== "verify" && named.verb !== "hook") throw notJudged(named);
    const stored = await withEvidence(context.io, context.project.root, named);
    const diagnoses = await diagnoseRun(stored, context);
    // Evidence about another tree than the one there now is stale, whatever it says; and where no tree
    // can be told, nobody knows.
    const judged = await gateRun(stored, diagnoses, coverageOf(stored), context, lineage);
    const { arithmetic, ...result } = judged;
    const warnings = [...new Set([...stored.warnings, ...context.warnings])];
    const now: Run = { ...stored, ...result, warnings };
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

function notJudged({ verb, run_id }: Run): UserError {
  return new UserError(`Run ${run_id} was made by assay ${verb}, which looks at one command`, {
    code: "no_verdict",
    hint: "only a run of assay verify or of a hook can say that a change is done",
  });
}
