/** Excerpts: the lines around a place in a source file, or the end of an output. */

import { plainLines } from "./_plain_text.ts";

/** Lines shown before and after the one that is marked. */
const around = 3;

/** Lines shown of the end of an output, and of a text. */
const tailLines = 12;

/**
 * The lines around `line`, numbered, with `>` before the one meant; `undefined` when the text has no
 * such line: the file is not the one that was reported on.
 */
export function sourceExcerpt(source: string, line: number): string | undefined {
  const lines = source.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (!Number.isInteger(line) || line < 1 || line > lines.length) return undefined;
  const from = Math.max(1, line - around);
  const to = Math.min(lines.length, line + around);
  const width = String(to).length;
  return plainLines(lines.slice(from - 1, to).join("\n")).map((text, index) => {
    const number = from + index;
    return `${number === line ? ">" : " "} ${String(number).padStart(width)} | ${text}`.trimEnd();
  }).join("\n");
}

/** The last lines of an output that say something; `undefined` when there are none. */
export function tailExcerpt(text: string): string | undefined {
  const lines = plainLines(text).filter((line) => line !== "").slice(-tailLines);
  return lines.length > 0 ? lines.join("\n") : undefined;
}

/** The first lines of a text, such as the details of a test's failure. */
export function headExcerpt(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const lines = plainLines(text.slice(0, 16_384)).filter((line) => line !== "");
  return lines.length > 0 ? lines.slice(0, tailLines).join("\n") : undefined;
}
