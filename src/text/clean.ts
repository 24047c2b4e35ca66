/**
 * Makes foreign text safe to print: names of tests, messages and file names must not move the cursor,
 * set the title, or hide or reorder what a person reads.
 *
 * @module
 */

// ECMA-48, in both its forms (ESC and one byte, or one C1 character). Every part stops at the next
// ESC, so that the time is linear however many sequences are opened and never closed.
const ansi = new RegExp(
  [
    // Strings up to BEL or ST: OSC (titles, hyperlinks), DCS, SOS, PM, APC.
    "(?:\\x1b[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])[^\\x07\\x1b\\x9c\\x9d\\x90\\x98\\x9e\\x9f\\n]*" +
    "(?:\\x07|\\x1b\\\\|\\x9c)",
    // CSI: colours, cursor.
    "(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]?",
    // Two characters, and character sets.
    "\\x1b[ -/]*[0-Z\\\\^-~]",
  ].join("|"),
  "g",
);

// deno-lint-ignore no-control-regex
const ansiStart = /[\x1b\x80-\x9f]/;

/** Controls, and characters that reorder or hide text: direction marks, separators, tags. */
const unsafe =
  // deno-lint-ignore no-control-regex -- these characters are what is looked for
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** Removes terminal control sequences: CSI, OSC (closed by BEL or ST), DCS and the short ones. */
export function stripAnsi(text: string): string {
  return ansiStart.test(text) ? text.replace(ansi, "") : text;
}

/** One line: any white space becomes a blank, unsafe characters are removed. */
export function clean(text: string): string {
  return stripped(text.replace(/\s+/g, " ")).trim();
}

/** Several lines; tabs become four blanks. */
export function cleanLines(text: string): string[] {
  return text.split(/\r\n|\n/).map((line) => stripped(line.replaceAll("\t", "    ")).trimEnd());
}

function stripped(text: string): string {
  return stripAnsi(text.toWellFormed()).replace(unsafe, "");
}

/** What JSON need not escape but terminals act on: controls above ASCII, direction marks, separators, tags. */
const unsafeInJson =
  /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]|\udb40[\udc00-\udc7f]/g;

/** JSON that is safe to print: whatever would move a cursor, hide or reorder text is escaped, with the same value. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    unsafeInJson,
    (found) =>
      Array.from(
        { length: found.length },
        (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`,
      ).join(""),
  );
}
