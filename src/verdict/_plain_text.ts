/** Output of programs as plain lines: what a terminal would end up showing, without its colours. */

import type { Denial } from "../model.ts";
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

/** The first line that is not empty, cut to fit a title. */
export function firstLine(text: string | undefined, limit = lineLimit): string | undefined {
  if (text === undefined) return undefined;
  const line = plainLines(text.slice(0, 4 * lineLimit)).map((each) => each.trim())
    .find((each) => each !== "");
  return line === undefined ? undefined : truncate(line, limit);
}

// Sentences about what a sandbox denied a command.

/** Denials named in one sentence. */
const maxNamed = 3;

/** `filesystem, /etc/x (kernel log: …)`; what the command itself printed is shown with its output. */
export function denialText({ dimension, subject, evidence }: Denial): string {
  const what = subject === undefined ? dimension : `${dimension}, ${subject}`;
  return /^standard (?:error|output):/.test(evidence) ? what : `${what} (${evidence})`;
}

/** Several in one sentence, the first few by name. */
export function denialTexts(denials: readonly Denial[]): string {
  const named = denials.slice(0, maxNamed).map(denialText).join("; ");
  const rest = denials.length - maxNamed;
  return rest > 0 ? `${named}; and ${`${rest} more`}` : named;
}
