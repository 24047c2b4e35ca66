/**
 * The contracts a plugin author writes against: the only file of assay's that a plugin imports.
 * Types and two identity helpers, no logic.
 *
 * @module
 */

import type { Frame, Kind, Severity, TestStatus } from "./model.ts";

export type { Frame, Kind, Severity, TestStatus };

/** The result of one test. A test with several results in its report is reported once, the worst. */
export interface TestReportEvent {
  readonly kind: "test";
  readonly status: TestStatus;
  readonly name: string;
  readonly suite?: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  readonly durationMs?: number;
  /** One line: the assertion's or exception's message. */
  readonly message?: string;
  /** The whole text: diff, stack trace, captured output. */
  readonly details?: string;
  readonly frames?: readonly Frame[];
  /** Passed in the end after it had failed. Only with status `passed`. */
  readonly flaky?: boolean;
}

/** What a linter, compiler or type checker says of a place. */
export interface DiagnosticReportEvent {
  readonly kind: "diagnostic";
  readonly severity: Severity;
  readonly message: string;
  readonly rule?: string;
  readonly tool?: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly endLine?: number;
  readonly endColumn?: number;
  readonly details?: string;
  readonly frames?: readonly Frame[];
}

/** An error outside any test: a module that did not import, a suite's set-up that failed. */
export interface SuiteErrorReportEvent {
  readonly kind: "suite_error";
  readonly message: string;
  readonly name?: string;
  readonly file?: string;
  readonly line?: number;
  readonly details?: string;
  readonly frames?: readonly Frame[];
}

/**
 * Counts the report claims for itself. They prove nothing, but where they contradict what was read
 * (failures claimed and none shown, more tests claimed than shown) the report does not pass.
 */
export interface DeclaredReportEvent {
  readonly kind: "declared";
  readonly tests?: number;
  readonly failed?: number;
  readonly errored?: number;
  readonly skipped?: number;
}

/**
 * The report cannot be read on. What was read so far stays as evidence; the verdict is unknown.
 * `malformed`: it is not what the format says. `truncated`: it ends before its end.
 */
export interface BrokenReportEvent {
  readonly kind: "broken";
  readonly reason: "malformed" | "truncated";
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * The report was read to its end. A parser yields this last and only then: a parser that stops
 * without it counts as truncated, so that forgetting it can never make a pass.
 */
export interface EndReportEvent {
  readonly kind: "end";
}

/** What a parser reads out of a report, in the report's order. */
export type ReportEvent =
  | TestReportEvent
  | DiagnosticReportEvent
  | SuiteErrorReportEvent
  | DeclaredReportEvent
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
  /** One line for `assay help formats`. */
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
  parse(
    input: ReadableStream<Uint8Array>,
    context: ParseContext,
  ): AsyncIterable<ReportEvent | readonly ReportEvent[]>;
}

/**
 * One way to detect a stack: a path or glob relative to the root, or a file that must also hold a key
 * (`scripts.test` of a JSON or TOML file) or a piece of text. With a `key`, `contains` and `lacks` look
 * at its value; else at the file, as if a line end stood before its first line. `lacks`: none of these.
 */
export type Detect =
  | string
  | {
    readonly file: string;
    readonly key?: string;
    readonly contains?: string;
    readonly lacks?: string | readonly string[];
  };

/** A runner as written in `plugins.json`; see the README's table "Runner fields". */
export interface Runner {
  readonly id: string;
  readonly kind: Kind;
  readonly description?: string;
  /** Any one of these is enough. */
  readonly detect_file: Detect | readonly Detect[];
  readonly command: string;
  readonly result_file?: string;
  readonly result_format?: string;
  readonly timeout?: string | number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly required?: boolean;
  readonly enabled?: boolean;
  readonly fail_on?: Severity;
  readonly allow_no_tests?: boolean;
  readonly inputs?: readonly string[];
  readonly lock?: string;
  readonly sandbox?: string | Readonly<Record<string, unknown>>;
}

/** What a plugin brings. */
export interface Plugin {
  readonly name: string;
  readonly version?: string;
  readonly parsers?: readonly ReportParser[];
  readonly runners?: readonly Runner[];
}

/** Types a plugin's default export. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
