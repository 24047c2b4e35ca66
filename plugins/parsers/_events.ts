/**
 * Events made from a report's content: text cleaned and cut, invalid numbers left out, so
 * that parsers do not have to.
 */

import type {
  BrokenReportEvent,
  DeclaredReportEvent,
  DiagnosticReportEvent,
  Frame,
  ParseContext,
  ReportEvent,
  SuiteErrorReportEvent,
  TestReportEvent,
  TestStatus,
} from "../../src/plugin.ts";
import { detailsText, firstLine, oneLine } from "./_text_clean.ts";

/**
 * A bad word or element name that is in no list, and that no later version of a tool would use for
 * something that passed.
 */
export const badWord =
  /fail|error|abort|timed?.?out|cancel|crash|broken|inconclusive|fatal|panic|killed|interrupt|terminated|exception|problem|unexpected/i;

/** Attribute names that contain a bad word but describe a setting, or something that is not a test failure. */
const excused = /^(?:timeout|failfast|expected|known|allow|max|flaky|rerun)/i;

/** The exit code of a process. */
const exitCode = /^(?:exit|return)[-_]?(?:code|status|value)$/i;

const isBadName = remembered((name) =>
  exitCode.test(name) || (badWord.test(name) && !excused.test(name))
);

/** The first attribute that reports a failure: its name does, and its value is not "none". */
export function badAttribute(
  attributes: Readonly<Record<string, string>>,
  isElse: (name: string) => boolean = () => false,
): string | undefined {
  for (const name in attributes) {
    if (!isBadName(name) || isElse(name)) continue;
    const value = attributes[name]!.trim();
    if (!/^(?:[0.]*|false|no|none|null|nil|n\/a|-)$/i.test(value)) return `${name}="${value}"`;
  }
  return undefined;
}

/** Caches a question about names: few are distinct, each may occur a million times. */
export function remembered(question: (name: string) => boolean): (name: string) => boolean {
  const answers = new Map<string, boolean>();
  return (name) => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = question(name);
    if (answers.size < 1000) answers.set(name, answer);
    return answer;
  };
}

/** The fields of an event, any of them absent or `undefined`, but for those it cannot do without. */
type Fields<Event, Needed extends keyof Event> =
  & { readonly [Key in Needed]: Event[Key] }
  & { readonly [Key in keyof Omit<Event, Needed | "kind">]?: Event[Key] | undefined };

type Writable<Event> = { -readonly [Key in keyof Event]: Event[Key] };

/** A test's result from its raw text. Only the message's first line is kept. Field by field: there may be a million. */
export function testEvent(fields: Fields<TestReportEvent, "status" | "name">): TestReportEvent {
  const { status, suite, file, durationMs, message, details, frames } = fields;
  const name = oneLine(fields.name) || "(unnamed)";
  const event: Writable<TestReportEvent> = { kind: "test", status, name };
  if (suite) event.suite = oneLine(suite);
  if (file) event.file = file;
  if (isPosition(fields.line)) {
    event.line = fields.line;
    if (isPosition(fields.column)) event.column = fields.column;
  }
  if (durationMs !== undefined && durationMs >= 0 && durationMs < Infinity) {
    event.durationMs = durationMs;
  }
  const first = message && firstLine(message);
  if (first) event.message = first;
  const whole = details && detailsText(details);
  if (whole) event.details = whole;
  if (frames && frames.length > 0) event.frames = frames;
  if (fields.flaky && status === "passed") event.flaky = true;
  if (fields.isFile && status === "passed") event.isFile = true;
  return event;
}

/** A diagnostic from its raw text. The message's first line is kept, the rest becomes details. */
export function diagnosticEvent(
  fields: Fields<DiagnosticReportEvent, "severity" | "message">,
): DiagnosticReportEvent {
  return defined<DiagnosticReportEvent>({
    kind: "diagnostic",
    severity: fields.severity,
    message: line(fields.message) ?? "(no message)",
    rule: fields.rule ? oneLine(fields.rule) : undefined,
    tool: fields.tool ? oneLine(fields.tool) : undefined,
    ...places(fields),
    endLine: position(fields.endLine),
    endColumn: position(fields.endColumn),
    details: text(fields.details ?? whenLonger(fields.message)),
    frames: frames(fields.frames),
  });
}

