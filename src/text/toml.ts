/** TOML as text: where its keys stand, and how values are written. */

import { type KeyPath, Positions, type Span } from "./positions.ts";

/** The pieces of a TOML text. */
export interface ScannedToml {
  readonly positions: Positions;
  /** Headers (`[a]`, `[[a]]`) and the pairs between them, in their order. */
  readonly statements: readonly Span[];
  /** Elements of arrays in brackets. */
  readonly elements: readonly Span[];
}

/** Scans a valid TOML 1.0 text: it need not check, only find. */
export function scanToml(text: string): ScannedToml {
  const scanner = new Scanner(text);
  scanner.scan();
  return scanner;
}

class Scanner implements ScannedToml {
  readonly #text: string;
  readonly positions: Positions;
  /** How many tables each array of tables has so far. */
  readonly #counts = new Map<string, number>();
  readonly statements: Span[] = [];
  readonly elements: Span[] = [];
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
    this.positions = new Positions(text);
  }

  scan(): void {
    let table: KeyPath = [];
    for (this.#gap(); this.#offset < this.#text.length; this.#gap()) {
      const start = this.#offset;
      if (this.#char === "[") {
        table = this.#header();
        this.statements.push({ path: table, start, valueStart: start, end: this.#offset });
      } else this.statements.push(this.#pair(table));
    }
  }

  get #char(): string | undefined {
    return this.#text[this.#offset];
  }

  /** `[a.b]` or `[[a.b]]`: answers the table that the following keys belong to. */
  #header(): KeyPath {
    const start = this.#offset;
    const isArray = this.#text.startsWith("[[", start);
    this.#offset += isArray ? 2 : 1;
    let path: KeyPath = [];
    const names = this.#dottedKey();
    for (const [index, name] of names.entries()) {
      path = [...path, name];
      this.positions.add(path, start);
      const id = JSON.stringify(path);
      if (isArray && index === names.length - 1) {
        this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
      }
      const count = this.#counts.get(id);
      if (count !== undefined) {
        path = [...path, count - 1];
        this.positions.add(path, start);
      }
    }
    this.#match(/[ \t]*\]\]?/y);
    return path;
  }

  #pair(table: KeyPath): Span {
    const start = this.#offset;
    let path = table;
    for (const name of this.#dottedKey()) {
      path = [...path, name];
      this.positions.add(path, start);
    }
    this.#match(/[ \t]*=?[ \t]*/y);
    const valueStart = this.#offset;
    this.#value(path);
    // Whatever a text that is no TOML holds: the scan ends.
    if (this.#offset === start) this.#offset++;
    return { path, start, valueStart, end: this.#offset };
  }

  #dottedKey(): string[] {
    const names: string[] = [];
    do {
      this.#match(/[ \t]*/y);
      const source = this.#match(/"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s=.[\]"'#,{}]+/y);
      names.push(unquoted(source));
      this.#match(/[ \t]*/y);
    } while (this.#match(/\./y));
    return names;
  }

  #value(path: KeyPath): void {
    if (this.#char === "[") this.#array(path);
    else if (this.#char === "{") this.#inlineTable(path);
    else {
      this.#match(
        /"""(?:[^\\]|\\[^])*?"{3,5}|'''[^]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^,\]}\n#]+/y,
      );
    }
  }

  #array(path: KeyPath): void {
    this.#offset++;
    for (let index = 0; !this.#closed("]"); index++) {
      const element = [...path, index];
      const start = this.#offset;
      this.positions.add(element, start);
      this.#value(element);
      this.elements.push({ path: element, start, valueStart: start, end: this.#offset });
      this.#separator(start);
    }
  }

  #inlineTable(path: KeyPath): void {
    this.#offset++;
    while (!this.#closed("}")) {
      const start = this.#offset;
      this.#pair(path);
      this.#separator(start);
    }
  }

  #closed(bracket: string): boolean {
    this.#gap();
    if (this.#char === undefined) return true;
    if (this.#char !== bracket) return false;
    this.#offset++;
    return true;
  }

  #separator(start: number): void {
    this.#gap();
    this.#match(/,/y);
    if (this.#offset === start) this.#offset++;
  }

  /** Skips white space, line ends and comments. */
  #gap(): void {
    this.#match(/(?:\s|#[^\n]*)*/y);
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const [found = ""] = pattern.exec(this.#text) ?? [];
    this.#offset += found.length;
    return found;
  }
}

function unquoted(source: string): string {
  if (source.startsWith("'")) return source.slice(1, -1);
  if (!source.startsWith('"')) return source;
  // TOML has `\e`, `\x` and `\U` besides the escapes of JSON; such a key is only found by its table.
  try {
    return JSON.parse(source);
  } catch {
    return source;
  }
}

/** `key = value` for each key of a table, each on one line. */
export function tomlPairs(table: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(table).map(([key, value]) =>
    `${/^[\w-]+$/.test(key) ? key : tomlText(key)} = ${tomlValue(value)}`
  );
}

/** A value on one line; tables are inline ones. */
export function tomlValue(value: unknown): string {
  if (typeof value === "string") return tomlText(value);
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const pairs = tomlPairs(value as Record<string, unknown>);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

/** JSON's escapes are TOML's too; TOML also wants U+007F escaped. */
function tomlText(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", "\\u007f");
}
