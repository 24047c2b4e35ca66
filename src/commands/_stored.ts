/** Finds the stored run that a verb is about. */

import { UserError } from "../errors.ts";
import type { Run } from "../model.ts";
import { parseReference } from "../store/reference.ts";
import type { JudgedRun, Store } from "../store/types.ts";

/**
 * The run a reference names: a run's id, the run of an attempt, or without one the newest that judged a
 * change. `assay run` looked at one command and judges no change: it is used only if there is nothing else.
 *
 * @throws {Blocked} when the newest may be one that cannot be read
 */
export async function storedRun(store: Store, text: string | undefined): Promise<Run> {
  if (text === undefined) {
    for await (const judged of store.judged()) {
      if ("problem" in judged) throw judged.problem;
      return judged.run;
    }
    const latest = store.latestRun();
    if (latest) return latest;
    throw new UserError("No runs yet", { code: "no_run", hint: "run assay verify" });
  }
  const reference = parseReference(text);
  const run = reference.form === "run"
    ? store.run(reference.runId)
    : reference.form === "newest" && reference.name === undefined
    ? store.runs(reference.back)[reference.back - 1]
    : store.attempt(reference)?.run;
  if (run) return run;
  throw new UserError(`Unknown run "${text}"`, {
    code: "no_run",
    hint: "assay history lists the runs",
  });
}

/** Whether a run is about the whole project: `assay verify` with nothing left out. */
export function isWhole({ verb, coverage }: Run): boolean {
  return verb === "verify" && coverage?.partial === false;
}

/** The run `assay gate` judges, and the newer runs that it skips: each about a part, which passed. */
export interface Judged {
  readonly run?: Run;
  readonly passedOver: readonly Run[];
}

/**
 * The run that `assay gate` judges without a reference, of those that judged a change, the newest first. A run
 * about a part that passed says nothing about the rest; if it did not pass, or cannot be read, something is wrong
 * until a full run says otherwise.
 *
 * @throws {Blocked} when the newest may be one that cannot be read
 */
export async function newestJudged(newestFirst: AsyncIterable<JudgedRun>): Promise<Judged> {
  const passedOver: Run[] = [];
  for await (const judged of newestFirst) {
    if ("problem" in judged) throw judged.problem;
    const { run } = judged;
    const passed = run.state === "finished" && run.recommendation === "ready_for_review";
    if (isWhole(run) || !passed) return { run, passedOver };
    passedOver.push(run);
  }
  return { passedOver };
}
