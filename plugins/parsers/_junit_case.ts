/** One `<testcase>` and the results inside it, made into one event. */

import type { Frame, SuiteErrorReportEvent, TestReportEvent } from "../../src/plugin.ts";
import {
  badAttribute,
  isBad,
  millisecondsOf,
  remembered,
  suiteErrorEvent,
  testEvent,
} from "./_events.ts";
import { framesOf, ownFrame } from "./_frames.ts";
import { namesScript, type Places } from "./_source_file.ts";
import { detailsText, firstLine } from "./_text_clean.ts";
import type { Attributes } from "./_xml_scan.ts";

/** What an element inside a test case means. Rank: the first outweighs those after it. */
export const resultKinds = ["error", "failure", "rerun", "skipped", "flaky"] as const;

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
  /** pytest's own: lines count from 0. */
  readonly isPytest: boolean;
  fileOf(name: string): string;
}

/** The event of a test case: its worst result, or passed if it has none. */
export function caseEvent(
  attributes: Attributes,
  results: readonly CaseResult[],
  around: Surroundings,
): TestReportEvent {
  const worst = worstOf(withAttribute(attributes, results));
  const word = wordOf(attributes);
  // `pytest.exit` leaves an entry without a name for the test that calls it.
  const isCut = !worst && around.isPytest && attributes.name === undefined;
  const said = statusOf(word?.status, worst?.kind);
  const status = isCut && !isBad(said) ? "errored" : said;
  const fallback = word && isBad(word.status)
    ? word.said
    : isCut
    ? "the test did not end"
    : undefined;
  const text: EventText = worst
    ? textOf(worst, results, around, phpunitTitle(attributes))
    : { message: fallback };
  const place = placeOf(attributes, text.frames, around);
  const isFile = status === "passed" && isNodeFile(attributes, place.file, around);
  return testEvent({
    status,
    name: attributes.name ?? "",
    suite: attributes.classname || around.suite,
    file: isFile ? around.fileOf(attributes.name!) : place.file,
    line: place.line,
    durationMs: millisecondsOf(attributes.time),
    message: text.message,
    details: text.details,
    frames: text.frames,
    flaky: worst?.kind === "flaky",
    isFile,
  });
}

/** Whether this is node:test naming a file that it ran, and no test; from Node 24 on it reports every test's file. */
function isNodeFile(
  { classname, name = "" }: Attributes,
  file: string | undefined,
  around: Surroundings,
): boolean {
  if (classname !== "test" || !namesScript(name)) return false;
  return file === undefined || file === around.fileOf(name);
}

/** The event of an `<error>` or `<failure>` directly under a suite. */
export function outsideEvent(result: CaseResult, around: Surroundings): SuiteErrorReportEvent {
  const text = textOf(result, [result], around, "");
  const own = ownFrame(text.frames ?? []);
  return suiteErrorEvent({
    ...text,
    message: text.message || "an error outside any test",
    name: around.suite,
    file: own?.file ?? (around.suiteFile && around.fileOf(around.suiteFile)),
    line: own?.line,
  });
}

/** An attribute that reports a failure counts as one if no element does. */
function withAttribute(
  attributes: Attributes,
  results: readonly CaseResult[],
): readonly CaseResult[] {
  // CTest also says "skipped" for what it could not start; a test that skips itself has `SKIP_…`.
  const unstarted = attributes.status === "notrun" &&
    results.find(({ kind, message }) => kind === "skipped" && message && !/^SKIP_/.test(message));
  if (unstarted) return [...results, { ...unstarted, kind: "error" }];
  const message = badAttribute(attributes);
  if (!message || results.some(({ kind }) => kind === "failure" || kind === "error")) {
    return results;
  }
  return [...results, { kind: "failure", message, type: undefined, body: "" }];
}

function worstOf(results: readonly CaseResult[]): CaseResult | undefined {
  if (results.length < 2) return results[0];
  // node:test shows the failure of a TODO test, but does not count it.
  const isTodo = results.some(({ kind, type }) => kind === "skipped" && type === "todo");
  const counted = isTodo ? results.filter(({ kind }) => kind !== "failure") : results;
  return resultKinds.map((kind) => counted.find((result) => result.kind === kind)).find(Boolean);
}

type Status = TestReportEvent["status"];

/**
 * Words for how a test case ended if no element says it: gtest, CTest, Bazel, NUnit's converters. Any
 * other word is unknown to assay, and never a pass.
 */
