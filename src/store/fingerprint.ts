import type { Event } from "../model.ts";

/** The parts of an event that its fingerprints are made of. */
export type EventParts = Pick<
  Event,
  "type" | "tool" | "file" | "suite" | "name" | "rule" | "message"
>;

/** Two hashes of 64 bits, as 16 hexadecimal digits each. */
export interface Fingerprint {
  /** The same event in another run, wherever its lines moved: tool, file, test or rule, message. */
  readonly identity: string;
  /** The same cause in many places: the message's shape and the rule, without file and test. */
  readonly cluster: string;
}

/** Characters of a message that count: the rest is mostly values. */
const messageLimit = 1024;

// Marks that no UTF-16 text holds, so that ("ab", "c") and ("a", "bc") differ, as do nothing and "".
const endMark = 0x10000;
const nothingMark = 0x10001;
const valueMark = 0x10002;

/**
 * The hash is cyrb53's mixing (public domain, by bryc) with both words kept: fast, well spread, and not
 * cryptographic: collisions can be forged. NUL stands for a value.
 */
export function hashOf(parts: readonly (string | undefined)[]): string {
  return digest(parts, 0xdeadbeef, 0x41c6ce57);
}

/** The two words after these parts, for what is hashed after them. */
const words = new Int32Array(2);

function mix(parts: readonly (string | undefined)[], from: number, and: number): void {
  let high = from | 0;
  let low = and | 0;
  for (const part of parts) {
    const text = part ?? "";
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at) || valueMark;
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
    }
    const mark = part === undefined ? nothingMark : endMark;
    high = Math.imul(high ^ mark, 2654435761);
    low = Math.imul(low ^ mark, 1597334677);
  }
  words[0] = high;
  words[1] = low;
}

function digest(parts: readonly (string | undefined)[], from: number, and: number): string {
  mix(parts, from, and);
  const [high, low] = [words[0]!, words[1]!];
  let a = Math.imul(high ^ (high >>> 16), 2246822507);
  a ^= Math.imul(low ^ (low >>> 13), 3266489909);
  let b = Math.imul(low ^ (low >>> 16), 2246822507);
  b ^= Math.imul(high ^ (high >>> 13), 3266489909);
  return hex(a) + hex(b);
}

/** Two digits of each byte: a table is fourteen times as fast as `toString(16)`. */
const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hex(word: number): string {
  return bytes[word >>> 24]! + bytes[(word >>> 16) & 255]! + bytes[(word >>> 8) & 255]! +
    bytes[word & 255]!;
}

/** What differs from run to run, at a word's start; alternatives in order of preference. */
const values = [
  // The path of a temporary file.
  /(?:\/private)?\/(?:tmp|var\/tmp|var\/folders|dev\/shm)\/[^\s"'`)\]>,;:]*/,
  /[A-Z]:\\(?:[^\s"'`:]*\\)?Te?mp\\[^\s"'`)\]>,;:]*/,
  // A UUID, an address.
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
  /-?0x[0-9a-f]*/,
  // A hexadecimal id: a whole word with a digit in it, longer where nothing else identifies it.
  /-?(?=[a-f]*\d)(?:(?<=@)|(?=\d+[a-f])|(?=[0-9a-f]{7}))(?!\d+(?!W))[0-9a-f]{4,}(?!W)/,
  // A number with its separators: times, dates, versions, 12:3.
  /-?\d+(?:(?:[.,:_+T-]|e[+-]?)\d+)*(?:Z(?!W))?/,
];

const word = String.raw`[\w\x80-\uffff]`;
const valuePattern = new RegExp(
  `(?=[\\da-f/-]|[A-Z]:)(?<!${word})(?:${
    values.map(({ source }) => source.replaceAll("W", word)).join("|")
  })`,
  "gi",
);

/** A message without what differs from run to run; white space is collapsed to one space. */
function normalised(message: string): string {
  if (message === "") return "";
  // deno-lint-ignore no-control-regex -- they are what is removed
  return message.slice(0, messageLimit).replaceAll(/\x1b[^][\d;]*[^]?/g, "")
    // deno-lint-ignore no-control-regex
    .replaceAll(/ *[\0-\x1f][\0-\x20]*| {2,}/g, " ").trim()
    .replaceAll(valuePattern, "\0")
    // " ` ´ ‘ ’ “ ” are all written for '.
    .replaceAll(/["`´\u2018-\u201d]/g, "'");
}

const quotedPattern = /(["'`])[^"'`\n]{1,200}\1|[‘“][^’”\n]{1,200}[’”]/g;
const pathPattern = /(?:\w:(?=\\))?[\w./\\@~+\x80-\uffff-]+/g;

/**
 * The message without what ties it to one place: paths, the test's name, the file. Where a rule names the
 * cause, what is in quotes is a name too: `'x' is never used` is one shape for all x. Without a rule
 * the quoted name may be the cause (`No module named 'x'`) and stays.
 */
function shape(message: string, { name, file, rule }: EventParts): string {
  if (message === "") return "";
  let text = message.slice(0, messageLimit);
  if (name !== undefined && name.length > 2) text = text.replaceAll(name, "…");
  const slash = text.includes("/") ? "/" : "\\";
  if (text.includes(slash)) {
    const isPath = (word: string) => word.includes(slash) && word.length > 1;
    text = text.replaceAll(pathPattern, (word) => isPath(word) ? "…" : word);
  }
  const base = file?.slice(file.lastIndexOf("/") + 1);
  if (base) text = text.replaceAll(base, "…");
  return rule === undefined ? text : text.replaceAll(quotedPattern, "'…'");
}

/** What the events of one suite have in common, and the words after it. */
let common: readonly (string | undefined)[] = [];
const after = new Int32Array(2);

/** The cluster of what says nothing is the same for all of a type: most events are tests that passed. */
const silent = new Map<string, string>();

/**
 * Fingerprints an event. Synchronous, for every event of every report. Equal parts give equal fingerprints in
 * every version that writes the schema `assay.run/1`.
 */
export function fingerprint(parts: EventParts): Fingerprint {
  const { type, tool, file, suite, name, rule, message = "" } = parts;
  const [before, sameTool, sameFile, sameSuite] = common;
  if (sameSuite !== suite || sameFile !== file || before !== type || sameTool !== tool) {
    common = [type, tool, file, suite];
    mix(common, 0xdeadbeef, 0x41c6ce57);
    after.set(words);
  }
  const identity = digest([name, rule, normalised(message)], after[0]!, after[1]!);
  if (message !== "" || rule !== undefined) {
    return { identity, cluster: hashOf([type, rule, normalised(shape(message, parts))]) };
  }
  let cluster = silent.get(type);
  if (cluster === undefined) silent.set(type, cluster = hashOf([type, rule, ""]));
  return { identity, cluster };
}
