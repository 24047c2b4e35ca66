/** What a report says, and what assay says about a command: the records that plugins read. */

/** Which gate a runner or command contributes to. */
export type Kind = "build" | "test" | "lint";

/** The kinds in the order they are shown. */
export const kinds: readonly Kind[] = ["build", "test", "lint"];

/** The possible verdicts of one command. Unknown is never a pass. */
export type Verdict = "pass" | "fail" | "unknown";

/** Every {@linkcode ReasonCode}. */
export const reasonCodes = [
  "ok",
  "tests_failed",
  "diagnostics_found",
  "exit_nonzero",
  "disagreement",
  "collection_error",
  "timeout",
  "killed",
  "oom",
  "no_tests",
  "all_skipped",
  "report_missing",
  "report_stale",
  "report_malformed",
  "report_truncated",
  "tool_missing",
  "sandbox_unenforced",
  "sandbox_denied",
  "cancelled",
  "lock_timeout",
  "interrupted",
  "prepare_failed",
  "uncounted",
  "nothing_checked",
  "report_overwritten",
  "report_too_large",
  "no_runner",
  "not_needed",
  "submodule_mismatch",
  "disk_full",
  "resource_limit",
] as const;

/** Why a command's verdict is what it is: the closed list in docs/verdicts.md, "Outcomes". */
export type ReasonCode = (typeof reasonCodes)[number];

/** One reason: the stable code and the sentence for people. */
export interface Reason {
  /** Stable. */
  readonly code: ReasonCode;
  /** One sentence; text to be pasted may follow, on separate lines. */
  readonly message: string;
}

/** Severity of a diagnostic that a tool reported. */
export type Severity = "error" | "warning" | "info";

/** One line of a stack trace. */
export interface Frame {
  /** As in the trace; relative to the root if it is inside. */
  readonly file: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** The function's name. */
  readonly function?: string;
}

/** The result of one test. */
export type TestStatus = "passed" | "failed" | "errored" | "skipped";

/** Where an event points. */
export interface Place {
  /** Relative to the root if it is inside. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** From 1. */
  readonly end_line?: number;
  /** From 1. */
  readonly end_column?: number;
}

/** One thing a report says: a test's result, a diagnostic, or an error outside any test. */
export interface Event extends Place {
  /** Number within the attempt, from 1: the last part of a reference such as `test:12:3`. */
  readonly index: number;
  /** What it is. */
  readonly type: "test" | "diagnostic" | "suite_error";
  /** A test's status; else the severity. */
  readonly status: TestStatus | Severity;
  /** The test's name, if any. */
  readonly name?: string;
  /** The suite, class or module the test belongs to. */
  readonly suite?: string;
  /** A diagnostic's rule, such as `no-explicit-any`. */
  readonly rule?: string;
  /** The tool that reported it, if the report names it. */
  readonly tool?: string;
  /** One line. */
  readonly message?: string;
  /** Longer text: the assertion's diff, the raw stack trace. */
  readonly details?: string;
  /** Milliseconds. */
  readonly duration_ms?: number;
  /** Passed in the end after failing. */
  readonly flaky?: boolean;
  /** The stack, innermost first. */
  readonly frames?: readonly Frame[];
  /** Stable when lines move: tool, file, test or rule, normalised message. */
  readonly identity: string;
  /** Shape of the message, the same for one cause in many places. */
  readonly cluster: string;
}

/** Where an annotation is shown: with its event everywhere, in `assay inspect` only, or nowhere. */
export type Display = "inline" | "detail" | "hidden";
