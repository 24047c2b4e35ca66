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
