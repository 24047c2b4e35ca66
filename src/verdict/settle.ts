/**
 * The verdict of one command from the facts about it: the lattice of docs/verdicts.md, "Outcomes".
 * Fail beats unknown beats pass, and every fact is a reason. Pure.
 *
 * @module
 */

import type { Denial, Kind, Reason, ReasonCode, Severity, Verdict } from "../model.ts";
import type { ReportParser } from "../plugin.ts";
import { durationText, listed, plural } from "../text/words.ts";
import { denialTexts } from "./_plain_text.ts";
import type { ReportFacts, SettleInput } from "./types.ts";

/** A verdict with its reasons, the most important first; at least one. */
export interface Settled {
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
}

/** What each reason means for a command by itself, in order of importance. */
const verdictOf: Readonly<Record<ReasonCode, Verdict>> = {
  interrupted: "unknown",
  cancelled: "unknown",
  prepare_failed: "unknown",
  lock_timeout: "unknown",
  disk_full: "unknown",
  resource_limit: "unknown",
  submodule_mismatch: "unknown",
  sandbox_unenforced: "unknown",
  tool_missing: "unknown",
  timeout: "fail",
  oom: "fail",
  sandbox_denied: "fail",
  killed: "fail",
  collection_error: "fail",
  disagreement: "fail",
  tests_failed: "fail",
  diagnostics_found: "fail",
  report_truncated: "unknown",
  report_malformed: "unknown",
  report_too_large: "unknown",
  report_overwritten: "unknown",
  report_stale: "unknown",
  report_missing: "unknown",
  no_tests: "unknown",
  all_skipped: "unknown",
  nothing_checked: "unknown",
  uncounted: "unknown",
  no_runner: "unknown",
  not_needed: "unknown",
  exit_nonzero: "fail",
  ok: "pass",
};

const importance = Object.keys(verdictOf);

/** Whether a report of a format with these contents must hold tests to prove anything. */
export function needsTests(holds: ReportParser["holds"], kind: Kind): boolean {
  if (holds === "either") return kind === "test";
  return holds !== "diagnostics";
}

/** Settles what one command's outcome is. */
export function settle(input: SettleInput): Settled {
  const facts = [...processReasons(input), ...reportReasons(input)];
  const reasons = facts.length > 0 ? facts : [cleanReason(input)];
  const verdict = verdictOfAll(input, reasons);
  return { verdict, reasons: reasons.toSorted((one, other) => rank(one) - rank(other)) };

  function rank({ code }: Reason): number {
    const decides = verdictOf[code] === verdict ? 0 : importance.length;
    return decides + importance.indexOf(code);
  }
}

/** Nothing is wrong: a pass, unless tests had to be counted and none was. */
function cleanReason(input: SettleInput): Reason {
  const { uncounted, allowNoTests, holdsTests, report } = input;
  const counted = report?.tests.total ?? 0;
  if (uncounted !== undefined && counted === 0 && !(allowNoTests && holdsTests)) {
    return { code: "uncounted", message: uncounted };
  }
  return { code: "ok", message: okMessage(input) };
}

function verdictOfAll(input: SettleInput, reasons: readonly Reason[]): Verdict {
  if (isCutShort(input)) return "unknown";
  const verdicts = reasons.map(({ code }) => verdictOf[code]);
  return verdicts.includes("fail") ? "fail" : verdicts.includes("unknown") ? "unknown" : "pass";
}

/**
 * A command that ended by itself and left a truncated report: part of the evidence is lost,
 * whatever the exit code says and whatever was read before the break. A person must see why (a full
 * disk, a cap, a pipe), so this is unknown where a report that was never written after a failed
 * command is a failure.
 */
function isCutShort(input: SettleInput): boolean {
  const { resultFormat, report } = input;
  return resultFormat !== "exit-code" && report?.state === "truncated" && endOf(input) === "exited";
}

// Reasons from the report and from comparing the exit code with it.

/** pytest and unittest exit with this code when they collected no test. */
const noTestsExitCode = 5;

/** Every reason the report and the exit code give. */
function reportReasons(input: SettleInput): readonly Reason[] {
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
    case "too_large":
      return [brokenReason(report), ...problems(input, report), ...exitReason(input, "")];
  }
}

