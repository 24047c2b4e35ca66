import type { Event } from "../model.ts";

/** What of an event its fingerprints are made of. */
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

/** Characters of a message that count: what comes after is the values' own text. */
const messageLimit = 1024;

/**
 * The hash is cyrb53's mixing (public domain, by bryc) with both words kept: fast, well spread, and not
 * cryptographic: whoever wants two messages to collide can make them. The two words live in a typed
 * array between calls, and in locals within one, because anything else boxes them as heap numbers.
 */
const words = new Int32Array(2);

function begin(): void {
  words[0] = 0xdeadbeef;
  words[1] = 0x41c6ce57;
}

// Marks that no UTF-16 text holds, so that ("ab", "c") and ("a", "bc") differ, nothing and "" too.
const endMark = 0x10000;
const nothingMark = 0x10001;
const valueMark = 0x10002;

function mix(code: number): void {
  words[0] = Math.imul(words[0]! ^ code, 2654435761);
  words[1] = Math.imul(words[1]! ^ code, 1597334677);
}

function mixText(text: string | undefined): void {
  if (text === undefined) return mix(nothingMark);
  let high = words[0]!;
  let low = words[1]!;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  words[0] = high;
  words[1] = low;
  mix(endMark);
}

function digest(): string {
  const [high, low] = [words[0]!, words[1]!];
  let a = Math.imul(high ^ (high >>> 16), 2246822507);
  a ^= Math.imul(low ^ (low >>> 13), 3266489909);
  let b = Math.imul(low ^ (low >>> 16), 2246822507);
  b ^= Math.imul(high ^ (high >>> 13), 3266489909);
  return hex(a) + hex(b);
}

/** Two digits of each byte: a table is fourteen times as fast as `toString(16)`, and made when first used. */
let bytes: readonly string[] = [];

function hex(word: number): string {
  if (bytes.length === 0) {
    bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
  }
  return bytes[word >>> 24]! + bytes[(word >>> 16) & 255]! + bytes[(word >>> 8) & 255]! +
    bytes[word & 255]!;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isHex(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 102) || (code >= 65 && code <= 70);
}

function isWord(code: number): boolean {
  return isDigit(code) || (code >= 97 && code <= 122) || (code >= 65 && code <= 90) ||
    code === 95 ||
    code > 127;
}

/** Where the run of characters that satisfy `test` ends. */
function runEnd(text: string, at: number, test: (code: number) => boolean): number {
  while (at < text.length && test(text.charCodeAt(at))) at++;
  return at;
}

const uuidPattern = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/iy;

/**
 * End of a value that differs from run to run and begins at `at`, the start of a word: a number with its
 * separators (times, dates, versions, `12:3`), an address, a UUID, a long hexadecimal id. `at`: none.
 */
function valueEnd(text: string, at: number, afterAt: boolean): number {
  const code = text.charCodeAt(at);
  if (text.charCodeAt(at + 8) === 45) {
    uuidPattern.lastIndex = at;
    if (uuidPattern.test(text)) return at + 36;
  }
  const starts = isDigit(code);
  if (code === 48 && (text.charCodeAt(at + 1) | 32) === 120) return runEnd(text, at + 2, isHex);
  const word = runEnd(text, at, isWord);
  const hexEnd = runEnd(text, at, isHex);
  if (hexEnd === word && hexEnd - at >= (starts || afterAt ? 4 : 7) && hasDigit(text, at, word)) {
    if (!starts || runEnd(text, at, isDigit) < word) return word;
  }
  return starts ? numberEnd(text, at) : at;
}

function hasDigit(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (isDigit(text.charCodeAt(at))) return true;
  return false;
}

function numberEnd(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    at = runEnd(text, at, isDigit);
    const code = text.charCodeAt(at);
    // . , : _ - + and the T of a timestamp join what stands on both sides into one value.
    const joins = code === 46 || code === 44 || code === 58 || code === 95 || code === 45 ||
      code === 43 || code === 84 || (code | 32) === 101;
    if (!joins) break;
    let next = at + 1;
    if ((code | 32) === 101 && (text.charCodeAt(next) === 45 || text.charCodeAt(next) === 43)) {
      next++;
    }
    if (!isDigit(text.charCodeAt(next))) break;
    at = next;
  }
  const zulu = text.charCodeAt(at) === 90 && !isWord(text.charCodeAt(at + 1));
  return zulu ? at + 1 : at;
}

const temporaryPattern =
  /(?:\/private)?\/(?:tmp|var\/tmp|var\/folders|dev\/shm)\/[^\s"'`)\]>,;:]*|[A-Z]:\\(?:[^\s"'`:]*\\)?Te?mp\\[^\s"'`)\]>,;:]*/iy;

/** End of the path of a temporary file that begins at `at`, or `at`. */
function temporaryEnd(text: string, at: number, code: number): number {
  if (code !== 47 && !(text.charCodeAt(at + 1) === 58 && text.charCodeAt(at + 2) === 92)) return at;
  temporaryPattern.lastIndex = at;
  return temporaryPattern.test(text) ? temporaryPattern.lastIndex : at;
}

function quoteOrSame(code: number): number {
  // " ` ´ ‘ ’ “ ” are all written for '.
  const quote = code === 34 || code === 96 || code === 180 || (code >= 0x2018 && code <= 0x201d);
  return quote ? 39 : code;
}

