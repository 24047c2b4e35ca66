/**
 * The function and class a line is in. A heuristic that knows how a language writes its blocks and not its
 * grammar: where what it sees does not fit together it says nothing, for a wrong name sends people astray.
 */

import { braceBlocks } from "./_brace_blocks.ts";
import { indentBlocks } from "./_indent_blocks.ts";
import { type Language, languageOf } from "./_languages.ts";

/** Sources longer than this are data or made by a machine. */
const longest = 512 * 1024;

/**
 * Says what a line of the source is in, such as `Cart.total`, outermost first; nothing when it is in none, or
 * when nobody can tell.
 */
export function enclosingIn(file: string, source: string): (line: number) => string | undefined {
  const language = languageOf(file);
  if (language === undefined || source.length > longest) return () => undefined;
  const code = withoutText(source.replaceAll(/\r\n?/g, "\n"), language);
  const blocks = language.blocks === "braces" ? braceBlocks : indentBlocks;
  return (line) => {
    const names = blocks(code, line, language);
    return names === undefined || names.length === 0 ? undefined : names.join(".");
  };
}

/** The code with comments and texts blanked out, every line and column where it was. */
function withoutText(source: string, { text }: Language): string {
  return source.replaceAll(text, (found) => found.replaceAll(/[^\n]/g, " "));
}
