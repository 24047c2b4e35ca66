/** Reports that are one JSON document: read with limits, found among other output, turned into events. */

import type { NothingCheckedReportEvent, ParseContext, ReportEvent } from "../../src/plugin.ts";
import { stripAnsi } from "../../src/text/clean.ts";
import { Broken, brokenEvent, declaredEvent, suiteErrorEvent } from "./_events.ts";
import { JsonNode, scanReport } from "./_json_node.ts";
import { oneLine } from "./_text_clean.ts";

/** A document is held in memory whole: above this many bytes it is rejected. */
export const documentLimit = 256 * 1024 * 1024;

/** Turns a document into events; throws {@linkcode Broken} if it violates the format. */
export type DocumentReader = (root: JsonNode, context: ParseContext) => Iterable<ReportEvent>;

/**
 * Parses reports of one JSON document, or of several in sequence, as a tool called in a loop writes
 * them: the frame of every such parser. They count as one report.
 *
 * @param opening how the report begins, for formats on standard output, where other text may precede
 * it. Whatever begins like this must be a whole report.
 */
export function jsonReports(reader: DocumentReader, opening?: RegExp) {
  return async function* (
    input: ReadableStream<Uint8Array>,
    context: ParseContext,
  ): AsyncGenerator<ReportEvent | readonly ReportEvent[], void, undefined> {
    try {
      const text = await readText(input);
      yield* inBatches(new Documents(text, context, reader, opening).events());
      yield { kind: "end" };
    } catch (error) {
      yield brokenEvent(error, context.source);
    }
  };
}

/** Reads all of a stream as UTF-8; a byte order mark is skipped. */
export async function readText(
  input: ReadableStream<Uint8Array>,
  limit = documentLimit,
): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > limit) {
      const most = `${Math.floor(limit / 1024 / 1024)} MiB`;
      throw new Broken(
        "too_large",
        `is larger than ${most}, the most that is read of one document`,
      );
    }
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join("");
}

interface Tally {
  readonly claimed: Partial<Record<CountKey, number>>;
  readonly shown: { tests: number; passed: number };
  idle?: NothingCheckedReportEvent;
}

const countKeys = ["tests", "passed", "failed", "errored", "skipped"] as const;
type CountKey = typeof countKeys[number];

/** More than logs contain before a report; a megabyte of anything else is rejected within a second. */
const unparsedLineLimit = 100_000;

/**
 * The next document after one that ended: at once, or on the same line if a bracket can be nothing else, not in
 * `}level=info msg="[runner] done"`.
 */