export function suiteErrorEvent(
  fields: Fields<SuiteErrorReportEvent, "message">,
): SuiteErrorReportEvent {
  const { column: _column, ...place } = places(fields);
  return defined<SuiteErrorReportEvent>({
    kind: "suite_error",
    message: line(fields.message) ?? "(no message)",
    name: fields.name ? oneLine(fields.name) : undefined,
    ...place,
    details: text(fields.details ?? whenLonger(fields.message)),
    frames: frames(fields.frames),
  });
}

export function declaredEvent(fields: Fields<DeclaredReportEvent, never>): DeclaredReportEvent {
  return defined<DeclaredReportEvent>({ kind: "declared", ...fields });
}

type Undefinable<Event> = { readonly [Key in keyof Event]: Event[Key] | undefined };

function defined<Event>(fields: Undefinable<Event>): Event {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Event;
}

interface PlaceFields {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

function places(fields: PlaceFields): Undefinable<Required<PlaceFields>> {
  const line = position(fields.line);
  const column = line === undefined ? undefined : position(fields.column);
  return { file: fields.file || undefined, line, column };
}

/** A line or column: an integer from 1. */
function isPosition(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && value! >= 1;
}

function position(value: number | undefined): number | undefined {
  return isPosition(value) ? value : undefined;
}

function line(value: string | undefined): string | undefined {
  return value === undefined ? undefined : firstLine(value) || undefined;
}

function text(value: string | undefined): string | undefined {
  return value === undefined ? undefined : detailsText(value) || undefined;
}

function whenLonger(message: string): string | undefined {
  return message.trim().includes("\n") ? message : undefined;
}

function frames(value: readonly Frame[] | undefined): readonly Frame[] | undefined {
  return value && value.length > 0 ? value : undefined;
}

/** Whether a status prevents a pass. */
export function isBad(status: TestStatus): status is "failed" | "errored" {
  return status === "failed" || status === "errored";
}

/** Reads a report piece by piece, and returns its events as they come. */
export abstract class ReportReader {
  protected readonly context: ParseContext;
  #events: ReportEvent[] = [];

  constructor(context: ParseContext) {
    this.context = context;
  }

  protected emit(event: ReportEvent): void {
    this.#events.push(event);
  }

  take(): readonly ReportEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The whole report was read: the last events may be made. Throws {@linkcode Broken} if something is missing. */
  abstract finish(): void;
}

// Durations as reports write them.

/**
 * Milliseconds of a duration in seconds. Commas are thousands separators (`1,234.5`) where they can
 * be, else the decimal point (`0,25`). Negative or not a number: `undefined`.
 */
export function millisecondsOf(seconds: string | undefined): number | undefined {
  if (!seconds) return undefined;
  const value = Number(seconds.includes(",") ? withoutCommas(seconds) : seconds);
  if (!(value >= 0) || value === Infinity || (value === 0 && seconds.trim() === "")) {
    return undefined;
  }
  return Math.round(value * 1e6) / 1e3;
}

function withoutCommas(text: string): string {
  if (/^\s*[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?\s*$/.test(text)) return text.replaceAll(",", "");
  return text.replace(",", ".");
}

// Thrown by a parser to itself when the report cannot be read further.

/** A place in the report; lines and columns count from 1. */
export interface ReportPlace {
  readonly line?: number;
  readonly column?: number;
}

/** The report cannot be read further: becomes a `broken` event, never leaves the parser. */
export class Broken extends Error {
  override readonly name = "Broken";
  readonly reason: BrokenReportEvent["reason"];
  readonly place: ReportPlace;

  /** @param message what is wrong, as a sentence about the report: `is empty`, `ends inside a string` */
  constructor(reason: BrokenReportEvent["reason"], message: string, place: ReportPlace = {}) {
    super(message);
    this.reason = reason;
    this.place = place;
  }
}

/** The `broken` event of a thrown {@linkcode Broken}; anything else is a bug and is rethrown. */
export function brokenEvent(error: unknown, source: string): BrokenReportEvent {
  if (!(error instanceof Broken)) throw error;
  return {
    kind: "broken",
    reason: error.reason,
    message: `${source} ${error.message}`,
    ...error.place,
  };
}
