/** `assay report`: a stored run as a report that other tools read. */

import { ExitCode } from "../errors.ts";
import type { Run } from "../model.ts";
import { coverageOf, diagnoseRun, gateRun, ofAttempts, withEvidence } from "../run/judge.ts";
import { joined, openReporting } from "./_reporting.ts";
import { storedRun } from "./_stored.ts";
import { openStored, projectOf, recoveredRoot } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. It does what was asked, so it succeeds whatever the run's result; `assay gate` judges. */
export async function run(call: Call): Promise<ExitCode> {
  const { io } = call;
  const root = await recoveredRoot(call);
  const reporting = await openReporting(call, root, "terminal");
  const project = await projectOf(call, root);
  const store = await openStored(call, root);
  const stored = await storedRun(store, call.args[0]);
  const checked = closed(stored, await withEvidence(io, root, stored));
  const diagnoses = await diagnoseRun(checked, { io, project, store });
  const run = await judged(checked, { io, project });
  const source = { run, diagnoses, annotations: ofAttempts(checked, store) };
  const problems = await reporting.write(source, project, store);
  if (problems.length > 0) throw joined(problems);
  return ExitCode.ok;
}

/** A run that died before its gates were judged gets them now, as `assay gate` would. */
async function judged(run: Run, context: Parameters<typeof gateRun>[2]): Promise<Run> {
  if (run.gates.length > 0 || run.verb === "run") return run;
  const { gates, confidence } = await gateRun(run, coverageOf(run), context);
  return { ...run, gates, confidence };
}

/** A run whose evidence is gone or was changed since proves nothing any more, and must not look as though it did. */
function closed(stored: Run, checked: Run): Run {
  const lost = checked.attempts.filter(({ verdict }, index) =>
    verdict !== stored.attempts[index]!.verdict
  );
  if (lost.length === 0) return stored;
  const kinds = new Set(lost.filter(({ required }) => required).map(({ kind }) => kind as string));
  const reason = "its evidence was changed or removed";
  return {
    ...checked,
    recommendation: "blocked",
    gates: checked.gates.map((gate) =>
      kinds.has(gate.id) && gate.status === "pass"
        ? { ...gate, status: "unknown", score: 0, reason }
        : gate
    ),
  };
}