const behind = /\s*(?=[{[])|[^\r\n]*?(?=[{[]\s*(?:["{[\]}]|$))/y;
/** A line that begins like a document; the second pattern is for text after one, with signs before it. */
const ownLine = /(?<=^|[\r\n])[^\S\r\n]*(?=[{[])/g;
const laterLine =
  /(?<=[\r\n])(?:[^\S\r\n]*(?=[{[])|[^\p{L}\p{N}\r\n]*?(?=[{[]\s*(?:["{[\]}]|$)))/gu;
/**
 * What no tool writes right after its document, but a torn or glued report has: `,`, `]`, a NUL. RSpec ends its
 * document without a newline, so words may follow at once: `}Coverage report generated for RSpec`.
 */
const odd = /[^\S\r\n]*[^\s\p{L}\p{N}{[]/yu;
/** Only signs on the line where a document begins. */
const signsBefore = /[\r\n][^\S\r\n]*[^\s\p{L}\p{N}][^\p{L}\p{N}\r\n]*$/u;

/** A member of an object: what could be a document of the format, or a part of one, has at least one. */
const member = /"(?:[^"\\\r\n]|\\.)*"\s*:\s*(?:["{[]|-?\d|(?:true|false|null)\b)/g;

/** The documents of one text, read as one report. */
class Documents {
  readonly #text: string;
  readonly #context: ParseContext;
  readonly #reader: DocumentReader;
  readonly #opening: RegExp | undefined;
  #opened = -1;
  readonly #read: Tally[] = [];
  /** The first piece of other text that people should know about. */
  #unread: string | undefined;

  constructor(text: string, context: ParseContext, reader: DocumentReader, opening?: RegExp) {
    this.#text = text;
    this.#context = context;
    this.#reader = reader;
    this.#opening = opening && new RegExp(`(?=${opening.source})`, "g");
  }

  *events(): Generator<ReportEvent> {
    const text = this.#text;
    if (text.trim() === "") throw new Broken("truncated", "is empty");
    if (text.startsWith("\ufffd\ufffd") || text.startsWith("{\0") || text.startsWith("[\0")) {
      throw new Broken(
        "malformed",
        "is not UTF-8; it seems to be UTF-16, which PowerShell's > writes",
      );
    }
    let at: number | undefined = this.#first();
    while (at !== undefined) {
      const end = scanReport(text, at);
      yield* this.#take(this.#eventsOf(at, end));
      at = this.#next(end);
    }
    yield* this.#together();
    if (this.#unread === undefined) return;
    const quoted = JSON.stringify(oneLine(this.#unread).slice(0, 100));
    const message = `${this.#context.source} holds other text, which was not read: ${quoted}`;
    yield { kind: "warning", message };
  }

  /**
   * Where the first document begins. Text before it is skipped if it cannot be a report, such as
   * `[dotenv] 3 variables` and what programs log as JSON.
   */
  #first(): number {
    if (!this.#opening) return 0;
    for (let from = 0;;) {
      const line = find(ownLine, this.#text, from);
      const known = this.#openingFrom(from);
      this.#refuseMembers(this.#text.slice(from, Math.min(known, line)));
      if (known <= line && known !== Infinity) return known;
      if (line === Infinity) break;
      const end = this.#foreignEnd(line);
      if (end === undefined) return line;
      from = end;
    }
    if (/^\s*[{[]/.test(this.#text)) return 0;
    throw new Broken("malformed", "contains no report, only other text");
  }

  /** Lines read of text that turned out not to be JSON: it begins on every line, and each may continue for many. */
  #linesInVain = 0;

  /** Where something ends that looks like a document but is not of the format; `undefined` if it may be one. */
  #foreignEnd(at: number): number | undefined {
    // Of the rest, so that finding where it breaks does not count the earlier lines each time.
    const rest = this.#text.slice(at);
    let end = at;
    try {
      end += scanReport(rest);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      if (this.#isHalf(at)) return undefined;
      this.#linesInVain += error.place.line ?? 1000;
      if (this.#linesInVain > unparsedLineLimit) {
        throw new Broken("malformed", "contains too much that begins like JSON but is not");
      }
      return at + 1;
    }
    const json = this.#text.slice(at, end);
    if (this.#openingFrom(at) < end || this.#hasKey(JSON.parse(json))) return undefined;
    this.#unread ??= json;
    this.#refuseOdd(end);
    return end;
  }

  /** Whether broken JSON begins like documents of the format, and not only with the same bracket. */
  #isHalf(at: number): boolean {
    const half = this.#isList ? /\[\s*[{["]/y : /\{\s*"/y;
    half.lastIndex = at;
    return half.test(this.#text);
  }

  get #isList(): boolean {
    return this.#opening?.source.startsWith("(?=\\[") ?? false;
  }

  /** Whether JSON has a key that opens documents of the format, at any level; for lists, an object. */
  #hasKey(value: unknown): boolean {
    if (this.#isList && Array.isArray(value)) {
      return value.some((each) => new JsonNode(each).isObject);
    }
    if (!new JsonNode(value).isObject) return false;
    return Object.entries(value as object).some(([key, inside]) => {
      const only = { [key]: inside };
      return find(this.#opening!, JSON.stringify(this.#isList ? [only] : only), 0) < Infinity;
    });
  }

  /** Where the next document begins after one that ended; other text between them is skipped. */
  #next(from: number): number | undefined {
    const text = this.#text;
    this.#refuseOdd(from);
    const near = find(behind, text, from);
    const next = near < Infinity
      ? near
      : Math.min(find(laterLine, text, from), this.#openingFrom(from));
    const between = text.slice(from, next);
    if (next < Infinity && signsBefore.test(between)) {
      const quoted = JSON.stringify(oneLine(between.slice(-100)));
      throw new Broken("malformed", `contains ${quoted} between two documents`);
    }
    this.#refuseMembers(between);
    if (between.trim() !== "") this.#unread ??= between.trim();
    return next < Infinity ? next : undefined;
  }

  /**
   * Text around documents is noise, such as SimpleCov's, unless it contains a JSON object, whole or in pieces: after
   * a package name or a colour code, or with a prefix on each of its lines. A whole one that is not of the
   * format, such as `INFO {"port": 80}`, is noise, too.
   */
  #refuseMembers(text: string): void {
    const plain = stripAnsi(text);
    for (let from = 0;;) {
      member.lastIndex = from;
      const found = member.exec(plain);
      if (!found) return;
      let start = found.index;
      while (start > from && /[\s{[]/.test(plain[start - 1]!)) start--;
      const end = this.#foreignIn(plain, start);
      if (end === undefined || end <= found.index) {
        const quoted = JSON.stringify(oneLine(plain.slice(start).trim()).slice(0, 100));
        throw new Broken("malformed", `contains what may be a report among other text: ${quoted}`);
      }
      from = end;
    }
  }

  /** Where JSON ends that is whole and not of the format. */
  #foreignIn(text: string, at: number): number | undefined {
    if (!this.#opening || !/^\s*[{[]/.test(text.slice(at, at + 1000))) return undefined;
    try {
      const end = scanReport(text, at);
      return this.#hasKey(JSON.parse(text.slice(at, end))) ? undefined : end;
    } catch (error) {
      if (error instanceof Broken) return undefined;
      throw error;
    }
  }

  #refuseOdd(end: number): void {
    if (find(odd, this.#text, end) === Infinity) return;
    const rest = oneLine(this.#text.slice(end, end + 1000)).slice(0, 100);
    throw new Broken("malformed", `contains ${JSON.stringify(rest)} right behind a document`);
  }

  #openingFrom(from: number): number {
    if (!this.#opening) return Infinity;
    if (this.#opened < from) this.#opened = find(this.#opening, this.#text, from);
    return this.#opened;
  }

  #eventsOf(at: number, end: number): Iterable<ReportEvent> {
    return this.#reader(new JsonNode(JSON.parse(this.#text.slice(at, end))), this.#context);
  }

  *#take(events: Iterable<ReportEvent>): Generator<ReportEvent> {
    const tally: Tally = { claimed: {}, shown: { tests: 0, passed: 0 } };
    const { claimed, shown } = tally;
    this.#read.push(tally);
    for (const event of events) {
      if (event.kind === "nothing_checked") {
        tally.idle = event;
        continue;
      }
      if (event.kind === "test") {
        shown.tests++;
        if (event.status === "passed") shown.passed++;
      } else if (event.kind === "declared") {
        for (const key of countKeys) {
          if (event[key] !== undefined) claimed[key] = (claimed[key] ?? 0) + event[key];
        }
      }
      yield event;
    }
    const { tests, skipped = 0, failed = 0, errored = 0 } = claimed;
    const passed = claimed.passed ?? (claimed.skipped === undefined ? undefined : shown.passed);
    // Other contradictions show when claims and cases are compared.
    if (tests !== shown.tests || passed !== shown.passed || failed + errored > 0) return;
    if (passed + skipped === tests) return;
    const parts = `${passed} that passed and ${skipped} that were skipped`;
    yield suiteErrorEvent({ message: `the report declares ${tests} tests, of them ${parts}` });
  }

  /** What is to be said of all documents as one report. */
  *#together(): Generator<ReportEvent> {
    const idle = this.#read.map((each) => each.idle);
    if (idle[0] && !idle.includes(undefined)) yield idle[0];
    // Claims and cases are compared as sums, in which one document may compensate for another.
    if (this.#read.length < 2) return;
    for (const key of ["tests", "passed"] as const) {
      const silent = this.#read.filter(({ claimed }) => claimed[key] === undefined);
      const wrong = this.#read.find(({ claimed, shown }) =>
        claimed[key] !== undefined && claimed[key] !== shown[key]
      );
      if (wrong) {
        const what = key === "tests" ? "tests" : "passed tests";
        const counts = `${wrong.claimed[key]} ${what} and shows ${wrong.shown[key]}`;
        yield suiteErrorEvent({ message: `one of the report's documents declares ${counts}` });
      } else if (silent.length < this.#read.length && silent.length > 0) {
        yield declaredEvent({ [key]: silent.reduce((sum, { shown }) => sum + shown[key], 0) });
      }
    }
  }
}

/** Where the next match of a pattern ends; `Infinity` if there is none. */
function find(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) ? pattern.lastIndex : Infinity;
}

// Groups events, so that a large report takes few steps of an asynchronous iterator.

const batchSize = 256;

/** Yields the events in arrays; those read before the iterable throws are yielded before it does. */
function* inBatches(
  events: Iterable<ReportEvent>,
): Generator<readonly ReportEvent[], void, undefined> {
  let batch: ReportEvent[] = [];
  try {
    for (const event of events) {
      batch.push(event);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}
