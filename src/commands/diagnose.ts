/** `assay diagnose`: what to repair in a stored run, the most blocking first. */

import { ExitCode } from "../errors.ts";
import { diagnoseRun } from "../pipeline/judge.ts";
import { diagnosisList } from "../report/terminal/diagnosis_list.ts";
import { openStore } from "../store/mod.ts";
import { oneArgument } from "./_arguments.ts";
import { storedRun } from "./_stored.ts";
import { projectOf, rootOf } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. It answers what was asked, so it succeeds whatever the run was. */
export async function run(call: Call): Promise<ExitCode> {
  const { io, json } = call;
  const reference = oneArgument(call);
  const root = await rootOf(call);
  const project = await projectOf(call, root);
  const store = await openStore(io, root, { readOnly: true });
  try {
    const stored = storedRun(store, reference);
    const diagnoses = await diagnoseRun(stored, { io, project, store });
    const { run_id, recommendation, state } = stored;
    io.stdout.write(
      json
        ? `${JSON.stringify({ run_id, state, recommendation, diagnoses }, null, 2)}\n`
        : diagnosisList(stored, diagnoses, call),
    );
    return ExitCode.ok;
  } finally {
    store.close();
  }
}
