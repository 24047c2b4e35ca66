/** Output of programs as plain lines: what a terminal would show in the end, without its colours. */

// deno-lint-ignore no-control-regex -- these characters are what is looked for
const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])/g;
// deno-lint-ignore no-control-regex -- these characters are what is looked for
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

/** The widest line an excerpt shows, in characters. */
const lineLimit = 200;

/** The lines of a text, without escape sequences and control characters; long lines are cut. */
export function plainLines(text: string): string[] {
  return text.toWellFormed().replace(escapes, "").split("\n").map((line) => {
    // A progress bar writes over its own line: what follows the last return is what stays.
    const settled = line.replace(/\r+$/, "").split("\r").at(-1) ?? "";
    const plain = settled.replaceAll("\t", "    ").replace(controls, "").trimEnd();
    return plain.length > lineLimit ? `${plain.slice(0, lineLimit - 1)}…` : plain;
  });
}

/** The first line that says something, cut to a length a title can bear. */
export function firstLine(text: string | undefined, limit = lineLimit): string | undefined {
  if (text === undefined) return undefined;
  const line = plainLines(text.slice(0, 4 * lineLimit)).map((each) => each.trim())
    .find((each) => each !== "");
  return line !== undefined && line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
