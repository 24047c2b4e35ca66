/** Counts what makes a program branch, in most languages alike. */

/** Words and signs that choose between two ways, at the beginning of a line or after a bracket. */
const branch =
  /\b(?:if|elif|elsif|else if|for|foreach|while|case|when|catch|except|rescue)\b|&&|\|\|/g;

/** Comments and texts, which hold such words without branching. */
const noise = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/\/[^\n]*|\/\*[^]*?\*\/|(?<=^|\s)#[^\n]*/gm;

/** How many branches a source has. */
export function branches(source: string): number {
  return source.replace(noise, "").match(branch)?.length ?? 0;
}
