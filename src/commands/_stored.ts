/** Finds the stored run that a verb is about. */

import { UserError } from "../errors.ts";
import type { Run } from "../model.ts";
import { parseReference } from "../store/reference.ts";
import type { Store } from "../store/types.ts";

/** The run a reference names: a run's id, the run of an attempt, or the newest run without one. */
export function storedRun(store: Store, text: string | undefined): Run {
  if (text === undefined) {
    const run = store.latestRun();
    if (run) return run;
    throw new UserError("There is no run yet", { code: "no_run", hint: "make one: assay verify" });
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
