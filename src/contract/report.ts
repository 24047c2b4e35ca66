/** Reading reports. */

import type { Frame, Severity, TestStatus } from "./event.ts";

/** The result of one test. A test with several results in its report is reported once, with the worst. */
export interface TestReportEvent {
  /** Discriminates the events. */
  readonly kind: "test";
  /** How it ended. */
  readonly status: TestStatus;
  /** The test's own name, without its suite. */
  readonly name: string;
  /** The suite, class or module it belongs to. */
  readonly suite?: string;
  /** As in the report; assay makes it relative to the root. */
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
  /** Passed in the end after failing. Only with status `passed`. */
  readonly flaky?: boolean;
  /**
   * The runner's result for the whole of `file`, which showed no test of its own, as with `node --test`. Only with
   * status `passed`. assay checks whether the file has tests that should have been counted.
   */
  readonly isFile?: boolean;
}

/** What a linter, compiler or type checker says about a place. */
export interface DiagnosticReportEvent {
  /** Discriminates the events. */
  readonly kind: "diagnostic";
  /** The tool's severity, mapped to three levels. */
  readonly severity: Severity;
  /** One line. */
  readonly message: string;
  /** Such as `no-explicit-any`. */
  readonly rule?: string;
  /** The tool that reported it, if the report names it. */
  readonly tool?: string;
  /** As in the report; assay makes it relative to the root. */
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
  /** Discriminates the events. */
  readonly kind: "suite_error";
  /** One line. */
  readonly message: string;
  /** What failed, such as the name of a suite. */
  readonly name?: string;
  /** As in the report; assay makes it relative to the root. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** Longer text: the stack trace. */
  readonly details?: string;
  /** The stack, innermost first. */
  readonly frames?: readonly Frame[];
}

/**
 * Counts that the report states itself. They prove nothing, but if they contradict what was read
 * (failures claimed but not shown, more or fewer tests claimed than shown) the report does not pass.
 */
export interface DeclaredReportEvent {
  /** Discriminates the events. */
  readonly kind: "declared";
  /** All tests. */
  readonly tests?: number;
  /** Tests that passed. */
  readonly passed?: number;
  /** Tests that failed. */
  readonly failed?: number;
  /** Tests that could not be completed. */
  readonly errored?: number;
  /** Tests that were skipped. */
  readonly skipped?: number;
}

/**
 * The report itself says that its tool looked at nothing: every file ignored, none matched. Problems or
 * tests next to it count too. Only for formats that can tell: an empty list of problems does not say so.
 */
export interface NothingCheckedReportEvent {
  /** Discriminates the events. */
  readonly kind: "nothing_checked";
  /** The tool's sentence, one line. */
  readonly message: string;
}

/** Something people may want to know about how the report was read. It changes no verdict. */
export interface WarningReportEvent {
  /** Discriminates the events. */
  readonly kind: "warning";
  /** A sentence, kept with the attempt's warnings. */
  readonly message: string;
}

/**
 * The report cannot be read further. What was read so far stays as evidence; the verdict is unknown.
 * `malformed`: it violates the format. `truncated`: it ends too early. `too_large`: the parser reads no
 * more than a limit, which the message states.
 */
export interface BrokenReportEvent {
  /** Discriminates the events. */
  readonly kind: "broken";
  /** Which of the three. */
  readonly reason: "malformed" | "truncated" | "too_large";
  /** What is wrong, one line. */
  readonly message: string;
  /** Line in the report, from 1. */
  readonly line?: number;
  /** Column in the report, from 1. */
  readonly column?: number;
}

/**
 * The report was read to its end. A parser yields this last: one that stops without it,
 * or yields it before it has seen the end of its input, counts as truncated, and one that continues after it
 * as malformed, so that a parser's mistake cannot cause a pass.
 */
export interface EndReportEvent {
  /** Discriminates the events. */
  readonly kind: "end";
}

/** What a parser reads from a report, in the report's order. */
export type ReportEvent =
  | TestReportEvent
  | DiagnosticReportEvent
  | SuiteErrorReportEvent
  | DeclaredReportEvent
  | NothingCheckedReportEvent
  | WarningReportEvent
  | BrokenReportEvent
  | EndReportEvent;

/** What a parser may know about where the report comes from. */
export interface ParseContext {
  /** The project root, an absolute path: strip it from file names. */
  readonly root: string;
  /** Where the command ran, an absolute path: relative file names are relative to it. */
  readonly cwd: string;
  /** The report's name for messages: its path, or `standard output`. */
  readonly source: string;
}

/** Reads one report format. Yields batches of events: one array per chunk keeps large reports fast. */
export interface ReportParser {
  /** The `result_format` that chooses this parser, such as `junit-xml`. */
  readonly format: string;
  /** One line for people. */
  readonly description: string;
  /**
   * What a report of this format must contain to prove something.
   *
   * - `tests`: at least one test; a report without any is unknown.
   * - `diagnostics`: nothing; a report that was read to its end and shows no problem is a pass.
   * - `either`: at least one test when its runner's kind is `test`, else nothing.
   * - `nothing`: it explains an output and never proves anything; runners cannot choose it.
   */
  readonly holds: "tests" | "diagnostics" | "either" | "nothing";
  /**
   * Reads a report. Must read all of `input` and end with an {@linkcode EndReportEvent}. It may yield 100,000
   * events plus one per four bytes read, and take as long as its command may, or a minute.
   */
  parse(
    input: ReadableStream<Uint8Array>,
    context: ParseContext,
  ): AsyncIterable<ReportEvent | readonly ReportEvent[]>;
}
