/**
 * Text of others in GitHub's and GitLab's Markdown: nothing of it becomes markup, a mention, a reference or HTML.
 *
 * @module
 */

import { line } from "./_text.ts";

/** Stands between a sign and the word after it, so that nobody is called and nothing is linked. Not seen. */
const apart = "\u200b";

/** A sentence. */
export function prose(text: string, limit = 300): string {
  return apartFrom(line(text, limit)).replace(
    /[\\`*_[\]|~$]|^[-+=#]|^\d+(?=[.)])/g,
    (sign) => /\d/.test(sign) ? `${sign}\\` : `\\${sign}`,
  ).replace(/[&<>]/g, entity);
}

/** The same where HTML stands instead of Markdown: in `<summary>`. */
export function html(text: string, limit = 300): string {
  return apartFrom(line(text, limit)).replace(/[&<>"]/g, entity);
}

/** A name, a path or a command as code on one line; in a table too. */
export function code(text: string, limit = 200): string {
  // Whatever escapes there are in a table's code, they are the table's: `\|` is a bar.
  const shown = line(text, limit).replaceAll("|", "\\|");
  if (shown === "") return "";
  const fence = "`".repeat(longestRun(shown) + 1);
  const gap = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${gap}${shown}${gap}${fence}`;
}

/** Lines as a block of code. */
export function block(text: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}text\n${text}\n${fence}`;
}

function apartFrom(text: string): string {
  return text.replace(/[@#](?=[\p{L}\p{N}])|:\/\/|\bwww\./gu, (sign) => `${sign}${apart}`);
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
}

function entity(character: string): string {
  return { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[character]!;
}
