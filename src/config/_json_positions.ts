/** Reads the structure of JSON: where keys stand, duplicate keys, and what is wrong where. */

import type { KeyPath, Position, Span } from "./_positions.ts";
import { positionOf, Positions } from "./_positions.ts";

/** Configuration is flat; what nests deeper is a mistake or an attack on the stack. */
const maxDepth = 64;

/** What {@linkcode scanJson} reads. */
export interface ScannedJson {
  readonly positions: Positions;
  /** Keys that stand twice in one object. */
  readonly duplicates: readonly { readonly path: KeyPath; readonly position: Position }[];
  /** Members of objects and elements of arrays, the inner ones first. */
  readonly spans: readonly Span[];
}

/** The text is not JSON. */
export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
  constructor(message: string, readonly position: Position) {
    super(message);
  }
}

/**
 * Scans a JSON text (RFC 8259).
 *
 * @throws {JsonSyntaxError} where it stops being JSON.
 */
export function scanJson(text: string): ScannedJson {
  return new Scanner(text).scan();
}

const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y;
// deno-lint-ignore no-control-regex -- RFC 8259 forbids them in strings
const string = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;

class Scanner {
  readonly #text: string;
  readonly #positions: Positions;
  readonly #spans: Span[] = [];
  readonly #duplicates: { path: KeyPath; position: Position }[] = [];
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
    this.#positions = new Positions(text);
  }

  scan(): ScannedJson {
    this.#value([]);
    this.#space();
    if (this.#offset < this.#text.length) throw this.#expected("the end of the file");
    return { positions: this.#positions, duplicates: this.#duplicates, spans: this.#spans };
  }

  #value(path: KeyPath): void {
    if (path.length > maxDepth) throw this.#expected(`at most ${maxDepth} levels`);
    this.#space();
    const char = this.#text[this.#offset];
    if (char === "{") this.#object(path);
    else if (char === "[") this.#array(path);
    else if (char === '"') this.#string();
    else this.#match(scalar, "a value");
  }

  #object(path: KeyPath): void {
    this.#offset++;
    if (this.#take("}")) return;
    do {
      this.#space();
      const start = this.#offset;
      if (this.#text[start] !== '"') throw this.#expected("a key in double quotes");
      const key = [...path, this.#string()];
      if (!this.#positions.add(key, start)) {
        this.#duplicates.push({ path: key, position: positionOf(this.#text, start) });
      }
      if (!this.#take(":")) throw this.#expected('":"');
      this.#space();
      this.#spanned(key, start);
    } while (this.#take(","));
    if (!this.#take("}")) throw this.#expected('"," or "}"');
  }

  #array(path: KeyPath): void {
    this.#offset++;
    if (this.#take("]")) return;
    let index = 0;
    do {
      this.#space();
      const element = [...path, index++];
      this.#positions.add(element, this.#offset);
      this.#spanned(element, this.#offset);
    } while (this.#take(","));
    if (!this.#take("]")) throw this.#expected('"," or "]"');
  }

  #spanned(path: KeyPath, start: number): void {
    const valueStart = this.#offset;
    this.#value(path);
    this.#spans.push({ path, start, valueStart, end: this.#offset });
  }

  #string(): string {
    return JSON.parse(this.#match(string, "a string that ends on its line, with valid escapes"));
  }

  /** Takes what matches here, which must be `expected` when that is given. */
  #match(pattern: RegExp, expected?: string): string {
    pattern.lastIndex = this.#offset;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined && expected !== undefined) throw this.#expected(expected);
    this.#offset += found?.length ?? 0;
    return found ?? "";
  }

  #take(char: string): boolean {
    this.#space();
    if (this.#text[this.#offset] !== char) return false;
    this.#offset++;
    return true;
  }

  #space(): void {
    this.#match(/[ \t\r\n]*/y);
  }

  #expected(what: string): JsonSyntaxError {
    const rest = this.#text.slice(this.#offset, this.#offset + 40);
    const [word] = /^(?:[\w.+-]+|"[^"\n]*"?|\S)/u.exec(rest) ?? [];
    const position = positionOf(this.#text, this.#offset);
    return new JsonSyntaxError(`expected ${what}, found ${foundText(word)}`, position);
  }
}

function foundText(word: string | undefined): string {
  if (word === undefined) return "the end of the file";
  if (word.startsWith("/")) return "a comment, which JSON does not have";
  return word.startsWith('"') ? word : `"${word}"`;
}
