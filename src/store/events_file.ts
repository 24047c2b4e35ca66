/**
 * An attempt's events: one line each in its file, in order, and in the index what is searched. An event's index is
 * the number of its line.
 *
 * A line is the event as a JSON object, or `[name, identity, duration_ms, line]` for one that is like the last
 * object before it except for these; the first of a batch is an object, so that a batch can be read alone. The batches
 * of a large report are compressed, each as a gzip member of its own, in a file that `zcat` reads.
 *
 * @module
 */

import { Blocked, messageOf, UserError } from "../errors.ts";
import { type Gzip, type Io, isNotFound } from "../io.ts";
import type { Event } from "../model.ts";
import { storeFailure } from "../failure.ts";
import { isTable } from "../text/values.ts";

/** Consecutive events: where they are in the file, and what the index holds of them. See schema.sql. */
export interface EventBatch {
  readonly first: number;
  readonly count: number;
  readonly start: number;
  readonly bytes: number;
  readonly packed: 0 | 1;
  readonly problems: Uint8Array | null;
  readonly statuses: string;
  readonly durations: string;
  readonly identities: Uint8Array;
}

export type BatchPlace = Pick<EventBatch, "first" | "start" | "bytes" | "packed">;

type Stored = Omit<Event, "index">;

/** The characters that stand for a status in the index. A test that passed in the end has one of its own. */
export const statusLetters: Readonly<Record<Event["status"], string>> = {
  passed: "pr",
  failed: "f",
  errored: "e",
  skipped: "s",
  error: "E",
  warning: "W",
  info: "I",
};

export function isProblem({ type, status }: Pick<Event, "type" | "status">): boolean {
  return type !== "test" || status === "failed" || status === "errored";
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const lineEnd = 10;

/** Reads the files of events, which of a large report are compressed. */
export interface EventsReader extends Pick<Io, "fs"> {
  /** Absent: no batch that is read is compressed. */
  readonly gzip?: Gzip;
}

/**
 * The lines of events, the first of which is the attempt's event `first` and begins at the byte `start`.
 *
 * @param gzip compresses them
 */
export function encodeEvents(
  events: readonly Event[],
  first: number,
  start: number,
  gzip?: Gzip,
): { readonly lines: Uint8Array; readonly batch: EventBatch } {
  let head: Event | undefined;
  let text = "";
  for (const event of events) {
    if (head !== undefined && isLike(event, head)) {
      const { name, identity, duration_ms, line } = event;
      const rest = line === undefined
        ? duration_ms === undefined ? [] : [duration_ms]
        : [duration_ms ?? null, line];
      text += `${JSON.stringify([name, identity, ...rest])}\n`;
    } else {
      head = event;
      text += `${JSON.stringify({ ...event, index: undefined })}\n`;
    }
  }
  const lines = encoder.encode(text);
  const ends: number[] = [];
  for (let at = lines.indexOf(lineEnd); at >= 0; at = lines.indexOf(lineEnd, at + 1)) {
    ends.push(at + 1);
  }
  const batch = batchOf(events, ends, first, start);
  if (!gzip) return { lines, batch };
  const packed = gzip.pack(lines);
  return { lines: packed, batch: { ...batch, bytes: packed.length, packed: 1 } };
}

function isLike(event: Event, head: Event): boolean {
  return event.suite === head.suite && event.status === head.status && event.file === head.file &&
    event.type === "test" && head.type === "test" && !isProblem(event) &&
    event.cluster === head.cluster && event.flaky === head.flaky &&
    event.name !== undefined && isPlain(event) && isPlain(head);
}

function isPlain({ message, details, frames, rule, tool, column, end_line, end_column }: Event) {
  return message === undefined && details === undefined && frames === undefined &&
    rule === undefined && tool === undefined && column === undefined &&
    end_line === undefined && end_column === undefined;
}

/** @param ends where the lines of the events end, counted from `start` */
function batchOf(
  events: readonly Stored[],
  ends: readonly number[],
  first: number,
  start: number,
): EventBatch {
  const identities = new DataView(new ArrayBuffer(8 * events.length));
  const problems: number[] = [];
  let statuses = "";
  for (const [at, event] of events.entries()) {
    const letters = statusLetters[event.status];
    statuses += letters[event.flaky ? letters.length - 1 : 0];
    identities.setUint32(8 * at, parseInt(event.identity.slice(0, 8), 16));
    identities.setUint32(8 * at + 4, parseInt(event.identity.slice(8), 16));
    const from = ends[at - 1] ?? 0;
    if (isProblem(event)) problems.push(at, from, ends[at]! - from);
  }
  return {
    first,
    count: events.length,
    start,
    bytes: ends.at(-1) ?? 0,
    packed: 0,
    problems: problems.length === 0 ? null : new Uint8Array(new Uint32Array(problems).buffer),
    statuses,
    durations: JSON.stringify(events.map(({ duration_ms }) => duration_ms ?? null)),
    identities: new Uint8Array(identities.buffer),
  };
}

/** An identity as the index holds it; `undefined` for a text that is none. */
export function identityBytes(identity: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{16}$/.test(identity)) return undefined;
  return Uint8Array.from(identity.match(/../g)!, (byte) => parseInt(byte, 16));
}

