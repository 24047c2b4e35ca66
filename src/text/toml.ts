/** TOML: parsing, positions of keys, and writing values. */

import { depthLimit } from "./json.ts";
import {
  type KeyPath,
  keyText,
  type Position,
  positionOf,
  Positions,
  type Span,
} from "./positions.ts";

/** A text that is not TOML; both numbers count from 1. */
export class TomlError extends Error {
  override readonly name = "TomlError";
  constructor(message: string, readonly line: number, readonly column: number) {
    super(message);
  }
}

/**
 * Parses TOML 1.0. A key or table given twice is rejected here, since not every parser does so.
 *
 * @throws {TomlError}
 */
export async function parseToml(text: string): Promise<Record<string, unknown>> {
  const { parse } = await import("@std/toml");
  const { repeated } = scanToml(text);
  const error = repeated && repeatedError(text, repeated);
  let value: Record<string, unknown>;
  try {
    value = parse(text);
  } catch (thrown) {
    const said = syntaxError(thrown);
    // After a syntax error the scan may find anything.
    throw error && error.line <= said.line ? error : said;
  }
  if (error) throw error;
  return value;
}

function repeatedError(text: string, { path, start, first }: Repeated): TomlError {
  const { line, column } = positionOf(text, start);
  const message = `duplicate key "${keyText(path)}"; it is already on line ${first}`;
  return new TomlError(message, line, column);
}

/** `npm:smol-toml` has the place as fields, counted from 1; `@std/toml` in its message, the column counted from 0. */
function syntaxError(error: unknown): TomlError {
  const message = error instanceof Error ? error.message : String(error);
  const [, row = 1, before = 0, why] =
    /^Parse error on line (\d+), column (\d+): (.*)/s.exec(message) ?? [];
  const { line = Number(row), column = Number(before) + 1 } = error as Partial<Position>;
  const [first = ""] = (why ?? message.replace(/^Invalid TOML document: /, "")).split("\n");
  return new TomlError(first, line, column);
}

/** The pieces of a TOML text. */
export interface ScannedToml {
  readonly positions: Positions;
  /** Headers (`[a]`, `[[a]]`) and the pairs between them, in order. */
  readonly statements: readonly Span[];
  /** Elements of arrays in brackets. */
  readonly elements: readonly Span[];
  /** The first key or table that was already defined and may not be again. */
  readonly repeated: Repeated | undefined;
}

interface Repeated {
  readonly path: KeyPath;
  readonly start: number;
  /** The line of its first definition. */
  readonly first: number;
}

/** What defines a table or value: a header, that of a table in it, a dotted key, `[[…]]`, or the value itself. */
type Given = "header" | "implied" | "dotted" | "list" | "value";

/** What may be defined again, by how it was defined before. */
const mayFollow: Readonly<Record<Given, readonly Given[]>> = {
  header: ["implied"],
  implied: ["implied", "header"],
  dotted: ["implied", "dotted"],
  list: ["implied", "list"],
  value: [],
};

/**
 * Scans a valid TOML 1.0 text: it only finds, and checks nothing but its depth.
 *
 * @throws {TomlError} if it nests deeper than {@linkcode depthLimit}.
 */
export function scanToml(text: string): ScannedToml {
  const scanner = new Scanner(text);
  scanner.scan();
  return scanner;
}

class Scanner implements ScannedToml {
  readonly #text: string;
  readonly positions: Positions;
  /** Number of tables in each array of tables so far. */
  readonly #counts = new Map<string, number>();
  readonly #given = new Map<string, Given>();
  repeated: Repeated | undefined;
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

  /** `[a.b]` or `[[a.b]]`: returns the table that the following keys belong to. */
  #header(): KeyPath {
    const start = this.#offset;
    const isArray = this.#text.startsWith("[[", start);
    this.#offset += isArray ? 2 : 1;
    let path: KeyPath = [];
    const names = this.#dottedKey();
    for (const [index, name] of names.entries()) {
      path = [...path, name];
      const isLast = index === names.length - 1;
      this.#give(path, start, !isLast ? "implied" : isArray ? "list" : "header");
      const id = JSON.stringify(path);
      if (isArray && isLast) {
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
    const names = this.#dottedKey();
    for (const [index, name] of names.entries()) {
      path = [...path, name];
      this.#give(path, start, index === names.length - 1 ? "value" : "dotted");
    }
    this.#match(/[ \t]*=?[ \t]*/y);
    const valueStart = this.#offset;
    this.#value(path);
    // The scan ends whatever an invalid text contains.
    if (this.#offset === start) this.#offset++;
    return { path, start, valueStart, end: this.#offset };
  }

  #give(path: KeyPath, start: number, by: Given): void {
    this.#checkDepth(path);
    const id = JSON.stringify(path);
    const before = this.#given.get(id);
    if (before === undefined || by !== "implied") this.#given.set(id, by);
    if (before && !mayFollow[before].includes(by)) {
      this.repeated ??= { path, start, first: this.positions.at(path).line };
    }
    this.positions.add(path, start);
  }

  #checkDepth({ length }: KeyPath): void {
    if (length <= depthLimit) return;
    const { line, column } = positionOf(this.#text, this.#offset);
    throw new TomlError(`it nests deeper than ${depthLimit} levels`, line, column);
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
    this.#checkDepth(path);
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
  try {
    // The escape that TOML 1.0 has and JSON does not.
    return JSON.parse(
      source.replace(
        /\\(?:U([0-9a-f]{8})|.)/gi,
        (escape, code) =>
          code ? JSON.stringify(String.fromCodePoint(parseInt(code, 16))).slice(1, -1) : escape,
      ),
    );
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
