/** How many columns a text takes on a terminal, and cutting and wrapping by that. Text must be clean. */

/** Wide by Unicode's East Asian Width (W and F), and emoji shown as pictures. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;
/** Takes no columns: combining marks and format characters. */
const zero = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
// deno-lint-ignore no-control-regex -- the sequences of our own styles
const styles = /\x1b\[[0-9;]*m/g;

/** The columns that the text takes; colours take none. */
export function displayWidth(text: string): number {
  const plain = text.includes("\x1b") ? text.replace(styles, "") : text;
  if (isSimple(plain)) return plain.length;
  let width = 0;
  for (const character of characters(plain)) width += characterWidth(character);
  return width;
}

/** The text within `columns`, with `…` if it was cut. */
export function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 1) return "";
  return `${split(text, columns - 1, 0)[0].trimEnd()}…`;
}

export function padEnd(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}

/** The text in lines of at most `columns`, broken between words if possible. */
export function wrap(text: string, columns: number): string[] {
  const width = Math.max(2, columns);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (displayWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== "") lines.push(line);
    line = word;
    while (displayWidth(line) > width) {
      const [head, rest] = split(line, width, 1);
      lines.push(head);
      line = rest;
    }
  }
  return [...lines, line];
}

/** The longest prefix that fits, of at least the given number of characters, and the rest. */
function split(text: string, columns: number, atLeast: 0 | 1): readonly [string, string] {
  let width = 0;
  let end = 0;
  for (const character of characters(text)) {
    width += characterWidth(character);
    if (width > columns && (end > 0 || atLeast === 0)) break;
    end += character.length;
  }
  return [text.slice(0, end), text.slice(end)];
}

/**
 * Text in which each code unit is one character in one column: ASCII, Latin-1 and the symbols assay prints
 * itself. Creating a segmenter takes longer than a run that does nothing.
 */
function isSimple(text: string): boolean {
  // deno-lint-ignore no-control-regex -- all of ASCII is meant
  return /^[\x00-\x7f\xa0-\xac\xae-\xff\u2010-\u2027\u2190-\u2193\u2264\u2265\u2500-\u257f\u2713\u2717]*$/
    .test(text);
}

let segmenter: Intl.Segmenter | undefined;

/** What people see as one character: letters with their marks, emoji with their parts. */
function* characters(text: string): Iterable<string> {
  if (isSimple(text)) yield* text;
  else {
    segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
    for (const { segment } of segmenter.segment(text)) yield segment;
  }
}

function characterWidth(character: string): number {
  if (character.length === 1 && isSimple(character)) return 1;
  return wide.test(character) ? 2 : zero.test(character) ? 0 : 1;
}
