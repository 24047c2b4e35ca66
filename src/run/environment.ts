/** The environment of a command: the user's first, assay's own variables last. */

import { isSecretName } from "../sandbox/environment.ts";
import { attemptMark } from "../process/stop.ts";

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

/** The environment extensions start from. */
export function baseEnvironment(
  inherited: Readonly<Record<string, string>>,
): Record<string, string> {
  return { COLUMNS: defaultColumns, ...inherited };
}

/** The environment with assay's variables, which nobody else sets or takes away. */
export function withFacts(
  env: Readonly<Record<string, string>>,
  facts: AttemptFacts,
): Record<string, string> {
  // A command inside another assay's command must not be told the outer one's file.
  const { ASSAY_RESULT_FILE: _, ...rest } = env;
  return {
    ...rest,
    ASSAY: "1",
    ASSAY_RUN_ID: facts.runId,
    ASSAY_RUN_DIR: facts.runDir,
    [attemptMark]: facts.attemptId,
    ASSAY_RUNNER: facts.runner,
    ASSAY_WORKSPACE: facts.workspace,
    ...(facts.resultFile === undefined ? {} : { ASSAY_RESULT_FILE: facts.resultFile }),
  };
}

/** What of the environment is kept as evidence: what was asked for, and never what looks like a secret. */
export function capturedEnvironment(
  env: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  const kept = names.filter((name) => env[name] !== undefined);
  return Object.fromEntries(
    kept.map((
      name,
    ) => [name, isSecretName(name) ? "(not kept: it looks like a secret)" : env[name]!]),
  );
}
