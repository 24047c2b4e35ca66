/** Finds the stored run that a verb is about. */

import { UserError } from "../errors.ts";
import type { Run } from "../model.ts";
import { parseReference } from "../store/reference.ts";
import type { Store } from "../store/types.ts";

/** How many of the newest runs are looked through for one that judges a change. */
const lookedThrough = 1_000;

/** The run a reference names: a run's id, the run of an attempt, or without one what `newest` gives. */
export function storedRun(
  store: Store,
  text: string | undefined,
  newest: (store: Store) => Run | undefined = (store) => store.latestRun(),
): Run {
  if (text === undefined) {
    const run = newest(store);
    if (run) return run;
    throw new UserError("There is no run yet", {
      code: "no_run",
      hint: "make one: assay verify",
    });
  }
  const reference = parseReference(text);
  const run = reference.form === "run"
    ? store.run(reference.runId)
    : reference.form === "newest" && reference.name === undefined
    ? store.runs(reference.back)[reference.back - 1]
    : store.attempt(reference)?.run;
  if (run) return run;
  throw new UserError(`There is no run "${text}"`, {
    code: "no_run",
    hint: "assay history lists the runs",
  });
}

/** Whether a run is about the whole project: `assay verify` with nothing left out. */
export function isWhole({ verb, coverage }: Run): boolean {
  return verb === "verify" && coverage?.partial === false;
}

/** What `assay gate` judges by, and the newer runs that it passes over: each about a part, which passed. */
export interface Judged {
  readonly run?: Run;
  readonly passedOver: readonly Run[];
}

/**
 * The newest run that says something of the change, of runs with the newest first. `assay run` and `assay exec`
 * look at one command. A run about a part says nothing of the rest where it passed; where it did not, something is
 * wrong until a whole run says otherwise.
 */
export function judgedRun(newestFirst: Iterable<Run>): Judged {
  const passedOver: Run[] = [];
  for (const run of newestFirst) {
    if (run.verb !== "verify" && run.verb !== "hook") continue;
    const passed = run.state === "finished" && run.recommendation === "ready_for_review";
    if (isWhole(run) || !passed) return { run, passedOver };
    passedOver.push(run);
  }
  return { passedOver };
}

/** The run that `assay gate` judges without a reference. */
export function newestJudged(store: Store): Judged {
  const latest = store.latestRun();
  if (latest && isWhole(latest)) return { run: latest, passedOver: [] };
  return judgedRun(store.runs(lookedThrough));
}
