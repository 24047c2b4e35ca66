/** Whether the evidence of a stored run is still what it was. */

import { join } from "@std/path";
import type { Io } from "../io.ts";
import type { Artifact, Attempt, Reason, Run } from "../model.ts";

/**
 * The run with every passed attempt unknown whose outputs or report are gone or no longer have the hash
 * they were kept with: what cannot be shown any more is no evidence.
 */
export async function withEvidence(io: Io, root: string, run: Run): Promise<Run> {
  const attempts = await Promise.all(run.attempts.map(async (attempt): Promise<Attempt> => {
    if (attempt.verdict !== "pass") return attempt;
    const problems = await Promise.all(attempt.artifacts.map((each) => problemOf(io, root, each)));
    const reasons = problems.filter((problem) => problem !== undefined);
    return reasons.length === 0 ? attempt : { ...attempt, verdict: "unknown", reasons };
  }));
  return { ...run, attempts };
}

async function problemOf(io: Io, root: string, artifact: Artifact): Promise<Reason | undefined> {
  const path = join(root, artifact.path);
  const info = await io.fs.stat(path);
  if (!info?.isFile) {
    return { code: "report_missing", message: `the evidence ${artifact.path} is gone` };
  }
  const { sha256 } = await io.fs.sha256(path);
  if (sha256 === artifact.sha256) return undefined;
  return {
    code: "report_malformed",
    message: `the evidence ${artifact.path} is not what it was (its SHA-256 differs)`,
  };
}
