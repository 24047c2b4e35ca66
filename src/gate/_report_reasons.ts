/** Reasons that come of the report and of what the exit code says beside it. */

import type { Reason, Severity } from "../model.ts";
import { telling as denialsOf } from "./_denied.ts";
import { endOf } from "./_process_reasons.ts";
import { listed, plural } from "./_text.ts";
import type { ReportFacts, SettleInput } from "./types.ts";

/** pytest and unittest exit with this code when they collected no test. */
const noTestsExitCode = 5;

/** Every reason the report and the exit code give. */
export function reportReasons(input: SettleInput): readonly Reason[] {
  if (input.resultFormat === "exit-code") return exitReason(input, "");
  const { report } = input;
  if (report === undefined) return unreadReasons(input);
  switch (report.state) {
    case "read":
      return readReasons(input, report);
    case "missing":
    case "stale":
    case "overwritten":
    case "malformed":
    case "truncated":
      return [brokenReason(report), ...problems(input, report), ...exitReason(input, "")];
  }
}

/** The sentence of a pass. */
export function okMessage({ exitCode, report }: SettleInput): string {
  const exit = `exit code ${exitCode}`;
  if (report === undefined) return exit;
  const { passed, skipped, flaky } = report.tests;
  const found = report.diagnostics.error + report.diagnostics.warning + report.diagnostics.info;
  const facts = [
    ...(passed > 0 ? [`${plural(passed, "test")} passed`] : []),
    ...(flaky > 0 ? [`${flaky} of them flaky`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(found > 0 ? [`${plural(found, "diagnostic")} below fail_on`] : []),
  ];
  return [exit, ...(facts.length > 0 ? facts : ["the report shows no problem"])].join(", ");
}

function unreadReasons(input: SettleInput): readonly Reason[] {
  if (endOf(input) === "not_run") return [];
  return [
    { code: "report_missing", message: "no report was read" },
    ...exitReason(input, ""),
  ];
}

function brokenReason({ state, message }: ReportFacts): Reason {
  const texts = {
    missing: "the report is not there",
    stale: "the report is older than the attempt",
    overwritten: "the report changed after the command had ended",
    malformed: "the report is not what its format says",
    truncated: "the report breaks off",
    read: "",
  };
  const code = state === "read" ? "report_malformed" : `report_${state}` as const;
  const says = message ?? "";
  return { code, message: says === "" ? texts[state] : `${texts[state]}: ${says}` };
}

function readReasons(input: SettleInput, report: ReportFacts): readonly Reason[] {
  const found = problems(input, report);
  const claims = claimReasons(report);
  const empty = emptyReasons(input, report);
  const uncounted = uncountedReasons(report);
  return [
    ...found,
    ...claims,
    ...empty,
    ...uncounted,
    ...contradictions(input, report, [...found, ...claims]),
  ];
}

/** What the report says is wrong. */
function problems(input: SettleInput, report: ReportFacts): readonly Reason[] {
  const { tests, suiteErrors } = report;
  const bad = tests.failed + tests.errored;
  const reasons: Reason[] = [];
  if (suiteErrors > 0) {
    const first = report.suiteErrorMessage ? `: ${report.suiteErrorMessage}` : "";
    const message = `${plural(suiteErrors, "error")} outside any test${first}`;
    reasons.push({ code: "collection_error", message });
  }
  if (bad > 0) {
    const share = `${bad} of ${plural(tests.total, "test")}`;
    reasons.push({ code: "tests_failed", message: `${share} ${failedWords(report)}` });
  }
  const severities = failing(input, report);
  if (severities.length > 0) {
    const counts = listed(severities.map((each) => plural(report.diagnostics[each], each)));
    const exit = input.exitCode === 0 ? ", though it exited with 0" : "";
    reasons.push({ code: "diagnostics_found", message: `${counts} found${exit}` });
  }
  return reasons;
}

function failedWords({ tests: { failed, errored } }: ReportFacts): string {
  if (errored === 0) return "failed";
  return failed === 0
    ? "ended with an error"
    : `did not pass: ${failed} failed, ${errored} errored`;
}

/** The severities at or above the limit of which there are diagnostics. */
function failing({ failOn }: SettleInput, { diagnostics }: ReportFacts): readonly Severity[] {
  const all: readonly Severity[] = ["error", "warning", "info"];
  const counted = all.slice(0, all.indexOf(failOn) + 1);
  return counted.filter((severity) => diagnostics[severity] > 0);
}

/** Claims of the report that what was read of it does not bear out. */
function claimReasons({ declared, tests, suiteErrors }: ReportFacts): readonly Reason[] {
  const reasons: Reason[] = [];
  const claimed = (declared?.failed ?? 0) + (declared?.errored ?? 0);
  if (claimed > 0 && tests.failed + tests.errored + suiteErrors === 0) {
    const message = `the report declares ${plural(claimed, "failure")} and shows none`;
    reasons.push({ code: "disagreement", message });
  }
  const { tests: total = tests.total, passed = tests.passed } = declared ?? {};
  if (total > tests.total) {
    const message = `the report declares ${plural(total, "test")} and shows ` +
      (tests.total === 0 ? "none" : `only ${tests.total}`);
    reasons.push({ code: "report_truncated", message });
  } else if (total < tests.total) {
    const message = `the report declares ${plural(total, "test")} and shows ${tests.total}`;
    reasons.push({ code: "disagreement", message });
  } else if (passed !== tests.passed) {
    const message = `the report declares ${
      plural(passed, "passed test")
    } and shows ${tests.passed}`;
    reasons.push({ code: "disagreement", message });
  }
  return reasons;
}

/** Files of node:test that ended before any of their tests did: the report shows them as tests that passed. */
function uncountedReasons({ uncountedFiles = [] }: ReportFacts): readonly Reason[] {
  if (uncountedFiles.length === 0) return [];
  const files = uncountedFiles.length > 3
    ? [...uncountedFiles.slice(0, 2), `${uncountedFiles.length - 2} more files`]
    : uncountedFiles;
  const message =
    `no test of ${listed(files)} was counted: look there for process.exit and its like first, ` +
    "since the file ended before its tests were counted; a plain script needs a test of node:test, or another name";
  return [{ code: "uncounted", message }];
}

/** A report that proves nothing because nothing ran, or nothing was looked at. */
function emptyReasons(input: SettleInput, report: ReportFacts): readonly Reason[] {
  const { tests, nothingChecked: message } = report;
  if (message !== undefined) {
    return [{ code: input.isNarrowed ? "not_needed" : "nothing_checked", message }];
  }
  if (tests.total === 0) {
    const claims = (report.declared?.tests ?? 0) > 0;
    const isTold = claims || report.suiteErrors > 0 || report.uncountedFiles !== undefined;
    if (isTold || input.allowNoTests || !input.holdsTests) return [];
    return [{ code: "no_tests", message: "the report holds no tests" }];
  }
  if (tests.passed + tests.failed + tests.errored > 0) return [];
  if (input.allowNoTests && tests.skipped === tests.total) return [];
  const all = tests.total === 1 ? "the only test was" : `all ${tests.total} tests were`;
  return [{
    code: "all_skipped",
    message: `${all} skipped or expected to fail (xfail, todo): nothing passed`,
  }];
}

/** Where the exit code and a report that was read to its end say different things. */
function contradictions(
  input: SettleInput,
  report: ReportFacts,
  told: readonly Reason[],
): readonly Reason[] {
  if (endOf(input) !== "exited") return [];
  const { tests, suiteErrors, diagnostics } = report;
  if (input.exitCode === 0) {
    const bad = tests.failed + tests.errored + suiteErrors;
    if (bad === 0) return [];
    const message = `exit code 0, but the report shows ${plural(bad, "failure")}`;
    return [{ code: "disagreement", message }];
  }
  if (told.some(({ code }) => code !== "report_truncated")) return [];
  if (told.length > 0 || report.nothingChecked !== undefined) return exitReason(input, "");
  if (tests.total === 0 && input.holdsTests) {
    return input.exitCode === noTestsExitCode ? [] : exitReason(input, "");
  }
  const below = diagnostics.error + diagnostics.warning + diagnostics.info;
  if (below > 0) {
    return exitReason(input, `; the report shows ${plural(below, "diagnostic")} below fail_on`);
  }
  // Its sandbox is why it failed though its tests passed.
  if (denialsOf(input).length > 0) return exitReason(input, "");
  const message = `exit code ${input.exitCode}, but the report shows no problem`;
  return [{ code: "disagreement", message }];
}

function exitReason(input: SettleInput, rest: string): readonly Reason[] {
  if (endOf(input) !== "exited" || input.exitCode === 0) return [];
  return [{ code: "exit_nonzero", message: `exit code ${input.exitCode}${rest}` }];
}
