/**
 * One `<testcase>` and the results inside it, made into one event.
 *
 * @module
 */

import type { Frame, SuiteErrorReportEvent, TestReportEvent } from "../../src/plugin.ts";
import { framesOf, ownFrame } from "./_frames.ts";
import { millisecondsOf } from "./_seconds.ts";
import type { Places } from "./_source_file.ts";
import { detailsText, firstLine, oneLine } from "./_text_clean.ts";
import type { Attributes } from "./_xml.ts";

/** What an element inside a test case says of it. Rank: the first outweighs those after it. */
export const resultKinds = ["error", "failure", "skipped", "flaky", "rerun"] as const;

/** One of {@linkcode resultKinds}. */
export type ResultKind = (typeof resultKinds)[number];

/** One result: `<failure message="…" type="…">body</failure>`. */
export interface CaseResult {
  readonly kind: ResultKind;
  readonly message: string | undefined;
  readonly type: string | undefined;
  body: string;
}

/** What a test case takes from the suites around it. */
export interface Surroundings extends Places {
  readonly suite: string | undefined;
  readonly suiteFile: string | undefined;
  /** Lines count from 0, as pytest writes them. */
  readonly linesFromZero: boolean;
  fileOf(name: string): string;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** The event of a test case: the worst of its results, or passed when it has none. */
export function caseEvent(
  attributes: Attributes,
  results: readonly CaseResult[],
  around: Surroundings,
): TestReportEvent {
  const worst = worstOf(results);
  const event: Writable<TestReportEvent> = {
    kind: "test",
    status: statusOf(attributes, worst?.kind),
    name: oneLine(attributes.name ?? "") || "(unnamed)",
  };
  const suite = attributes.classname || around.suite;
  if (suite) event.suite = oneLine(suite);
  const durationMs = millisecondsOf(attributes.time);
  if (durationMs !== undefined) event.durationMs = durationMs;
  if (worst) Object.assign(event, textOf(worst, results, around, phpunitTitle(attributes)));
  if (event.status === "passed" && worst?.kind === "flaky") event.flaky = true;
  place(event, attributes, around);
  return event;
}

/** The event of an `<error>` or `<failure>` directly under a suite. */
export function suiteErrorEvent(result: CaseResult, around: Surroundings): SuiteErrorReportEvent {
  const { message, ...rest } = textOf(result, [result], around, "");
  const own = ownFrame(rest.frames ?? []);
  const file = own?.file ?? (around.suiteFile && around.fileOf(around.suiteFile));
  return {
    kind: "suite_error",
    message: message ?? "an error outside any test",
    ...(around.suite ? { name: oneLine(around.suite) } : {}),
    ...(file ? { file } : {}),
    ...(own?.line === undefined ? {} : { line: own.line }),
    ...rest,
  };
}

function worstOf(results: readonly CaseResult[]): CaseResult | undefined {
  if (results.length < 2) return results[0];
  return resultKinds.map((kind) => results.find((result) => result.kind === kind)).find(Boolean);
}

/** A test case's own word, where it has no element that says it: gtest, CTest, NUnit's converters. */
const words: Readonly<Record<string, TestReportEvent["status"]>> = {
  notrun: "skipped",
  disabled: "skipped",
  suppressed: "skipped",
  skipped: "skipped",
  fail: "failed",
  failed: "failed",
  failure: "failed",
  error: "errored",
  errored: "errored",
};

function statusOf(
  { status, result }: Attributes,
  kind: ResultKind | undefined,
): TestReportEvent["status"] {
  if (kind === "error") return "errored";
  // A rerun that failed, and nothing that says how it ended: not known to pass.
  if (kind === "failure" || kind === "rerun") return "failed";
  if (kind === "skipped") return "skipped";
  if (status === undefined && result === undefined) return "passed";
  const said = [status, result].map((word) => words[word?.trim().toLowerCase() ?? ""]);
  return said.find((word) => word === "failed" || word === "errored") ??
    said.find((word) => word === "skipped") ?? "passed";
}

interface EventText {
  message?: string;
  details?: string;
  frames?: readonly Frame[];
}

function textOf(
  worst: CaseResult,
  results: readonly CaseResult[],
  places: Places,
  title: string,
): EventText {
  const text: EventText = {};
  const message = summaryOf(worst.message) || summaryOf(withoutTitle(worst.body, title)) ||
    firstLine(worst.type ?? "");
  if (message) text.message = message;
  const whole = results.filter(({ kind }) => kind === worst.kind).map(wholeText)
    .filter((part) => part !== "").join("\n\n");
  const details = detailsText(whole);
  if (details !== "" && details.trim() !== message) text.details = details;
  if (worst.kind === "skipped") return text;
  const frames = framesOf(whole, places);
  if (frames.length > 0) text.frames = frames;
  return text;
}

/** PHPUnit writes no message, and begins the body with the name of the test. */
function phpunitTitle({ classname, name }: Attributes): string {
  return `${classname ?? ""}::${name ?? ""}`;
}

function withoutTitle(body: string, title: string): string {
  return title !== "" && body.startsWith(title) ? body.slice(title.length) : body;
}

/** The line that says what is wrong: of a Python traceback that is the last. */
function summaryOf(text: string | undefined): string {
  const first = firstLine(text ?? "");
  if (!first.startsWith("Traceback (most recent call last)")) return first;
  return firstLine(/[^\n]*$/.exec(text!.trimEnd())![0]) || first;
}

/** The body, and before it the message where that says more than one line and the body does not. */
function wholeText({ message = "", body }: CaseResult): string {
  const said = message.trim();
  if (body.trim() === "") return message;
  return said.includes("\n") && !body.includes(said) ? `${message}\n\n${body}` : body;
}

/** File and line: the case's own attributes, else the innermost frame in the project, else the suite's. */
function place(
  event: Writable<TestReportEvent>,
  { file, line }: Attributes,
  around: Surroundings,
): void {
  const own = event.frames && ownFrame(event.frames);
  if (file) {
    event.file = around.fileOf(file);
    const at = lineOf(line, around.linesFromZero && file.endsWith(".py")) ??
      event.frames?.find((frame) => frame.file === event.file)?.line;
    if (at !== undefined) event.line = at;
  } else if (own) {
    event.file = own.file;
    if (own.line !== undefined) event.line = own.line;
  } else if (around.suiteFile) {
    event.file = around.fileOf(around.suiteFile);
  }
}

function lineOf(text: string | undefined, fromZero: boolean): number | undefined {
  if (!text || !/^\d{1,9}$/.test(text)) return undefined;
  const line = Number(text) + (fromZero ? 1 : 0);
  return line >= 1 ? line : undefined;
}
