/** Where each key of a configuration file stands. */

/** Keys and array indices from the root of a document. */
export type KeyPath = readonly (string | number)[];

/** A place in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A piece of a text that can be cut out or followed by another. Offsets count UTF-16 units. */
export interface Span {
  readonly path: KeyPath;
  /** Where the key begins; of an element the value. */
  readonly start: number;
  /** Where the value begins. */
  readonly valueStart: number;
  readonly end: number;
}

/** The places of the keys of one text. */
export class Positions {
  readonly #text: string;
  readonly #offsets = new Map<string, number>();
  /** Keys that would change the prototype of the object they are read into, or be lost in it. */
  readonly reserved: KeyPath[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** Records where a key or element begins; the first place counts. Answers whether it is new. */
  add(path: KeyPath, offset: number): boolean {
    const id = idOf(path);
    if (this.#offsets.has(id)) return false;
    this.#offsets.set(id, offset);
    if (["__proto__", "constructor", "prototype"].includes(String(path.at(-1)))) {
      this.reserved.push(path);
    }
    return true;
  }

  /** Whether the text has a key or element of that path. */
  has(path: KeyPath): boolean {
    return this.#offsets.has(idOf(path));
  }

  /** Where a key stands, or else the nearest table around it. */
  at(path: KeyPath): Position {
    for (let length = path.length; length > 0; length--) {
      const offset = this.#offsets.get(idOf(path.slice(0, length)));
      if (offset !== undefined) return positionOf(this.#text, offset);
    }
    return { line: 1, column: 1 };
  }
}

/** The place of an offset. */
export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}

/** A key path for people: `runners[0].detect_file`. */
export function keyText(path: KeyPath): string {
  return path.map((part, index) => {
    if (typeof part === "number") return `[${part}]`;
    const name = /^[\w$-]+$/.test(part) ? part : JSON.stringify(part);
    return index === 0 ? name : `.${name}`;
  }).join("");
}

function idOf(path: KeyPath): string {
  return JSON.stringify(path);
}

// Reads the structure of JSON: where keys stand, duplicate keys, and what is wrong where.

/** Configuration is flat; what nests deeper is a mistake or an attack on the stack. */
const maxDepth = 64;

/** What {@linkcode scanJson} reads. */
interface ScannedJson {
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
