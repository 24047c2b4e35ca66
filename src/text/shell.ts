/** Quoting for a POSIX shell. */

/** The text as one shell word; plain words stay as they are. */
export function shellQuote(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Whether a shell line runs nothing: blanks, comments and continued lines. For a shell that is a success. */
export function isBlankLine(text: string): boolean {
  return /^(?:\s|#[^\n]*(?:\n|$)|\\\n)*$/.test(text);
}

/** A program and its arguments as one would type them. */
export function shellLine(argv: readonly string[]): string {
  return argv.map(shellQuote).join(" ");
}
