/** What reads reports. */

import type { Frame, Severity, TestStatus } from "./event.ts";

/** The result of one test. A test with several results in its report is reported once, the worst. */
export interface TestReportEvent {
  /** Tells the events apart. */
  readonly kind: "test";
  /** How it ended. */
  readonly status: TestStatus;
  /** The test's own name, without its suite. */
  readonly name: string;
  /** The suite, class or module it belongs to. */
  readonly suite?: string;
  /** As the report names it; assay makes it relative to the root. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** Milliseconds. */
  readonly durationMs?: number;
  /** One line: the assertion's or exception's message. */
  readonly message?: string;
  /** The whole text: diff, stack trace, captured output. */
  readonly details?: string;
  /** The stack, innermost first. */
  readonly frames?: readonly Frame[];
  /** Passed in the end after it had failed. Only with status `passed`. */
  readonly flaky?: boolean;
  /**
   * The runner's word for the whole of `file`, which showed no test of its own, as `node --test` has it. Only with
   * status `passed`. assay looks whether the file has tests that should have been counted.
   */
  readonly isFile?: boolean;
}

/** What a linter, compiler or type checker says of a place. */
export interface DiagnosticReportEvent {
  /** Tells the events apart. */
  readonly kind: "diagnostic";
  /** What the tool calls it, brought to three levels. */
  readonly severity: Severity;
  /** One line. */
  readonly message: string;
  /** Such as `no-explicit-any`. */
  readonly rule?: string;
  /** The tool that speaks, when the report names it. */
  readonly tool?: string;
  /** As the report names it; assay makes it relative to the root. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** Last line, from 1. */
  readonly endLine?: number;
  /** Last column, from 1. */
  readonly endColumn?: number;
  /** Longer text: the code shown, the help. */
  readonly details?: string;
  /** The stack, innermost first. */
  readonly frames?: readonly Frame[];
}

/** An error outside any test: a module that did not import, a suite's set-up that failed. */
export interface SuiteErrorReportEvent {
  /** Tells the events apart. */
  readonly kind: "suite_error";
  /** One line. */
  readonly message: string;
  /** What failed, such as the name of a suite. */
  readonly name?: string;
  /** As the report names it; assay makes it relative to the root. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** Longer text: the stack trace. */
  readonly details?: string;
  /** The stack, innermost first. */
  readonly frames?: readonly Frame[];
}

/**
 * Counts the report claims for itself. They prove nothing, but where they contradict what was read
 * (failures claimed and none shown, more or fewer tests claimed than shown) the report does not pass.
 */
export interface DeclaredReportEvent {
  /** Tells the events apart. */
  readonly kind: "declared";
  /** All tests. */
  readonly tests?: number;
  /** Tests that passed. */
  readonly passed?: number;
  /** Tests that failed. */
  readonly failed?: number;
  /** Tests that could not be run to their end. */
  readonly errored?: number;
  /** Tests that were left out. */
  readonly skipped?: number;
}

/**
 * The report itself says that its tool looked at nothing: every file ignored, none matched. With problems or
 * tests beside it they count too. Only for formats that can tell: an empty list of problems says nothing of it.
 */
export interface NothingCheckedReportEvent {
  /** Tells the events apart. */
  readonly kind: "nothing_checked";
  /** The tool's sentence, one line. */
  readonly message: string;
}

/** Something a person may want to know of how the report was read. It changes no verdict. */
export interface WarningReportEvent {
  /** Tells the events apart. */
  readonly kind: "warning";
  /** A sentence, kept with the attempt's warnings. */
  readonly message: string;
}

/**
 * The report cannot be read on. What was read so far stays as evidence; the verdict is unknown.
 * `malformed`: it is not what the format says. `truncated`: it ends before its end.
 */
export interface BrokenReportEvent {
  /** Tells the events apart. */
  readonly kind: "broken";
  /** Which of the two. */
  readonly reason: "malformed" | "truncated";
  /** What is wrong, one line. */
  readonly message: string;
  /** Where in the report, from 1. */
  readonly line?: number;
  /** Where in the report, from 1. */
  readonly column?: number;
}

/**
 * The report was read to its end. A parser yields this last and only then: a parser that stops without it,
 * or yields it before it has seen the end of its input, counts as truncated, and one that goes on after it
 * as malformed, so that no mistake of a parser can make a pass.
 */
export interface EndReportEvent {
  /** Tells the events apart. */
  readonly kind: "end";
}

/** What a parser reads out of a report, in the report's order. */
export type ReportEvent =
  | TestReportEvent
  | DiagnosticReportEvent
  | SuiteErrorReportEvent
  | DeclaredReportEvent
  | NothingCheckedReportEvent
  | WarningReportEvent
  | BrokenReportEvent
  | EndReportEvent;

/** What a parser may know of where the report comes from. */
export interface ParseContext {
  /** The project root, an absolute path: strip it from file names. */
  readonly root: string;
  /** Where the command ran, an absolute path: relative file names are relative to it. */
  readonly cwd: string;
  /** The report's name for messages: its path, or `standard output`. */
  readonly source: string;
}

/** Reads one report format. Yields batches of events: one array a chunk keeps large reports fast. */
export interface ReportParser {
  /** The `result_format` that chooses this parser, such as `junit-xml`. */
  readonly format: string;
  /** One line for people. */
  readonly description: string;
  /**
   * What a report of this format must hold to prove something.
   *
   * - `tests`: at least one test; a report without any is unknown.
   * - `diagnostics`: nothing; a report that was read to its end and tells of no problem is a pass.
   * - `either`: at least one test when its runner's kind is `test`, else nothing.
   * - `nothing`: it explains an output and never proves anything; no runner can choose it.
   */
  readonly holds: "tests" | "diagnostics" | "either" | "nothing";
  /**
   * Reads a report. Must read all of `input` and end with an {@linkcode EndReportEvent}. It may yield 100 000
   * events and one more for each four bytes it read, and take as long as its command may, or a minute.
   */
  parse(
    input: ReadableStream<Uint8Array>,
    context: ParseContext,
  ): AsyncIterable<ReportEvent | readonly ReportEvent[]>;
}