/** Mixes a message with all that differs from run to run taken out; white space counts as one blank. */
function mixMessage(text: string): void {
  const end = Math.min(text.length, messageLimit);
  let high = words[0]!;
  let low = words[1]!;
  let inWord = false;
  let blank = false;
  let before = 0;
  for (let at = 0; at < end;) {
    const code = text.charCodeAt(at);
    if (code <= 32) {
      if (code === 27) at = colourEnd(text, at);
      else blank = true;
      inWord = false;
      at++;
      continue;
    }
    if (blank && before !== 0) {
      high = Math.imul(high ^ 32, 2654435761);
      low = Math.imul(low ^ 32, 1597334677);
    }
    blank = false;
    const next: number = inWord ? at : volatileEnd(text, at, code, before);
    const mixed = next > at ? valueMark : quoteOrSame(code);
    high = Math.imul(high ^ mixed, 2654435761);
    low = Math.imul(low ^ mixed, 1597334677);
    inWord = next > at || isWord(code);
    before = code;
    at = next > at ? next : at + 1;
  }
  words[0] = high;
  words[1] = low;
  mix(endMark);
}

/** An escape, a bracket, and all up to a letter. */
function colourEnd(text: string, at: number): number {
  return runEnd(text, at + 2, (code) => isDigit(code) || code === 59);
}

/** End of what differs from run to run and begins at `at`, where no word is under way; `at`: none. */
function volatileEnd(text: string, at: number, code: number, before: number): number {
  if (isHex(code)) {
    const end = valueEnd(text, at, before === 64);
    if (end > at) return end;
  } else if (code === 45 && isDigit(text.charCodeAt(at + 1))) {
    return valueEnd(text, at + 1, false);
  }
  return temporaryEnd(text, at, code);
}

const quotedPattern = /(["'`])[^"'`\n]{1,200}\1|[‘“][^’”\n]{1,200}[’”]/g;

function isPathCharacter(code: number): boolean {
  // . / \ @ ~ + - beside the characters of words.
  return isWord(code) || (code >= 45 && code <= 47) || code === 92 || code === 64 || code === 126 ||
    code === 43;
}

/** Writes … for every word with a slash in it. A regular expression takes twenty times as long. */
function withoutPaths(text: string): string {
  const slash = text.includes("/") ? "/" : "\\";
  let result = "";
  let done = 0;
  for (let at = text.indexOf(slash); at >= 0; at = text.indexOf(slash, done)) {
    let from = at;
    while (from > done && isPathCharacter(text.charCodeAt(from - 1))) from--;
    const drive = from === at && slash === "\\" && text.charCodeAt(at - 1) === 58;
    if (drive && at - 2 >= done && isWord(text.charCodeAt(at - 2))) from = at - 2;
    const end = runEnd(text, at, isPathCharacter);
    result += text.slice(done, from) + (end - from > 1 ? "…" : slash);
    done = end;
  }
  return done === 0 ? text : result + text.slice(done);
}

/**
 * The message without what ties it to one place: paths, the test's name, the file. Where a rule names the
 * cause, what stands in quotes is a name too: `'x' is never used` is one shape for all x. Without a rule
 * the quoted name may be the cause (`No module named 'x'`) and stays.
 */
function shape(message: string, parts: EventParts): string {
  let text = message.slice(0, messageLimit);
  const name = parts.name;
  if (name !== undefined && name.length > 2 && text.includes(name)) {
    text = text.replaceAll(name, "…");
  }
  const file = parts.file?.slice(Math.max(parts.file.lastIndexOf("/"), -1) + 1);
  text = withoutPaths(text);
  if (file !== undefined && file !== "" && text.includes(file)) text = text.replaceAll(file, "…");
  if (parts.rule !== undefined) text = text.replace(quotedPattern, "'…'");
  return text;
}

/**
 * Fingerprints an event. Synchronous; half a microsecond without a message, one to four with. Equal parts
 * give equal fingerprints in
 * every version that writes the schema `assay.run/1`.
 */
export function fingerprint(parts: EventParts): Fingerprint {
  const message = parts.message ?? "";
  begin();
  mixText(parts.type);
  mixText(parts.tool);
  mixText(parts.file);
  mixText(parts.suite);
  mixText(parts.name);
  mixText(parts.rule);
  mixMessage(message);
  const identity = digest();
  begin();
  mixText(parts.type);
  mixText(parts.rule);
  mixMessage(message === "" ? "" : shape(message, parts));
  return { identity, cluster: digest() };
}
