/** A program and its arguments as one would type them. */

/** Words that a shell would take for something else are quoted. */
export function shellLine(argv: readonly string[]): string {
  return argv.map((word) =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
  ).join(" ");
}
