/** `assay diagnose`: what to fix in a stored run, the most severe first. */

import type { ExitCode } from "../errors.ts";
import { diagnoseRun, ofAttempts } from "../run/judge.ts";
import { storedRun } from "./_stored.ts";
import { openStored, projectOf, recoveredRoot, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. It answers what was asked, so it succeeds whatever the run was. */
export async function run(call: Call): Promise<ExitCode> {
  const root = await recoveredRoot(call);
  const project = await projectOf(call, root);
  const store = await openStored(call, root);
  const stored = await storedRun(store, call.args[0]);
  const diagnoses = await diagnoseRun(stored, { io: call.io, project, store });
  const annotations = ofAttempts(stored, store);
  const { run_id, recommendation, state } = stored;
  const latest = call.args[0] === undefined ? store.latestRun() : undefined;
  const isOther = latest && latest.seq > stored.seq && latest.recommendation !== "ready_for_review";
  const look = { ...call, now: call.io.now() };
  return await tell(
    call,
    { run_id, state, recommendation, diagnoses, annotations },
    ({ diagnosisList }) =>
      diagnosisList(stored, diagnoses, look, annotations, isOther ? latest : undefined),
  );
}
