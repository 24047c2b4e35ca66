/** A program and its arguments, exactly, to be pasted into a shell. */

import { displayWidth } from "./width.ts";

/** Controls, marks that hide or turn text, and blanks that are no blank. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/**
 * The words in lines of at most `columns`, each but the last ended by a backslash; a word is never broken, so a
 * long one stands in a line of its own that is as long as it must be.
 */
export function shellWords(argv: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of argv.map(shellWord)) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (line !== "" && displayWidth(joined) > columns - 2) {
      lines.push(`${line} \\`);
      line = word;
    } else line = joined;
  }
  return [...lines, line];
}

/** What a person cannot see is written as bash and zsh read it in `$'…'`; the rest as every shell does. */
function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!unseen.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  return `$'${[...word].map(escaped).join("")}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  if (!unseen.test(character)) return character;
  const code = character.codePointAt(0)!.toString(16);
  // As many digits as there can be: fewer would be read on into what follows.
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
}
