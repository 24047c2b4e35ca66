/** `assay diagnose`: what to repair in a stored run, the most blocking first. */

import { ExitCode } from "../errors.ts";
import { diagnoseRun, ofAttempts } from "../run/judge.ts";
import { oneArgument } from "./_arguments.ts";
import { openStored, storedRun } from "./_stored.ts";
import { tell } from "./_tell.ts";
import { projectOf, recoveredRoot } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. It answers what was asked, so it succeeds whatever the run was. */
export async function run(call: Call): Promise<ExitCode> {
  const { io } = call;
  const reference = oneArgument(call);
  const root = await recoveredRoot(call);
  const project = await projectOf(call, root);
  const store = await openStored(call, root);
  try {
    const stored = await storedRun(store, reference);
    const diagnoses = await diagnoseRun(stored, { io, project, store });
    const annotations = ofAttempts(stored, store);
    const { run_id, recommendation, state } = stored;
    await tell(
      call,
      { run_id, state, recommendation, diagnoses, annotations },
      ({ diagnosisList }) => diagnosisList(stored, diagnoses, call, annotations),
    );
    return ExitCode.ok;
  } finally {
    store.close();
  }
}
