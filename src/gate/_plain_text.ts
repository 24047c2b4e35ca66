/** Output of programs as plain lines: what a terminal would show in the end, without its colours. */

import { cleanLines, stripAnsi } from "../text/clean.ts";
import { truncate } from "../text/words.ts";

/** The widest line an excerpt shows, in characters. */
const lineLimit = 200;

/** The lines of a text, without escape sequences and control characters; long lines are cut. */
export function plainLines(text: string): string[] {
  // A progress bar writes over its own line: what follows the last return is what stays.
  const settled = stripAnsi(text).replace(/\r+$/gm, "").replace(/^.*\r/gm, "");
  return cleanLines(settled).map((line) => truncate(line, lineLimit));
}

/** The first line that says something, cut to a length a title can bear. */
export function firstLine(text: string | undefined, limit = lineLimit): string | undefined {
  if (text === undefined) return undefined;
  const line = plainLines(text.slice(0, 4 * lineLimit)).map((each) => each.trim())
    .find((each) => each !== "");
  return line === undefined ? undefined : truncate(line, limit);
}
