/** Finds the stored run that a verb is about. */

import { UserError } from "../errors.ts";
import type { Run } from "../model.ts";
import { parseReference } from "../store/reference.ts";
import type { Store } from "../store/types.ts";

/** How many of the newest runs are looked through for one of `assay verify`. */
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

/** The newest `assay verify`: a later `run` or `exec` looked at one command and says nothing of the change. */
export function newestVerify(store: Store): Run | undefined {
  const latest = store.latestRun();
  if (latest === undefined || latest.verb === "verify") return latest;
  return store.runs(lookedThrough).find((run) => run.verb === "verify");
}
