/**
 * Text of others made safe to print: names of tests, messages and file names must not move the cursor,
 * set the title, hide or reorder what a person reads.
 *
 * @module
 */

/** Escape sequences whole: CSI; OSC, DCS, SOS, PM and APC with their text; the short ones. ECMA-48. */
const sequences =
  // deno-lint-ignore no-control-regex -- these characters are what is looked for
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?/g;

/** Controls, and characters that reorder or hide text: marks of direction, separators, tags. */
const unsafe =
  // deno-lint-ignore no-control-regex -- these characters are what is looked for
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** One line: white space of every kind becomes a blank, what is unsafe is left out. */
export function clean(text: string): string {
  return stripped(text.replace(/\s+/g, " ")).trim();
}

/** Several lines; tabs become four blanks. */
export function cleanLines(text: string): string[] {
  return text.split(/\r\n|\n/).map((line) => stripped(line.replaceAll("\t", "    ")).trimEnd());
}

function stripped(text: string): string {
  return text.toWellFormed().replace(sequences, "").replace(unsafe, "");
}
