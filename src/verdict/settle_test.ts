import { assertEquals } from "@std/assert";
import type { ReasonCode, Verdict } from "../model.ts";
import {
  broken,
  collected,
  counts,
  crashed,
  declared,
  empty,
  exitCodeOnly,
  failed,
  found,
  idle,
  killedLate,
  linted,
  report,
  skipped,
  tested,
  uncounted,
} from "./_settle_testing.ts";
import { needsTests, settle } from "./settle.ts";
import type { SettleInput } from "./types.ts";

type Row = readonly [string, SettleInput, Verdict, ...ReasonCode[]];

const rows: readonly Row[] = [
  ["exit code alone, 0", exitCodeOnly, "pass", "ok"],
  ["exit code alone, 1", { ...exitCodeOnly, exitCode: 1 }, "fail", "exit_nonzero"],
  ["tests passed", tested, "pass", "ok"],
  ["tests passed, and had to be counted", { ...tested, uncounted }, "pass", "ok"],
  [
    "tests had to be counted, and there is the exit code alone",
    { ...exitCodeOnly, kind: "test", uncounted },
    "unknown",
    "uncounted",
  ],
  [
    "the same, failed",
    { ...exitCodeOnly, kind: "test", exitCode: 1, uncounted },
    "fail",
    "exit_nonzero",
  ],
  [
    "tests had to be counted, in a report that holds none",
    { ...linted, kind: "test", uncounted },
    "unknown",
    "uncounted",
  ],
  [
    "allow_no_tests speaks of reports that hold tests",
    { ...exitCodeOnly, kind: "test", allowNoTests: true, uncounted },
    "unknown",
    "uncounted",
  ],
  [
    "tests had to be counted, and none is allowed",
    { ...tested, report: empty, allowNoTests: true, uncounted },
    "pass",
    "ok",
  ],
  [
    "flaky test passed",
    { ...tested, report: report({ tests: counts({ passed: 1, flaky: 1 }) }) },
    "pass",
    "ok",
  ],
  ["clean lint", linted, "pass", "ok"],

  ["tests failed", { ...tested, exitCode: 1, report: failed }, "fail", "tests_failed"],
  [
    "a test errored",
    { ...tested, exitCode: 1, report: report({ tests: counts({ passed: 1, errored: 1 }) }) },
    "fail",
    "tests_failed",
  ],
  [
    "tests failed, exit 0",
    { ...tested, report: failed },
    "fail",
    "disagreement",
    "tests_failed",
  ],
  ["report clean, exit 1", { ...tested, exitCode: 1 }, "fail", "disagreement"],
  ["lint report clean, exit 1", { ...linted, exitCode: 1 }, "fail", "disagreement"],
  [
    "the number of failures is the exit code",
    {
      ...tested,
      exitCode: 130,
      report: report({ tests: counts({ passed: 1, failed: 130 }) }),
    },
    "fail",
    "tests_failed",
  ],
  [
    "127 failures are no missing tool",
    {
      ...tested,
      exitCode: 127,
      toolMissing: "mocha",
      report: report({ tests: counts({ failed: 127 }) }),
    },
    "fail",
    "tests_failed",
  ],

  ["lint errors", { ...linted, exitCode: 1, report: found(2, 1) }, "fail", "diagnostics_found"],
  ["lint errors, exit 0", { ...linted, report: found(2, 1) }, "fail", "diagnostics_found"],
  ["lint warnings, exit 0", { ...linted, report: found(0, 1) }, "pass", "ok"],
  [
    "lint warnings, exit 1",
    { ...linted, exitCode: 1, report: found(0, 1) },
    "fail",
    "exit_nonzero",
  ],
  [
    "lint warnings, fail_on warning",
    { ...linted, failOn: "warning", report: found(0, 1) },
    "fail",
    "diagnostics_found",
  ],
  [
    "lint infos, fail_on warning",
    { ...linted, failOn: "warning", report: found(0, 0, 4) },
    "pass",
    "ok",
  ],
  [
    "lint infos, fail_on info",
    { ...linted, failOn: "info", report: found(0, 0, 4) },
    "fail",
    "diagnostics_found",
  ],

  [
    "collection error, exit 2",
    { ...tested, exitCode: 2, report: collected },
    "fail",
    "collection_error",
  ],
  [
    "collection error, exit 0",
    { ...tested, report: collected },
    "fail",
    "collection_error",
    "disagreement",
  ],
  [
    "collection error and no tests",
    { ...tested, exitCode: 2, report: report({ tests: counts(), suiteErrors: 2 }) },
    "fail",
    "collection_error",
  ],
  [
    "collection error, no tests, allow_no_tests",
    {
      ...tested,
      allowNoTests: true,
      report: report({ tests: counts(), suiteErrors: 2 }),
    },
    "fail",
    "collection_error",
    "disagreement",
  ],

  ["no tests", { ...tested, report: empty }, "unknown", "no_tests"],
  ["no tests, exit 5", { ...tested, exitCode: 5, report: empty }, "unknown", "no_tests"],
  [
    "no tests, exit 1",
    { ...tested, exitCode: 1, report: empty },
    "fail",
    "exit_nonzero",
    "no_tests",
  ],
  ["no tests, allowed", { ...tested, allowNoTests: true, report: empty }, "pass", "ok"],
  [
    "no tests, exit 5, allowed",
    { ...tested, exitCode: 5, allowNoTests: true, report: empty },
    "pass",
    "ok",
  ],
  [
    "no tests, exit 1, allowed",
    { ...tested, exitCode: 1, allowNoTests: true, report: empty },
    "fail",
    "exit_nonzero",
  ],
  ["exit 5 with tests", { ...tested, exitCode: 5, allowNoTests: true }, "fail", "disagreement"],
  [
    "exit 5 without a report",
    { ...exitCodeOnly, exitCode: 5, allowNoTests: true },
    "fail",
    "exit_nonzero",
  ],
  [
    "no tests in a lint report of a test format",
    { ...linted, resultFormat: "junit-xml", holdsTests: true },
    "unknown",
    "no_tests",
  ],
  ["all skipped", { ...tested, report: skipped }, "unknown", "all_skipped"],
  ["all skipped, allowed", { ...tested, allowNoTests: true, report: skipped }, "pass", "ok"],
  [
    "all skipped, exit 1",
    { ...tested, exitCode: 1, report: skipped },
    "fail",
    "disagreement",
    "all_skipped",
  ],
  [
    "tests that neither ran nor were skipped",
    { ...tested, allowNoTests: true, report: report({ tests: counts({ total: 4 }) }) },
    "unknown",
    "all_skipped",
  ],

  [
    "counts without tests",
    { ...tested, report: declared({ tests: 9, failed: 0 }, { tests: counts() }) },
    "unknown",
    "report_truncated",
  ],
  [
    "counts without tests, allow_no_tests",
    {
      ...tested,
      allowNoTests: true,
      report: declared({ tests: 9 }, { tests: counts() }),
    },
    "unknown",
    "report_truncated",
  ],
  [
    "more tests declared than shown",
    { ...tested, report: declared({ tests: 9 }) },
    "unknown",
    "report_truncated",
  ],
  [
    "more tests declared than shown, exit 1",
    { ...tested, exitCode: 1, report: declared({ tests: 9 }) },
    "fail",
    "exit_nonzero",
    "report_truncated",
  ],
  [
    "as many declared as shown",
    { ...tested, report: declared({ tests: 3, passed: 3 }) },
    "pass",
    "ok",
  ],
  [
    "fewer tests declared than shown",
    { ...tested, report: declared({ tests: 1 }) },
    "fail",
    "disagreement",
  ],
  [
    "no tests declared, some shown",
    { ...tested, report: declared({ tests: 0 }) },
    "fail",
    "disagreement",
  ],
  [
    "fewer passed tests declared than shown",
    { ...tested, report: declared({ tests: 3, passed: 2 }) },
    "fail",
    "disagreement",
  ],
  [
    "more passed tests declared than shown",
    { ...tested, report: declared({ passed: 4 }) },
    "fail",
    "disagreement",
  ],
  [
    "more tests and passed tests declared than shown",
    { ...tested, report: declared({ tests: 9, passed: 9 }) },
    "unknown",
    "report_truncated",
  ],
  [
    "failures declared, none shown",
    { ...tested, report: declared({ tests: 3, failed: 1 }) },
    "fail",
    "disagreement",
  ],
  [
    "errors declared, none shown, exit 1",
    { ...tested, exitCode: 1, report: declared({ errored: 1 }) },
    "fail",
    "disagreement",
  ],
  [
    "failures declared and no tests at all",
    { ...tested, report: declared({ tests: 3, failed: 1 }, { tests: counts() }) },
    "fail",
    "disagreement",
    "report_truncated",
  ],

  [
    "a file of tests that were not counted, beside tests that passed",
    { ...tested, report: report({ uncountedFiles: ["a.test.js"] }) },
    "unknown",
    "uncounted",
  ],
  [
    "nothing but files of tests that were not counted, allow_no_tests",
    {
      ...tested,
      allowNoTests: true,
      report: report({ tests: counts(), uncountedFiles: ["a.test.js"] }),
    },
    "unknown",
    "uncounted",
  ],
  ["nothing was looked at", { ...linted, report: idle }, "unknown", "nothing_checked"],
  [
    "nothing of what changed was to be looked at",
    { ...linted, report: idle, isNarrowed: true },
    "unknown",
    "not_needed",
  ],
  ["clean lint of what changed", { ...linted, isNarrowed: true }, "pass", "ok"],
  [
    "nothing was looked at, exit 1",
    { ...linted, report: idle, exitCode: 1, isNarrowed: true },
    "fail",
    "exit_nonzero",
    "not_needed",
  ],
  [
    "nothing was looked at, and an error found",
    { ...linted, report: { ...found(1, 0), nothingChecked: "none" }, exitCode: 1 },
    "fail",
    "diagnostics_found",
    "nothing_checked",
  ],

  ["missing, exit 0", { ...tested, report: broken("missing") }, "unknown", "report_missing"],
  ["stale, exit 0", { ...tested, report: broken("stale") }, "unknown", "report_stale"],
  ["malformed, exit 0", { ...tested, report: broken("malformed") }, "unknown", "report_malformed"],
  ["truncated, exit 0", { ...tested, report: broken("truncated") }, "unknown", "report_truncated"],
  [
    "missing, exit 4",
    { ...tested, exitCode: 4, report: broken("missing") },
    "fail",
    "exit_nonzero",
    "report_missing",
  ],
  [
    "stale, exit 1",
    { ...tested, exitCode: 1, report: broken("stale") },
    "fail",
    "exit_nonzero",
    "report_stale",
  ],
  [
    "malformed, exit 2",
    { ...tested, exitCode: 2, report: broken("malformed") },
    "fail",
    "exit_nonzero",
    "report_malformed",
  ],
  [
    "truncated, exit 1: evidence is lost",
    { ...tested, exitCode: 1, report: broken("truncated") },
    "unknown",
    "report_truncated",
    "exit_nonzero",
  ],
  [
    "truncated after a failed test: evidence is lost",
    { ...tested, exitCode: 1, report: { ...failed, state: "truncated" } },
    "unknown",
    "report_truncated",
    "tests_failed",
    "exit_nonzero",
  ],
  [
    "truncated after passed tests, allow_no_tests",
    { ...tested, allowNoTests: true, report: report({ state: "truncated" }) },
    "unknown",
    "report_truncated",
  ],
  [
    "a report was expected and was not looked for",
    { ...exitCodeOnly, resultFormat: "junit-xml" },
    "unknown",
    "report_missing",
  ],

  ["timeout", { ...exitCodeOnly, ...killedLate, timedOut: true }, "fail", "timeout"],
  ["timeout, exit 0", { ...tested, timedOut: true, timeoutMs: 60_000 }, "fail", "timeout"],
  [
    "timeout, report truncated",
    { ...tested, ...killedLate, timedOut: true, report: broken("truncated") },
    "fail",
    "timeout",
    "report_truncated",
  ],
  ["killed", { ...exitCodeOnly, ...crashed }, "fail", "killed"],
  ["killed with a clean report", { ...tested, ...crashed }, "fail", "killed"],
  ["killed as the shell tells it", { ...exitCodeOnly, exitCode: 139 }, "fail", "killed"],
  ["killed with a clean report, shell", { ...tested, exitCode: 137 }, "fail", "killed"],
  ["no signal has this number", { ...exitCodeOnly, exitCode: 200 }, "fail", "exit_nonzero"],
  ["out of memory", { ...exitCodeOnly, ...killedLate, oom: true }, "fail", "oom"],
  ["no exit code and no signal", { ...exitCodeOnly, exitCode: null }, "fail", "killed"],
  [
    "killed, report missing",
    { ...tested, ...crashed, report: broken("missing") },
    "fail",
    "killed",
    "report_missing",
  ],

  ["cancelled", { ...exitCodeOnly, ...killedLate, cancelled: true }, "unknown", "cancelled"],
  ["cancelled too late", { ...tested, cancelled: true }, "unknown", "cancelled"],
  [
    "cancelled after a test had failed",
    { ...tested, ...killedLate, cancelled: true, report: { ...failed, state: "truncated" } },
    "fail",
    "tests_failed",
    "cancelled",
    "report_truncated",
  ],
  ["tool missing, 127", { ...exitCodeOnly, exitCode: 127 }, "unknown", "tool_missing"],
  ["tool not executable, 126", { ...exitCodeOnly, exitCode: 126 }, "unknown", "tool_missing"],
  [
    "tool missing in a pipeline, exit 0",
    { ...exitCodeOnly, toolMissing: "tsc" },
    "unknown",
    "tool_missing",
  ],
  [
    "tool missing, report missing",
    { ...tested, exitCode: 127, toolMissing: "pytest", report: broken("missing") },
    "unknown",
    "tool_missing",
    "report_missing",
  ],
  ["tool missing after a clean report", { ...tested, exitCode: 127 }, "unknown", "tool_missing"],
  [
    "sandbox not enforced",
    { ...tested, exitCode: null, report: undefined!, sandboxUnenforced: ["network"] },
    "unknown",
    "sandbox_unenforced",
  ],
  ["sandbox enforced", { ...exitCodeOnly, sandboxUnenforced: [] }, "pass", "ok"],
  [
    "lock not free",
    { ...exitCodeOnly, exitCode: null, lockTimeout: "db" },
    "unknown",
    "lock_timeout",
  ],
  [
    "not prepared",
    { ...exitCodeOnly, exitCode: null, prepareFailed: "the extension threw" },
    "unknown",
    "prepare_failed",
  ],
];

for (const [name, input, verdict, ...codes] of rows) {
  Deno.test(`settle: ${name}`, () => {
    const settled = settle(input);
    assertEquals(settled.reasons.map(({ code }) => code), codes);
    assertEquals(settled.verdict, verdict);
  });
}

Deno.test("what a report must hold follows from its format, and for mixed ones from the kind", () => {
  assertEquals(needsTests("tests", "lint"), true);
  assertEquals(needsTests("nothing", "lint"), true);
  assertEquals(needsTests("diagnostics", "test"), false);
  assertEquals(needsTests("either", "test"), true);
  assertEquals(needsTests("either", "build"), false);
});
