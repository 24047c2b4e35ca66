import type { Language } from "./_languages.ts";

/**
 * Names of the blocks around a line where blocks are told by indentation: of all lines above that stand
 * further to the left than those below them, the ones that begin a function or class. `undefined` where
 * tabs and blanks are mixed, for nobody knows what stands further left then.
 */
export function indentBlocks(code: string, line: number, language: Language): string[] | undefined {
  const lines = code.split("\n");
  const names: string[] = [];
  let at = lastWithCode(lines, line - 1);
  let indent = Infinity;
  let style: string | undefined;
  for (; at >= 0 && indent > 0; at--) {
    const text = lines[at]!;
    const code = text.trimStart();
    // A closing bracket ends the header of a block, or a value: what it closes began above.
    if (code === "" || /^[)\]}]/.test(code)) continue;
    const white = text.slice(0, text.length - code.length);
    if (white !== "") {
      const own = white.includes("\t") ? white.includes(" ") ? "mixed" : "tabs" : "blanks";
      style ??= own;
      if (own === "mixed" || own !== style) return undefined;
    }
    if (white.length >= indent) continue;
    indent = white.length;
    const name = language.nameOf(code)?.name;
    if (name !== undefined) names.unshift(name);
  }
  return names;
}

/** A blank line belongs to what stands above it. */
function lastWithCode(lines: readonly string[], at: number): number {
  while (at >= 0 && lines[at]?.trim() === "") at--;
  return at;
}