const words: ReadonlyMap<string, Status> = new Map([
  ...wordsFor("passed", "run completed executed finished ok success successful succeeded"),
  ...wordsFor("passed", "passed pass fixed true yes"),
  ...wordsFor("skipped", "notrun disabled suppressed filtered skipped skip ignored pending todo"),
  ...wordsFor("failed", "fail failed failure false no"),
]);

function wordsFor(status: Status, names: string): readonly (readonly [string, Status])[] {
  return names.split(" ").map((name) => [name, status]);
}

/** Attributes whose value is a word for how an element ended. On a suite, `passed` and `executed` are counts. */
const wordName =
  /^(?:success|executed|passed)$|(?<!^(?:exit|return)[-_]?)(?:status|state|result|outcome|verdict)$/i;
const isWordName = remembered((name) => wordName.test(name));

/** How an element ended according to its attributes, the worst of them: `status="timeout"`. */
export function wordOf(
  attributes: Attributes,
): { readonly status: Status; readonly said: string } | undefined {
  let worst: { readonly status: Status; readonly said: string } | undefined;
  for (const name in attributes) {
    const word = isWordName(name) ? attributes[name]!.trim().toLowerCase() : "";
    if (word === "" || (/^[pe]/i.test(name) && /^\d+$/.test(word))) continue;
    const isIdle = name.toLowerCase() === "executed" && /^(?:false|no)$/.test(word);
    const status = isIdle ? "skipped" : words.get(word) ?? "errored";
    if (worst && order.indexOf(worst.status) <= order.indexOf(status)) continue;
    worst = { status, said: `${name}="${attributes[name]!.trim()}"` };
  }
  return worst;
}

const order: readonly Status[] = ["failed", "errored", "skipped", "passed"];

function statusOf(word: Status | undefined, kind: ResultKind | undefined): Status {
  if (kind === "error") return "errored";
  // A rerun that failed, and no final result: not known to pass.
  if (kind === "failure" || kind === "rerun") return "failed";
  if (word && isBad(word)) return word;
  return kind === "skipped" ? "skipped" : word ?? "passed";
}

interface EventText {
  readonly message: string | undefined;
  readonly details?: string | undefined;
  readonly frames?: readonly Frame[];
}

function textOf(
  worst: CaseResult,
  results: readonly CaseResult[],
  places: Places,
  title: string,
): EventText {
  const message = summaryOf(worst.message) || summaryOf(withoutTitle(worst.body, title)) ||
    firstLine(worst.type ?? "");
  const whole = results.filter(({ kind }) => kind === worst.kind).map(wholeText)
    .filter((part) => part !== "").join("\n\n");
  const details = detailsText(whole);
  return {
    message,
    details: details.trim() === message ? undefined : details,
    frames: worst.kind === "skipped" ? [] : framesOf(whole, places),
  };
}

/** PHPUnit writes no message, and begins the body with the test's name. */
function phpunitTitle({ classname, name }: Attributes): string {
  return `${classname ?? ""}::${name ?? ""}`;
}

function withoutTitle(body: string, title: string): string {
  return title !== "" && body.startsWith(title) ? body.slice(title.length) : body;
}

/** The line that says what is wrong: in a Python traceback, the last. */
function summaryOf(text: string | undefined): string {
  const first = firstLine(text ?? "");
  if (!first.startsWith("Traceback (most recent call last)")) return first;
  return firstLine(/[^\n]*$/.exec(text!.trimEnd())![0]) || first;
}

/** The body, preceded by the message if that has several lines that are not in the body. */
function wholeText({ message = "", body }: CaseResult): string {
  const said = message.trim();
  if (body.trim() === "") return message;
  return said.includes("\n") && !body.includes(said) ? `${message}\n\n${body}` : body;
}

/** File and line: the case's own attributes, else the innermost frame in the project, else the suite's. */
function placeOf(
  { file, line }: Attributes,
  frames: readonly Frame[] = [],
  { fileOf, isPytest, suiteFile }: Surroundings,
): { readonly file?: string; readonly line?: number | undefined } {
  const own = ownFrame(frames);
  if (file) {
    const path = fileOf(file);
    const framed = frames.find((frame) => frame.file === path)?.line;
    return { file: path, line: lineOf(line, isPytest && file.endsWith(".py")) ?? framed };
  }
  if (own) return { file: own.file, line: own.line };
  return suiteFile ? { file: fileOf(suiteFile) } : {};
}

function lineOf(text: string | undefined, fromZero: boolean): number | undefined {
  if (!text || !/^\d{1,9}$/.test(text)) return undefined;
  const line = Number(text) + (fromZero ? 1 : 0);
  return line >= 1 ? line : undefined;
}
