/** The environment of a command: the user's, the runner's, and assay's own variables. */

import { attemptMark } from "./stop.ts";

/** What assay tells a command about itself; paths are absolute. */
export interface AttemptFacts {
  readonly runId: string;
  readonly runDir: string;
  readonly attemptId: string;
  readonly runner: string;
  readonly resultFile: string | undefined;
  readonly workspace: string;
}

/** Reports are read by machines and people later, so tools should not wrap lines at 80. */
const defaultColumns = "200";

/** Later ones win, save that nobody but assay sets assay's variables. */
export function attemptEnvironment(
  inherited: Readonly<Record<string, string>>,
  configured: Readonly<Record<string, string>>,
  facts: AttemptFacts,
): Record<string, string> {
  const env: Record<string, string> = {
    COLUMNS: defaultColumns,
    ...inherited,
    ...configured,
    ASSAY: "1",
    ASSAY_RUN_ID: facts.runId,
    ASSAY_RUN_DIR: facts.runDir,
    [attemptMark]: facts.attemptId,
    ASSAY_RUNNER: facts.runner,
    ASSAY_WORKSPACE: facts.workspace,
  };
  // A command inside another assay's command must not be told the outer one's file.
  delete env.ASSAY_RESULT_FILE;
  if (facts.resultFile !== undefined) env.ASSAY_RESULT_FILE = facts.resultFile;
  return env;
}

const secretName = /token|secret|passw|credential|private|api_?key|auth|cookie|session/i;

/** What of the environment is kept as evidence: what was asked for, and never what looks like a secret. */
export function capturedEnvironment(
  env: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  const kept = names.filter((name) => env[name] !== undefined);
  return Object.fromEntries(
    kept.map((
      name,
    ) => [name, secretName.test(name) ? "(not kept: it looks like a secret)" : env[name]!]),
  );
}
