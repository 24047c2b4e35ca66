/** Finds the stored run that a verb is about. */

import { UserError } from "../errors.ts";
import type { Run } from "../model.ts";
import { clean } from "../report/terminal/clean.ts";
import { openStore } from "../store/mod.ts";
import { parseReference } from "../store/reference.ts";
import type { Store } from "../store/types.ts";
import type { Call } from "./types.ts";

/** Opens the store for a verb that looks at what is there, and says what had to be mended for that. */
export async function openStored(call: Call, root: string): Promise<Store> {
  const store = await openStore(call.io, root, { readOnly: true });
  sayMended(call, store.warnings);
  return store;
}

/** A line for each. */
export function sayMended({ io, json }: Call, warnings: readonly string[]): void {
  if (json) return;
  for (const text of warnings) io.stderr.write(`assay: ${clean(text)}\n`);
}

/**
 * The run a reference names: a run's id, the run of an attempt, or without one the newest that judged a
 * change. `run` and `exec` looked at one command and say nothing of it: they are taken where nothing else is.
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
