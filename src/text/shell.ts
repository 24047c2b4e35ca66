/** Quoting for a POSIX shell. */

/** The text as one shell word; plain words stay as they are. */
export function shellQuote(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A program and its arguments as one would type them. */
export function shellLine(argv: readonly string[]): string {
  return argv.map(shellQuote).join(" ");
}
