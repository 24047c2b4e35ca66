/**
 * A hand-written JSON checker, because the built-in parser does not say where or how a document is broken,
 * silently takes the last of two equal keys, and accepts a million levels of nesting.
 *
 * @module
 */

import type { Span } from "./positions.ts";

/** Deeper than any real document, and shallow enough for every recursive walk. */
export const depthLimit = 500;

/** Up to this many keys a list is faster than a set. */
const listLimit = 8;

const escapeSequence = /(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const numberLiteral = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

type Expected = "value" | "value or end" | "key" | "key or end" | "separator";

/** The text is not JSON. The message completes a sentence that begins with "it". */
export class JsonError extends Error {
  override readonly name = "JsonError";
  /**
   * @param kind `truncated` if the text is the beginning of a value.
   * @param at Index into the text.
   */
  constructor(readonly kind: "malformed" | "truncated", message: string, readonly at: number) {
    super(message);
  }
}

/** A member of an object or an element of an array. */
export interface JsonSpan extends Span {
  /** Its object already has a member with that key. */
  readonly isRepeated: boolean;
}

/**
 * Checks one JSON value (RFC 8259) that begins at `start`.
 *
 * @param onSpan Called for each member and element, inner ones first. Without it, a duplicate key in an
 * object is an error.
 * @return the index after it
 * @throws {JsonError} if it is not JSON or nests deeper than {@linkcode depthLimit}.
 */
export function scanJson(text: string, start = 0, onSpan?: (span: JsonSpan) => void): number {
  return new Scanner(text, start, onSpan).scan();
}

/** The members and elements of a text that is one JSON value, inner ones first. */
export function jsonSpans(text: string): JsonSpan[] {
  const spans: JsonSpan[] = [];
  const end = scanJson(text, 0, (span) => spans.push(span));
  const rest = text.slice(end).search(/[^ \t\r\n]/);
  if (rest >= 0) throw unexpected(text, end + rest, "the end of the file");
  return spans;
}

class Scanner {
  readonly #text: string;
  readonly #onSpan: ((span: JsonSpan) => void) | undefined;
  readonly #open: Container[] = [];
  #at: number;

  constructor(text: string, start: number, onSpan?: (span: JsonSpan) => void) {
    this.#text = text;
    this.#at = start;
    this.#onSpan = onSpan;
  }

  scan(): number {
    let expected: Expected = "value";
    do {
      const code = this.#next();
      if (expected === "separator") expected = this.#separator(code);
      else if (expected === "key" || expected === "key or end") {
        expected = this.#key(code, expected);
      } else expected = this.#value(code, expected);
    } while (expected !== "separator" || this.#open.length > 0);
    return this.#at;
  }

  #value(code: number, expected: Expected): Expected {
    if (code === 0x5d && expected === "value or end") return this.#leave();
    this.#open.at(-1)?.beginValue(this.#at);
    if (code === 0x7b) return this.#enter(true, "key or end");
    if (code === 0x5b) return this.#enter(false, "value or end");
    if (code === 0x22) this.#string();
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) this.#number();
    else if (code === 0x74) this.#word("true");
    else if (code === 0x66) this.#word("false");
    else if (code === 0x6e) this.#word("null");
    else throw this.#unexpected("a value");
    return this.#ended();
  }

  #key(code: number, expected: Expected): Expected {
    if (code === 0x7d && expected === "key or end") return this.#leave();
    if (code !== 0x22) throw this.#unexpected("a key in double quotes");
    const at = this.#at;
    this.#string();
    const raw = this.#text.slice(at, this.#at);
    const key = raw.includes("\\") ? JSON.parse(raw) as string : raw.slice(1, -1);
    if (this.#open.at(-1)?.beginMember(key, at) && !this.#onSpan) {
      const problem = `contains the key ${JSON.stringify(key.slice(0, 80))} twice in one object`;
      throw new JsonError("malformed", problem, at);
    }
    if (this.#next() !== 0x3a) throw this.#unexpected('":"');
    this.#at++;
    return "value";
  }

  #separator(code: number): Expected {
    const inObject = this.#open.at(-1)?.isObject;
    if (code === 0x2c) {
      this.#at++;
      return inObject ? "key" : "value";
    }
    if (code === (inObject ? 0x7d : 0x5d)) return this.#leave();
    throw this.#unexpected(inObject ? '"," or "}"' : '"," or "]"');
  }

  #enter(isObject: boolean, expected: Expected): Expected {
    if (this.#open.length >= depthLimit) {
      throw new JsonError("malformed", `nests deeper than ${depthLimit} levels`, this.#at);
    }
    this.#open.push(new Container(isObject));
    this.#at++;
    return expected;
  }

  #leave(): Expected {
    this.#open.pop();
    this.#at++;
    return this.#ended();
  }

  #ended(): Expected {
    const container = this.#open.at(-1);
    if (this.#onSpan && container) {
      const { start, valueStart, isRepeated } = container;
      const path = this.#open.map(({ key }) => key);
      this.#onSpan({ path, start, valueStart, end: this.#at, isRepeated });
    }
    return "separator";
  }

  #string(): void {
    const text = this.#text;
    for (let at = this.#at + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x22) {
        this.#at = at + 1;
        return;
      }
      if (code === 0x5c) at = this.#escape(at);
      else if (code < 0x20) {
        const what = code === 0x0a || code === 0x0d ? "line end" : "control character";
        throw new JsonError("malformed", `has a ${what} in a string`, at);
      }
    }
    throw this.#truncated("inside a string");
  }

  /** @return the index of the escape's last character */
  #escape(at: number): number {
    escapeSequence.lastIndex = at + 1;
    if (escapeSequence.test(this.#text)) return escapeSequence.lastIndex - 1;
    if (/^(?:u[0-9a-fA-F]{0,3})?$/.test(this.#text.slice(at + 1))) {
      throw this.#truncated("inside a string");
    }
    throw new JsonError("malformed", "has an unknown escape in a string", at);
  }

  #number(): void {
    numberLiteral.lastIndex = this.#at;
    const matched = numberLiteral.test(this.#text);
    const end = matched ? numberLiteral.lastIndex : this.#at;
    if (/^(?:-|\.|[eE][+-]?)$/.test(this.#text.slice(end, end + 3))) {
      throw this.#truncated("inside a number");
    }
    if (!matched) throw this.#unexpected("a number");
    this.#at = end;
  }

  #word(word: string): void {
    if (this.#text.startsWith(word, this.#at)) this.#at += word.length;
    else if (word.startsWith(this.#text.slice(this.#at, this.#at + word.length))) {
      throw this.#truncated(`inside the word ${word}`);
    } else throw this.#unexpected(word);
  }

  /** Skips white space and returns the code of what follows. */
  #next(): number {
    const text = this.#text;
    for (let at = this.#at; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) continue;
      this.#at = at;
      return code;
    }
    const isOpen = this.#open.length > 0;
    throw this.#truncated(isOpen ? "before its brackets are closed" : "before any value");
  }

  #unexpected(wanted: string): JsonError {
    return unexpected(this.#text, this.#at, wanted);
  }

  #truncated(where: string): JsonError {
    return new JsonError("truncated", `ends ${where}`, this.#text.length);
  }
}

function unexpected(text: string, at: number, wanted: string): JsonError {
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  const isComment = /^(?:#|\/[/*])/.test(text.slice(at, at + 2));
  const found = isComment ? "a comment, which JSON does not have," : JSON.stringify(char);
  return new JsonError("malformed", `has ${found} where ${wanted} should be`, at);
}

/** An object or array being read, and its current or next member or element. */
class Container {
  readonly isObject: boolean;
  key: string | number = -1;
  start = 0;
  valueStart = 0;
  isRepeated = false;
  readonly #list: string[] = [];
  #set: Set<string> | undefined;

  constructor(isObject: boolean) {
    this.isObject = isObject;
  }

  /** @return whether the object already has a member with that key */
  beginMember(key: string, start: number): boolean {
    this.key = key;
    this.start = start;
    this.isRepeated = !this.#isNew(key);
    return this.isRepeated;
  }

  beginValue(at: number): void {
    this.valueStart = at;
    if (this.isObject) return;
    this.start = at;
    this.key = (this.key as number) + 1;
  }

  #isNew(key: string): boolean {
    if (this.#set) return this.#set.size < this.#set.add(key).size;
    if (this.#list.includes(key)) return false;
    this.#list.push(key);
    if (this.#list.length > listLimit) this.#set = new Set(this.#list);
    return true;
  }
}
