/** One line of a scenario that does something. */
export interface Step {
  /** From 1. */
  readonly line: number;
  readonly text: string;
  /** `!`: must fail; `?`: may fail. */
  readonly prefix: "!" | "?" | "";
  /** Words as written: `$NAME` outside quotes is expanded when the step runs. */
  readonly words: readonly Word[];
}

/** A word in pieces, so that quoted text is taken as it is. */
export type Word = readonly { readonly text: string; readonly quoted: boolean }[];

/** A scenario file: what it needs, what it does, and the files it starts with. */
export interface Scenario {
  readonly title: string;
  readonly conditions: readonly string[];
  readonly steps: readonly Step[];
  readonly files: readonly { readonly path: string; readonly text: string }[];
}

const fileMarker = /^-- (\S+) --$/;
const conditionLine = /^(\[!?[\w:.-]+\]\s*)+$/;

/** Splits a line into words at blanks; `'…'` is literal and `''` inside it is one quote. */
export function wordsOf(line: string): Word[] {
  const words: { text: string; quoted: boolean }[][] = [];
  const token = /\s+|'((?:[^']|'')*)'|([^\s']+)|(')/gy;
  let word: { text: string; quoted: boolean }[] | undefined;
  for (const [whole, quoted, plain, stray] of line.matchAll(token)) {
    if (stray) throw new Error(`a quote is not closed: ${line}`);
    if (quoted === undefined && plain === undefined) word = undefined;
    else if (word === undefined && whole.startsWith("#")) break;
    else {
      if (!word) words.push(word = []);
      word.push(
        quoted !== undefined
          ? { text: quoted.replaceAll("''", "'"), quoted: true }
          : { text: plain!, quoted: false },
      );
    }
  }
  return words;
}

function stepOf(text: string, line: number): Step {
  const prefix = text.startsWith("! ") ? "!" : text.startsWith("? ") ? "?" : "";
  return { line, text, prefix, words: wordsOf(text.slice(prefix.length)) };
}

/** Reads a scenario: comments, conditions and steps, then files, each after `-- path --`. */
export function parseScenario(source: string): Scenario {
  const lines = source.split("\n");
  const firstFile = lines.findIndex((line) => fileMarker.test(line));
  const script = firstFile < 0 ? lines : lines.slice(0, firstFile);
  const numbered = script.map((text, index) => ({ text: text.trim(), line: index + 1 }));
  const title = numbered.find(({ text }) => text.startsWith("#"))?.text.replace(/^#\s*/, "");
  if (!title) throw new Error("a scenario starts with its name: # What must hold");
  const meant = numbered.filter(({ text }) => text !== "" && !text.startsWith("#"));
  const isCondition = ({ text }: { text: string }) => conditionLine.test(text);
  return {
    title,
    conditions: meant.filter(isCondition).flatMap(({ text }) => text.match(/[^[\]\s]+/g) ?? []),
    steps: meant.filter((each) => !isCondition(each)).map(({ text, line }) => stepOf(text, line)),
    files: firstFile < 0 ? [] : filesOf(lines.slice(firstFile)),
  };
}

function filesOf(lines: readonly string[]): { path: string; text: string }[] {
  const files: { path: string; lines: string[] }[] = [];
  for (const line of lines) {
    const path = fileMarker.exec(line)?.[1];
    if (path) files.push({ path, lines: [] });
    else files.at(-1)?.lines.push(line);
  }
  return files.map(({ path, lines }) => ({ path, text: lines.join("\n").replace(/\n*$/, "\n") }));
}