/** Reads lines one after the other. */
class LineReader {
  #head: Stored | undefined;

  /** `undefined`: that is no event. */
  read(line: string): Stored | undefined {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return undefined;
    }
    if (!Array.isArray(value)) return this.#head = isStored(value) ? value : undefined;
    if (!this.#head) return undefined;
    const [name, identity, duration_ms, row] = value;
    const event: Record<string, unknown> = { ...this.#head, name, identity };
    for (const [key, given] of Object.entries({ duration_ms, line: row })) {
      if (given === undefined || given === null) delete event[key];
      else event[key] = given;
    }
    return isStored(event) ? event : undefined;
  }
}

const textKeys = ["name", "suite", "rule", "tool", "message", "details", "file"] as const;
const numberKeys = ["line", "column", "end_line", "end_column", "duration_ms"] as const;
const types: readonly unknown[] = ["test", "diagnostic", "suite_error"];

/** Whether all that code relies on is there: the file may have been edited. */
function isStored(value: unknown): value is Stored {
  if (!isTable(value)) return false;
  const { type, status, identity, cluster, flaky, frames = [] } = value;
  const are = (keys: readonly string[], kind: string) =>
    keys.every((key) => value[key] === undefined || typeof value[key] === kind);
  return types.includes(type) && typeof status === "string" &&
    Object.hasOwn(statusLetters, status) &&
    typeof identity === "string" && typeof cluster === "string" &&
    are(textKeys, "string") && are(numberKeys, "number") &&
    (flaky === undefined || typeof flaky === "boolean") &&
    Array.isArray(frames) &&
    frames.every((frame) => isTable(frame) && typeof frame.file === "string");
}

/** Reads a batch's events; `includes`: none when its text does not hold all of these. */
export function readBatch(
  reader: EventsReader,
  path: string,
  place: BatchPlace,
  includes: readonly string[] = [],
): Event[] {
  const text = decoder.decode(linesOf(reader, path, place));
  return includes.every((each) => text.includes(each)) ? eventsIn(text, place.first, path) : [];
}

/** Reads the problems of a batch, at most `limit`. */
export function readProblems(
  reader: EventsReader,
  path: string,
  { problems, ...place }: BatchPlace & Pick<EventBatch, "problems">,
  limit: number,
): Event[] {
  const places = new Uint32Array(problems!.slice().buffer);
  const lines = linesOf(reader, path, place);
  const events: Event[] = [];
  for (let at = 0; at < places.length && events.length < limit; at += 3) {
    const [index, from, length] = places.subarray(at, at + 3) as unknown as [
      number,
      number,
      number,
    ];
    const text = decoder.decode(lines.subarray(from, from + length));
    events.push(...eventsIn(text, place.first + index, path));
  }
  return events;
}

function eventsIn(text: string, first: number, path: string): Event[] {
  const lines = text.split("\n");
  lines.pop();
  const reader = new LineReader();
  return lines.map((line, at) => {
    const event = reader.read(line);
    if (!event) throw unreadable(path, `line ${first + at} is no event`);
    return { index: first + at, ...event };
  });
}

function linesOf(
  { fs, gzip }: EventsReader,
  path: string,
  { start, bytes, packed }: BatchPlace,
): Uint8Array {
  let lines: Uint8Array;
  try {
    const part = fs.readNow(packed ? path + packedEnding : path, start, bytes);
    if (part.length < bytes) throw unreadable(path, "it is cut");
    lines = packed ? gzip!.unpack(part) : part;
  } catch (error) {
    if (isNotFound(error)) throw unreadable(path, "it is gone");
    const failure = storeFailure(error, `read ${path}`);
    throw failure instanceof UserError ? failure : unreadable(path, messageOf(error));
  }
  if (lines.at(-1) !== lineEnd) throw unreadable(path, "it was changed");
  return lines;
}

function unreadable(path: string, why: string): Blocked {
  return new Blocked(`Cannot read the events in ${path}: ${why}`, {
    code: "events_unreadable",
    hint: "run assay store rebuild, which takes what can be read, or assay verify again",
  });
}

/** What a file of compressed events has after its name. */
export const packedEnding = ".gz";

/** Bytes of a file that are read at once, at first. */
const pieceBytes = 1024 * 1024;

/** Events of a batch, after which the next begins with the next object. */
const batchEvents = 1_000;

/**
 * The batches of a file as the index is to hold them.
 *
 * @returns whether every line could be read; what comes after one that cannot is left out
 */
export function* batchesIn(
  { fs, gzip }: EventsReader,
  path: string,
): Generator<EventBatch, boolean> {
  let [first, start] = [1, 0];
  for (const piece of gzip ? membersOf(fs, path, gzip) : linesIn(fs, path)) {
    if (typeof piece === "boolean") return piece;
    const reader = new LineReader();
    const events: Stored[] = [];
    const ends: number[] = [];
    let end = 0;
    for (const line of piece.lines) {
      const event = reader.read(line);
      if (!event) break;
      end += encoder.encode(line).length + 1;
      events.push(event);
      ends.push(end);
    }
    const isWhole = events.length === piece.lines.length;
    // Nothing of a member is used alone.
    if (events.length > 0 && (isWhole || !gzip)) {
      const batch = batchOf(events, ends, first, start);
      yield gzip ? { ...batch, bytes: piece.bytes, packed: 1 } : batch;
    }
    if (!isWhole) return false;
    [first, start] = [first + events.length, start + piece.bytes];
  }
  return true;
}

interface Piece {
  readonly lines: readonly string[];
  /** In the file. */
  readonly bytes: number;
}

/** Lines for a batch each; at the end, whether the last line is whole. */
function* linesIn(fs: Io["fs"], path: string): Generator<Piece | boolean> {
  let [start, size] = [0, pieceBytes];
  for (;;) {
    const part = fs.readNow(path, start, size);
    const end = part.lastIndexOf(lineEnd) + 1;
    if (end === 0) {
      if (part.length < size) return yield part.length === 0;
      size *= 2;
      continue;
    }
    const lines = decoder.decode(part.subarray(0, end - 1)).split("\n");
    while (lines.length > 0) {
      const next = lines.findIndex((line, at) => at >= batchEvents && line.startsWith("{"));
      // Without a beginning of the next the batch may go on in what is not read yet.
      const isLast = next < 0 && part.length < size;
      if (next < 0 && !isLast && lines.length < 2 * batchEvents) break;
      const batch = lines.splice(0, next < 0 ? lines.length : next);
      const bytes = encoder.encode(batch.join("\n")).length + 1;
      yield { lines: batch, bytes };
      [start, size] = [start + bytes, pieceBytes];
    }
    if (lines.length > 0) size *= 2;
  }
}

/** The members of a gzip file, each a batch; at the end, whether the last is whole. */
function* membersOf(fs: Io["fs"], path: string, gzip: Gzip): Generator<Piece | boolean> {
  let [start, size] = [0, pieceBytes];
  for (;;) {
    const part = fs.readNow(path, start, size);
    if (part.length === 0) return yield true;
    const isRest = part.length < size;
    const piece = firstMember(part, isRest, gzip);
    if (!piece && isRest) return yield false;
    if (piece) yield piece;
    [start, size] = piece ? [start + piece.bytes, pieceBytes] : [start, size * 2];
  }
}

/** The beginning of a member; the same bytes may be inside one. */
const memberStart = [0x1f, 0x8b, 8];

function firstMember(part: Uint8Array, isRest: boolean, gzip: Gzip): Piece | undefined {
  for (let end = 1; end < part.length; end++) {
    const isStart = memberStart.every((byte, at) => part[end + at] === byte);
    if (!isStart && !(isRest && end === part.length - 1)) continue;
    const bytes = isStart ? end : part.length;
    try {
      const lines = decoder.decode(gzip.unpack(part.subarray(0, bytes))).split("\n");
      return lines.pop() === "" ? { lines, bytes } : undefined;
    } catch {
      // It goes on.
    }
  }
  return undefined;
}
