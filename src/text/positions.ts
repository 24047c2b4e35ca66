/** Positions of the keys of a configuration or report in its text. */

/** Keys and array indices from the root of a document. */
export type KeyPath = readonly (string | number)[];

/** A place in a text; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A piece of a text that can be cut out or added after. Offsets count UTF-16 units. */
export interface Span {
  readonly path: KeyPath;
  /** Where the key begins; for an element, the value. */
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

  /** Records where a key or element begins; the first place counts. */
  add(path: KeyPath, offset: number): void {
    const id = JSON.stringify(path);
    if (this.#offsets.has(id)) return;
    this.#offsets.set(id, offset);
    if (["__proto__", "constructor", "prototype"].includes(String(path.at(-1)))) {
      this.reserved.push(path);
    }
  }

  /** Whether the text has a key or element at that path. */
  has(path: KeyPath): boolean {
    return this.#offsets.has(JSON.stringify(path));
  }

  /** The position of a key, or else of the nearest table around it. */
  at(path: KeyPath): Position {
    for (let length = path.length; length > 0; length--) {
      const offset = this.#offsets.get(JSON.stringify(path.slice(0, length)));
      if (offset !== undefined) return positionOf(this.#text, offset);
    }
    return { line: 1, column: 1 };
  }
}

/** The place at an offset. */
export function positionOf(text: string, offset: number): Position {
  let line = 1;
  let begin = 0;
  for (let end = text.indexOf("\n"); end !== -1 && end < offset; end = text.indexOf("\n", begin)) {
    line++;
    begin = end + 1;
  }
  return { line, column: offset - begin + 1 };
}

/** A key path for people: `runners[0].detect_file`. */
export function keyText(path: KeyPath): string {
  return path.map((part, index) => {
    if (typeof part === "number") return `[${part}]`;
    const name = /^[\w$-]+$/.test(part) ? part : JSON.stringify(part);
    return index === 0 ? name : `.${name}`;
  }).join("");
}