/** The message of a pass. */
function okMessage({ exitCode, report }: SettleInput): string {
  const exit = `exit code ${exitCode}`;
  if (report === undefined) return exit;
  const { passed, skipped, flaky } = report.tests;
  const found = report.severities.error + report.severities.warning + report.severities.info;
  const facts = [
    ...(passed > 0 ? [`${plural(passed, "test")} passed`] : []),
    ...(flaky > 0 ? [`${flaky} of them flaky`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(found > 0 ? [`${plural(found, "diagnostic")} below fail_on`] : []),
  ];
  return [exit, ...(facts.length > 0 ? facts : ["no problems reported"])].join(", ");
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
    missing: "report missing",
    stale: "stale report",
    overwritten: "report changed after the command ended",
    malformed: "malformed report",
    truncated: "truncated report",
    too_large: "report too large",
    read: "",
  };
  const code = state === "read" ? "report_malformed" : `report_${state}` as const;
  const says = message ?? "";
  return { code, message: says === "" ? texts[state] : `${texts[state]}: ${says}` };
}

function readReasons(input: SettleInput, report: ReportFacts): readonly Reason[] {
  const found = [...problems(input, report), ...claimReasons(report)];
  return [
    ...found,
    ...emptyReasons(input, report),
    ...uncountedReasons(report),
    ...contradictions(input, report, found),
  ];
}

/** What the report says is wrong. */
function problems(input: SettleInput, report: ReportFacts): readonly Reason[] {
  const { tests, suiteErrors } = report;
  const bad = tests.failed + tests.errored;
  const reasons: Reason[] = [];
  if (suiteErrors > 0) {
    const first = report.suiteError ? `: ${report.suiteError}` : "";
    const message = `${plural(suiteErrors, "error")} outside any test${first}`;
    reasons.push({ code: "collection_error", message });
  }
  if (bad > 0) {
    const share = `${bad} of ${plural(tests.total, "test")}`;
    reasons.push({ code: "tests_failed", message: `${share} ${failedWords(report)}` });
  }
  const severities = failing(input, report);
  if (severities.length > 0) {
    const counts = listed(severities.map((each) => plural(report.severities[each], each)));
    const exit = input.exitCode === 0 ? ", although the exit code is 0" : "";
    reasons.push({ code: "diagnostics_found", message: `${counts}${exit}` });
  }
  return reasons;
}

function failedWords({ tests: { failed, errored } }: ReportFacts): string {
  if (errored === 0) return "failed";
  return failed === 0 ? "errored" : `did not pass (${failed} failed, ${errored} errored)`;
}

/** The severities at or above the limit of which there are diagnostics. */
function failing({ failOn }: SettleInput, { severities: found }: ReportFacts): readonly Severity[] {
  const all: readonly Severity[] = ["error", "warning", "info"];
  const counted = all.slice(0, all.indexOf(failOn) + 1);
  return counted.filter((severity) => found[severity] > 0);
}

/** Claims of the report that do not match what was read of it. */
function claimReasons({ declared, tests, suiteErrors }: ReportFacts): readonly Reason[] {
  const reasons: Reason[] = [];
  const claimed = (declared?.failed ?? 0) + (declared?.errored ?? 0);
  if (claimed > 0 && tests.failed + tests.errored + suiteErrors === 0) {
    const message = `the report declares ${plural(claimed, "failure")} but shows none`;
    reasons.push({ code: "disagreement", message });
  }
  const { tests: total = tests.total, passed = tests.passed } = declared ?? {};
  if (total > tests.total) {
    const message = `the report declares ${plural(total, "test")} but shows ` +
      (tests.total === 0 ? "none" : `only ${tests.total}`);
    reasons.push({ code: "report_truncated", message });
  } else if (total < tests.total) {
    const message = `the report declares ${plural(total, "test")} but shows ${tests.total}`;
    reasons.push({ code: "disagreement", message });
  } else if (passed !== tests.passed) {
    const message = `the report declares ${
      plural(passed, "passed test")
    } but shows ${tests.passed}`;
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
    `no test of ${
      listed(files)
    } was counted: the file ended before its tests did, for example by ` +
    "process.exit; a plain script needs a test of node:test, or another name";
  return [{ code: "uncounted", message }];
}

/** A report that proves nothing because nothing ran or nothing was looked at. */
function emptyReasons(input: SettleInput, report: ReportFacts): readonly Reason[] {
  const { tests, nothingChecked: message, uncountedFiles = [] } = report;
  if (message !== undefined) {
    return [{ code: input.isNarrowed ? "not_needed" : "nothing_checked", message }];
  }
  if (tests.total === 0) {
    const claims = (report.declared?.tests ?? 0) > 0;
    const isTold = claims || report.suiteErrors > 0 || uncountedFiles.length > 0;
    if (isTold || input.allowNoTests || !input.holdsTests) return [];
    return [{ code: "no_tests", message: "no tests in the report" }];
  }
  if (tests.passed + tests.failed + tests.errored > 0) return [];
  if (input.allowNoTests && tests.skipped === tests.total) return [];
  const all = tests.total === 1 ? "the only test was" : `all ${tests.total} tests were`;
  return [{
    code: "all_skipped",
    message: `${all} skipped or expected to fail (xfail, todo); none passed`,
  }];
}

/** Where the exit code and a complete report disagree. */
function contradictions(
  input: SettleInput,
  report: ReportFacts,
  found: readonly Reason[],
): readonly Reason[] {
  if (endOf(input) !== "exited") return [];
  const { tests, suiteErrors, severities } = report;
  if (input.exitCode === 0) {
    const bad = tests.failed + tests.errored + suiteErrors;
    if (bad === 0) return [];
    const message = `exit code 0, but the report shows ${plural(bad, "failure")}`;
    return [{ code: "disagreement", message }];
  }
  if (found.some(({ code }) => code !== "report_truncated")) return [];
  if (found.length > 0 || report.nothingChecked !== undefined) return exitReason(input, "");
  if (tests.total === 0 && input.holdsTests) {
    return input.exitCode === noTestsExitCode ? [] : exitReason(input, "");
  }
  const below = severities.error + severities.warning + severities.info;
  if (below > 0) {
    return exitReason(input, `; the report shows ${plural(below, "diagnostic")} below fail_on`);
  }
  // It failed because of its sandbox, though its tests passed.
  if (decisiveDenials(input).length > 0) return exitReason(input, "");
  const message = `exit code ${input.exitCode}, but the report shows no problem`;
  return [{ code: "disagreement", message }];
}

function exitReason(input: SettleInput, rest: string): readonly Reason[] {
  if (endOf(input) !== "exited" || input.exitCode === 0) return [];
  return [{ code: "exit_nonzero", message: `exit code ${input.exitCode}${rest}` }];
}

// Reasons from the process: how it ended, or why it never ran.

/**
 * How the command ended. `exited`: by itself, with an exit code of its own. `stopped`: by a
 * signal, a limit, or us. `not_run`: its program, or the command as declared, could not be run.
 */
type End = "exited" | "stopped" | "not_run";

function endOf(input: SettleInput): End {
  if (input.timedOut || input.cancelled || input.signal !== null) return "stopped";
  if (isOutOfMemory(input)) return "stopped";
  if (notRunReasons(input).length > 0) return "not_run";
  if (input.exitCode === null || exitSignal(input) !== undefined) return "stopped";
  return "exited";
}

function processReasons(input: SettleInput): readonly Reason[] {
  const { mismatched = [] } = input;
  return [
    ...notRunReasons(input),
    ...mismatched.length === 0 ? [] : [{
      code: "submodule_mismatch" as const,
      message: `what lies in ${listed(mismatched)} is not the commit that is pinned`,
    }],
    ...stopReasons(input),
    ...deniedReasons(input),
  ];
}

function notRunReasons(input: SettleInput): readonly Reason[] {
  const { prepareFailed, lockTimeout, sandboxUnenforced = [] } = input;
  const texts: readonly (readonly [ReasonCode, string | undefined])[] = [
    ["prepare_failed", prepareFailed && `could not be prepared: ${prepareFailed}`],
    ["lock_timeout", lockTimeout && `timed out waiting for the lock "${lockTimeout}"`],
    [
      "sandbox_unenforced",
      sandboxUnenforced.length > 0
        ? `not run: its sandbox is not enforced: ${listed(sandboxUnenforced)}`
        : undefined,
    ],
    ["tool_missing", isToolMissing(input) ? toolMissingMessage(input) : undefined],
  ];
  return texts.flatMap(([code, message]) => message === undefined ? [] : [{ code, message }]);
}

function stopReasons(input: SettleInput): readonly Reason[] {
  const reasons: Reason[] = [];
  if (input.cancelled) {
    reasons.push({ code: "cancelled", message: "cancelled before it ended" });
  }
  if (input.timedOut) {
    const limit = input.timeoutMs === undefined ? "" : ` after ${durationText(input.timeoutMs)}`;
    reasons.push({ code: "timeout", message: `timed out${limit}` });
  }
  if (isOutOfMemory(input)) {
    reasons.push({ code: "oom", message: "killed by the kernel: out of memory" });
  }
  // If a command was cancelled, timed out or ran out of memory, the signal is how it was stopped.
  if (reasons.length > 0 || endOf(input) !== "stopped") return reasons;
  if (deniedBySignal(input, input.signal ?? exitSignal(input))) return reasons;
  return [{ code: "killed", message: killedMessage(input) }];
}

function deniedReasons(input: SettleInput): readonly Reason[] {
  const denials = decisiveDenials(input);
  if (denials.length === 0) return [];
  const signal = input.signal ?? exitSignal(input);
  const ended = signal !== undefined && deniedBySignal(input, signal) ? `, ended by ${signal}` : "";
  const message = `denied by its sandbox: ${denialTexts(denials)}${ended}`;
  return [{ code: "sandbox_denied", message }];
}

function killedMessage(input: SettleInput): string {
  if (input.signal !== null) return `killed by ${input.signal}`;
  const signal = exitSignal(input);
  if (signal === undefined) return "ended without an exit code or a signal";
  return `killed by ${signal} (exit code ${input.exitCode})`;
}

/** 127: not found; 126: found, and not executable (POSIX, 2.8.2 "Exit Status for Commands"). */
function isToolMissing(input: SettleInput): boolean {
  if (isShellsCode(input) && reportExplains(input)) return false;
  return input.toolMissing !== undefined || isShellsCode(input);
}

function isShellsCode({ exitCode }: SettleInput): boolean {
  return exitCode === 126 || exitCode === 127;
}

function toolMissingMessage({ toolMissing, exitCode, notExecutable }: SettleInput): string {
  const name = toolMissing === undefined ? "a program of the command" : `"${toolMissing}"`;
  return exitCode === 126 || notExecutable ? `${name} is not executable` : `${name} not found`;
}

function exitSignal(input: SettleInput): string | undefined {
  if (input.exitCode === null || reportExplains(input)) return undefined;
  return signalOfExitCode(input.exitCode);
}

/**
 * Some tools exit with the number of failures. A complete report that shows failures
 * explains any exit code; a process that was killed, or never ran, would not have written it.
 */
function reportExplains({ report }: SettleInput): boolean {
  if (report?.state !== "read") return false;
  return report.tests.failed + report.tests.errored + report.suiteErrors > 0;
}

// Signals by number, as a shell reports them in its exit code: 128 + the signal's number.

/** Linux numbers on x86 and ARM, from signal(7); index 0 is signal 1. */
const names = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD " +
  "CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";

/** The signal a shell's exit code stands for, such as `SIGSEGV` for 139; `undefined` for others. */
function signalOfExitCode(exitCode: number): string | undefined {
  const name = names.split(" ")[exitCode - 129];
  return name === undefined ? undefined : `SIG${name}`;
}

// What its sandbox's denials say about how a command ended.

/** Whether it failed and its memory limit, or the machine's, killed it or a part of it. */
function isOutOfMemory(input: SettleInput): boolean {
  return input.oom === true || (input.denials ?? []).some(isMemoryKill);
}

/**
 * The denials that explain a failure. A command that succeeded, was stopped by us, or never ran did not fail
 * because of them, unless one of its processes was killed for one: what had to be stopped never passes, whatever
 * a shell around it says. A kill for memory has a reason of its own.
 */
function decisiveDenials(input: SettleInput): readonly Denial[] {
  if (input.cancelled) return [];
  const counts = (denial: Denial) => hasFailed(input) || denial.killed === true;
  return (input.denials ?? []).filter((denial) => !isMemoryKill(denial) && counts(denial));
}

/** Signals an engine or the kernel ends a command with, for its sandbox. */
const endings = ["SIGKILL", "SIGTERM", "SIGXCPU", "SIGSYS"];

/** Whether a denial explains the signal that ended the command. */
function deniedBySignal(input: SettleInput, signal: string | undefined): boolean {
  return endings.includes(signal ?? "") && decisiveDenials(input).some(({ killed }) => killed);
}

function isMemoryKill({ dimension, killed }: Denial): boolean {
  return dimension === "memory" && killed === true;
}

function hasFailed({ exitCode, timedOut }: SettleInput): boolean {
  return exitCode !== 0 || timedOut;
}
