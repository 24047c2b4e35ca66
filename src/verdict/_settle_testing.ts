/** Facts of commands to settle, for tests. */

import type { TestCounts } from "../model.ts";
import type { ReportFacts, SettleInput } from "./types.ts";

export function counts(part: Partial<TestCounts> = {}): TestCounts {
  const sum = { total: 0, passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0, ...part };
  return { ...sum, total: part.total ?? sum.passed + sum.failed + sum.errored + sum.skipped };
}

export function report(part: Partial<ReportFacts> = {}): ReportFacts {
  return {
    state: "read",
    tests: counts({ passed: 3 }),
    severities: { error: 0, warning: 0, info: 0 },
    suiteErrors: 0,
    ...part,
  };
}

export const exitCodeOnly: SettleInput = {
  kind: "build",
  resultFormat: "exit-code",
  holdsTests: false,
  exitCode: 0,
  signal: null,
  timedOut: false,
  cancelled: false,
  failOn: "error",
  allowNoTests: false,
};

export const tested: SettleInput = {
  ...exitCodeOnly,
  kind: "test",
  resultFormat: "junit-xml",
  holdsTests: true,
  report: report(),
};

export const linted: SettleInput = {
  ...exitCodeOnly,
  kind: "lint",
  resultFormat: "eslint-json",
  report: report({ tests: counts() }),
};

export const uncounted = "let it write a report";
export const failed = report({ tests: counts({ passed: 2, failed: 1 }) });
export const skipped = report({ tests: counts({ skipped: 2 }) });
export const empty = report({ tests: counts() });
export const collected = report({ suiteErrors: 1, suiteError: "No module named x" });
export const idle = report({ tests: counts(), nothingChecked: "every file is ignored" });
export const crashed = { exitCode: null, signal: "SIGSEGV" };
export const killedLate = { exitCode: null, signal: "SIGKILL" };
export const broken = (state: ReportFacts["state"]) =>
  report({ state, tests: counts(), message: "why" });
export const declared = (
  claim: ReportFacts["declared"] & object,
  part: Partial<ReportFacts> = {},
) => report({ declared: claim, ...part });
export const found = (error: number, warning: number, info = 0) =>
  report({ tests: counts(), severities: { error, warning, info } });
