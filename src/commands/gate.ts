/** `assay gate`: whether a stored run may still be called done, now. */

import { Blocked, type ExitCode, UserError } from "../errors.ts";
import type { Run } from "../model.ts";
import { coverageOf, gateRun, withEvidence } from "../run/judge.ts";
import type { Store } from "../store/types.ts";
import { exitOf } from "./_run.ts";
import { isWhole, newestJudged, storedRun } from "./_stored.ts";
import { openRunContext, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const [reference] = call.args;
  const context = await openRunContext(call);
  const { store, lineage } = context;
  const { run: newest, passedOver } = reference === undefined
    ? await newestJudged(store.judged())
    : { passedOver: [] };
  if (!newest && passedOver.length > 0) throw onlyParts(passedOver);
  const named = newest ?? await storedRun(store, reference);
  const newer = reference === undefined ? [] : await newerWarnings(store, named);
  if (named.verb !== "verify" && named.verb !== "hook") throw notJudged(named);
  const stored = await withEvidence(context.io, context.project.root, named);
  // Evidence about a tree other than the present one is stale, whatever it says; without a tree, freshness is unknown.
  // What changed while the commands ran stays so, even if it was put back.
  const failed = stored.gates.find(({ id, status }) => id === "fresh" && status === "fail")?.reason;
  const now = { ...lineage, failed };
  const judged = await gateRun(stored, coverageOf(stored), context, now);
  const { arithmetic, ...given } = judged;
  // A run about a part is judged because it did not pass, or was asked for by name. Waived or fixed since, it
  // still says nothing about the whole.
  const isPart = given.recommendation === "ready_for_review" && !isWhole(stored);
  const result = isPart ? { ...given, recommendation: "blocked" as const } : given;
  const warnings = new Set([
    ...stored.warnings,
    ...context.warnings,
    ...partWarnings(named, passedOver),
    ...newer,
  ]);
  const answer: Run = { ...stored, ...result, warnings: [...warnings] };
  // Diagnoses are those of the run as it was.
  const isOld = passedOver.length > 0 || stored.state !== "finished" ||
    stored.attempts.some((attempt, index) => attempt !== named.attempts[index]);
  const look = { ...call, now: call.io.now() };
  const explained = call.flag("explain") ? arithmetic : [];
  await tell(
    call,
    { ...answer, arithmetic },
    ({ gateSummary }) => gateSummary(answer, explained, look, isOld ? "assay verify" : undefined),
  );
  // An interrupted run is not an interrupted verb: its gate is blocked.
  return exitOf[answer.recommendation];
}

/** A newer run that did not pass, or may not have, where an older one was asked for by name. */
async function newerWarnings(store: Store, named: Run): Promise<string[]> {
  try {
    const { run } = await newestJudged(store.judged());
    if (!run || run.seq <= named.seq || run.recommendation === "ready_for_review") return [];
    return [`a newer run did not pass: ${run.run_id} (${run.verb}, ${run.recommendation})`];
  } catch (error) {
    if (error instanceof Blocked) return [error.message];
    throw error;
  }
}

function partWarnings(judged: Run, passedOver: readonly Run[]): string[] {
  const [newest] = passedOver;
  return [
    ...newest
      ? [
        `newer partial runs do not count: ${newest.run_id} (${newest.verb})` +
        (passedOver.length > 1 ? ` and ${passedOver.length - 1} more` : ""),
      ]
      : [],
    ...isWhole(judged) ? [] : [
      `${judged.run_id} (${judged.verb}) covers a part of the project: only a run of the whole ` +
      "project can be ready (assay verify)",
    ],
  ];
}

function onlyParts([newest]: readonly Run[]): UserError {
  return new UserError(
    `No run of the whole project yet: ${newest!.run_id} (${newest!.verb}) covers a part of it`,
    { code: "no_run", hint: "run assay verify" },
  );
}

function notJudged({ verb, run_id }: Run): UserError {
  return new UserError(`Run ${run_id} was made by assay ${verb}, which runs one command`, {
    code: "no_verdict",
    hint: "only assay verify and assay hook run judge a change",
  });
}
