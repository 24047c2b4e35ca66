/**
 * JSON checked by hand, because the built-in parser tells neither where nor how a document is broken,
 * takes the last of two equal keys in silence, and does not mind a million levels of nesting.
 */

import { Broken, type ReportPlace } from "./_events.ts";

/** Deeper nesting than any report has, and shallow enough for every walk over it. */
export const depthLimit = 500;

/** Up to so many keys a list is faster than a set. */
const listLimit = 8;

const escapeSequence = /(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const numberLiteral = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

type Expected = "value" | "value or end" | "key" | "key or end" | "separator";

/**
 * Checks one JSON value (RFC 8259) that begins at `start`.
 *
 * @return the index after it
 * @throws {Broken} `truncated` when the text is the beginning of a value; `malformed` when it is not
 * JSON, holds a key twice in one object, or nests deeper than {@linkcode depthLimit}. The message
 * completes a sentence that begins with the report's name.
 */
export function scanJson(text: string, start = 0): number {
  return new Scanner(text, start).scan();
}

/** Line and column, from 1, of an index into the text. */
export function placeAt(text: string, at: number): Required<ReportPlace> {
  let line = 1;
  let begin = 0;
  for (let next = text.indexOf("\n"); next !== -1 && next < at; next = text.indexOf("\n", begin)) {
    line++;
    begin = next + 1;
  }
  return { line, column: at - begin + 1 };
}

class Scanner {
  readonly #text: string;
  #at: number;
  /** The keys of each open object, `null` for an open array. */
  readonly #open: (Keys | null)[] = [];

  constructor(text: string, start: number) {
    this.#text = text;
    this.#at = start;
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
    if (code === 0x7b) return this.#enter(new Keys(), "key or end");
    if (code === 0x5b) return this.#enter(null, "value or end");
    if (code === 0x5d && expected === "value or end") return this.#leave();
    if (code === 0x22) this.#string();
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) this.#number();
    else if (code === 0x74) this.#word("true");
    else if (code === 0x66) this.#word("false");
    else if (code === 0x6e) this.#word("null");
    else this.#unexpected("a value");
    return "separator";
  }

  #key(code: number, expected: Expected): Expected {
    if (code === 0x7d && expected === "key or end") return this.#leave();
    if (code !== 0x22) this.#unexpected("a key in double quotes");
    const at = this.#at;
    this.#string();
    const raw = this.#text.slice(at, this.#at);
    const key = raw.includes("\\") ? JSON.parse(raw) as string : raw.slice(1, -1);
    if (!this.#open.at(-1)?.add(key)) {
      this.#malformed(`holds the key ${JSON.stringify(key.slice(0, 80))} twice in one object`, at);
    }
    if (this.#next() !== 0x3a) this.#unexpected('":"');
    this.#at++;
    return "value";
  }

  #separator(code: number): Expected {
    const inObject = this.#open.at(-1) !== null;
    if (code === 0x2c) {
      this.#at++;
      return inObject ? "key" : "value";
    }
    if (code === (inObject ? 0x7d : 0x5d)) return this.#leave();
    return this.#unexpected(inObject ? '"," or "}"' : '"," or "]"');
  }

  #enter(container: Keys | null, expected: Expected): Expected {
    if (this.#open.length >= depthLimit) {
      this.#malformed(`nests deeper than ${depthLimit} levels`, this.#at);
    }
    this.#open.push(container);
    this.#at++;
    return expected;
  }

  #leave(): Expected {
    this.#open.pop();
    this.#at++;
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
      else if (code < 0x20) this.#malformed("has a control character in a string", at);
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
    return this.#malformed("has an unknown escape in a string", at);
  }

  #number(): void {
    numberLiteral.lastIndex = this.#at;
    const matched = numberLiteral.test(this.#text);
    const end = matched ? numberLiteral.lastIndex : this.#at;
    if (/^(?:-|\.|[eE][+-]?)$/.test(this.#text.slice(end, end + 3))) {
      throw this.#truncated("inside a number");
    }
    if (!matched) this.#unexpected("a number");
    this.#at = end;
  }

  #word(word: string): void {
    if (this.#text.startsWith(word, this.#at)) this.#at += word.length;
    else if (word.startsWith(this.#text.slice(this.#at, this.#at + word.length))) {
      throw this.#truncated(`inside the word ${word}`);
    } else this.#unexpected(word);
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
    throw this.#truncated(
      this.#open.length > 0 ? "before its brackets are closed" : "before it begins",
    );
  }

  #unexpected(wanted: string): never {
    const found = JSON.stringify(String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0));
    return this.#malformed(`has ${found} where ${wanted} should be`, this.#at);
  }

  #malformed(problem: string, at: number): never {
    const place = placeAt(this.#text, at);
    const where = `line ${place.line}, column ${place.column}`;
    throw new Broken("malformed", `is not the JSON it should be: it ${problem} (${where})`, place);
  }

  #truncated(where: string): Broken {
    const place = placeAt(this.#text, this.#text.length);
    return new Broken(
      "truncated",
      `is cut off: the JSON ends ${where} (line ${place.line})`,
      place,
    );
  }
}

/** The keys of one object. */
class Keys {
  readonly #list: string[] = [];
  #set: Set<string> | undefined;

  /** @return whether the key is new */
  add(key: string): boolean {
    if (this.#set) return this.#set.size < this.#set.add(key).size;
    if (this.#list.includes(key)) return false;
    this.#list.push(key);
    if (this.#list.length > listLimit) this.#set = new Set(this.#list);
    return true;
  }
}
