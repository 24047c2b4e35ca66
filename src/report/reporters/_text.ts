/** Makes foreign text fit for a file that machines and people read. */

import { clean, cleanLines } from "../../text/clean.ts";
import { truncate } from "../../text/words.ts";

/** One line, without anything that moves a cursor or hides text, at most `limit` code units long. */
export function line(text: string | undefined, limit = 1_000): string {
  return text === undefined ? "" : truncate(clean(text.slice(0, limit * 4)), limit);
}

/** The same, keeping line ends. */
export function lines(text: string | undefined, limit = 32_768): string {
  if (text === undefined) return "";
  return truncate(cleanLines(text.slice(0, limit * 4)).join("\n").trimEnd(), limit);
}

/** A file's name unchanged, blanks included, except for what moves a cursor or hides text. */
export function fileName(file: string): string {
  return cleanLines(file).join(" ");
}

/** Whether a path names a place inside the project: relative, and not above the root. */
export function isInProject(file: string): boolean {
  return file !== "" && !/^(?:[/\\~]|[a-z][a-z0-9+.-]*:|<)/i.test(file) &&
    !file.split(/[/\\]/).includes("..");
}
