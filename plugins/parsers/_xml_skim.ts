/**
 * The two constructs that make up most of a large report, read by searching instead of character by
 * character: an element without content (`<testcase name="…"/>`), and the inside of a CDATA section
 * that is not needed. Only what is certainly well-formed is taken; the rest is left to the XML parser.
 */

export type Attributes = Readonly<Record<string, string>>;

export interface EmptyElement {
  readonly name: string;
  readonly attributes: Attributes;
  /** Where it ends in the text. */
  readonly end: number;
}

// Values without references, and without anything a parser would normalise. No part of the pattern can
// match what the next one begins with, so that it cannot backtrack further than it came.
const emptyElement =
  // deno-lint-ignore no-control-regex
  /<([A-Za-z][\w-]*)((?:\s+[A-Za-z_][\w.-]*="[^"<&\x00-\x1f\x7f-\x9f\u2028\ufffe\uffff]*")*)\s*\/>/y;

const space = /[ \t\r\n]*/y;

/** Where the white space that begins at `at` ends. */
export function skipSpace(text: string, at: number): number {
  space.lastIndex = at;
  space.test(text);
  return space.lastIndex;
}

/**
 * Reads elements without content. Remembers the attribute names from one element to the next:
 * they repeat in the same order, and a known name needs no new string.
 */
export class EmptyElements {
  readonly #names: string[] = [];

  /** The element that begins at `at`, or nothing if it is not simple enough. */
  at(text: string, at: number): EmptyElement | undefined {
    emptyElement.lastIndex = at;
    const match = emptyElement.exec(text);
    if (!match) return undefined;
    const attributes = this.#attributes(match[2]!);
    return attributes && { name: match[1]!, attributes, end: emptyElement.lastIndex };
  }

  /** Of `a="1" b="2"`; nothing if a name is repeated, which the parser must reject. */
  #attributes(text: string): Attributes | undefined {
    const attributes: Record<string, string> = {};
    for (let at = 0, index = 0; at < text.length; index++) {
      const equals = text.indexOf("=", at);
      const end = text.indexOf('"', equals + 2);
      const name = this.#name(text, at, equals, index);
      if (name in attributes) return undefined;
      attributes[name] = text.slice(equals + 2, end);
      at = end + 1;
    }
    return attributes;
  }

  #name(text: string, at: number, equals: number, index: number): string {
    const known = this.#names[index];
    if (known !== undefined && equals === at + 1 + known.length && text.startsWith(known, at + 1)) {
      return known;
    }
    const name = text.slice(at, equals).trimStart();
    this.#names[index] = name;
    return name;
  }
}

/**
 * How much of the inside of a CDATA section can be skipped: up to what closes it, or to the last two
 * characters, which may be the beginning of that.
 */
export function skipCdata(text: string, at: number): number {
  const end = text.indexOf("]]>", at);
  return end < 0 ? Math.max(at, text.length - 2) : end;
}

/** How many lines end in a part of a text, and how many characters follow the last of them. */
export function extentOf(
  text: string,
  from: number,
  to: number,
): { readonly lines: number; readonly columns: number } {
  let lines = 0;
  let start = from;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", start)) {
    lines++;
    start = at + 1;
  }
  const pairs = text.slice(start, to).match(/[\ud800-\udbff]/g)?.length ?? 0;
  return { lines, columns: to - start - pairs };
}
