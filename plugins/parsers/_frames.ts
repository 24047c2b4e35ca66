/**
 * Stack traces, as the runtimes of many languages print them, read into frames.
 *
 * A trace is text from the code under test, so nothing here may take longer than linear time: each
 * line is examined up to {@linkcode lineLimit}, and the patterns do not backtrack across it.
 */

import type { Frame } from "../../src/plugin.ts";
import { stripAnsi } from "../../src/text/clean.ts";
import { type Places, sourceFile } from "./_source_file.ts";

/** Maximum number of frames kept of one trace. */
export const frameLimit = 50;

const lineLimit = 1000;
/** For longer text the beginning and the end are read, where the innermost frames are. */
const textLimit = 128 * 1024;

/** A frame as in the line: the file not yet relative to the root. */
interface RawFrame {
  readonly file: string;
  readonly line: number;
  readonly column?: number | undefined;
  readonly function?: string | undefined;
  /** Printed with the innermost last. */
  readonly innermostLast?: boolean;
}

/**
 * Reads the stack frames in a text, the innermost first: where it failed, then who called. Knows
 * Python (tracebacks, pytest), Ruby, JavaScript and TypeScript (V8, Deno, Firefox), Java and Kotlin,
 * Go (panics, `t.Error`), .NET, PHP, Rust, and lines that begin with `file.ext:line`. Java prints only
 * base names; the package is put before them (`com/acme/CartTest.java`).
 *
 * @param text a stack trace, or a message that holds one
 * @return at most {@linkcode frameLimit} frames, the same place twice in a row only once
 */
export function framesOf(text: string, places: Places): Frame[] {
  const frames: Frame[] = [];
  for (const raw of innermostFirst(rawFrames(text))) {
    const file = sourceFile(raw.file, places);
    const last = frames.at(-1);
    if (last?.file === file && last.line === raw.line && last.column === raw.column) continue;
    frames.push({
      file,
      line: raw.line,
      ...(raw.column === undefined ? {} : { column: raw.column }),
      ...(raw.function ? { function: raw.function } : {}),
    });
    if (frames.length === frameLimit) break;
  }
  return frames;
}

const foreign =
  /^(?:\.\.?\/|\/|[a-z]+:)|(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|gems)\//;
const libraries =
  /^(?:java|javax|jdk|sun|kotlin|kotlinx|scala|groovy|org\/(?:junit|testng|gradle|apache\/maven|mockito|hamcrest|assertj))\//;

/** The innermost frame in the project's own code; `undefined` if all are in libraries. */
export function ownFrame(frames: readonly Frame[]): Frame | undefined {
  return frames.find(({ file }) => !foreign.test(file) && !libraries.test(file));
}

/** Reverses tracebacks that print the innermost last, each run of such frames separately. */
function innermostFirst(frames: readonly RawFrame[]): readonly RawFrame[] {
  const ordered: RawFrame[] = [];
  let run: RawFrame[] = [];
  for (const frame of frames) {
    if (frame.innermostLast) run.push(frame);
    else {
      ordered.push(...run.reverse(), frame);
      run = [];
    }
  }
  return [...ordered, ...run.reverse()];
}

function rawFrames(text: string): RawFrame[] {
  const found: RawFrame[] = [];
  let before = "";
  for (const line of linesOf(stripAnsi(ends(text)))) {
    const frame = mayHoldFrame.test(line) ? frameOf(line, before) : undefined;
    if (frame) found.push(frame);
    before = line;
  }
  return found;
}

function ends(text: string): string {
  if (text.length <= textLimit) return text;
  return `${text.slice(0, textLimit / 2)}\n${text.slice(-textLimit / 2)}`;
}

function* linesOf(text: string): Generator<string> {
  for (let start = 0; start <= text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    yield text.slice(start, Math.min(end, start + lineLimit)).trim();
    start = end + 1;
  }
}

const mayHoldFrame = /[:(]\d|line \d/;

function frameOf(line: string, before: string): RawFrame | undefined {
  return pythonFrame(line) ?? atFrame(line, before) ?? firefoxFrame(line) ?? phpFrame(line) ??
    leadingPlace(line, before);
}

/** `File "app.py", line 3, in total` */
function pythonFrame(line: string): RawFrame | undefined {
  const match = /^File "([^"]+)", line (\d{1,9})(?:, in (.+))?/.exec(line);
  if (!match) return undefined;
  return { file: match[1]!, line: Number(match[2]), function: match[3], innermostLast: true };
}

/** `at …` of JavaScript, Java, .NET and Rust. */
function atFrame(line: string, before: string): RawFrame | undefined {
  if (!line.startsWith("at ")) return undefined;
  const body = line.slice(3).replace(/^async /, "").replace(/\) ~?\[[^\]]*\]$/, ")");
  const dotnet = /:line (\d{1,9})$/.exec(body);
  if (dotnet) return dotnetFrame(body.slice(0, dotnet.index), Number(dotnet[1]));
  if (!body.endsWith(")")) return placed(body, /^\d+: (.+)$/.exec(before)?.[1]);
  const open = body.indexOf(" (");
  return open < 0 ? javaFrame(body) : v8Frame(body.slice(0, open), body.slice(open + 2, -1));
}

/** `Shop.Cart.Total(Int32 count) in C:\shop\Cart.cs` */
function dotnetFrame(body: string, line: number): RawFrame | undefined {
  const split = body.indexOf(" in ");
  if (split < 0) return undefined;
  return { function: body.slice(0, split), file: body.slice(split + 4), line };
}

/** `Cart.total [as sum]` and `file:///p/cart.ts:3:9`, or an eval's nest of places. */
function v8Frame(name: string, location: string): RawFrame | undefined {
  const place = location.startsWith("eval at ")
    ? location.slice(location.lastIndexOf("(") + 1).split(")")[0]!
    : location;
  const named = name.replace(/^async /, "").replace(/ \[as [^\]]*\]$/, "");
  return placed(place, named === "<anonymous>" ? undefined : named);
}

/** `app//com.acme.Cart.total(Cart.java:12)`; the file's folder is the package. */
function javaFrame(body: string): RawFrame | undefined {
  const open = body.lastIndexOf("(");
  const place = placed(body.slice(open + 1, -1));
  if (!place) return undefined;
  const name = body.slice(body.lastIndexOf("/", open) + 1, open);
  const folder = name.split(".").slice(0, -2);
  return { ...place, file: [...folder, place.file].join("/"), function: name };
}

/** `total@http://localhost/cart.js:3:9` */
function firefoxFrame(line: string): RawFrame | undefined {
  const at = line.indexOf("@");
  if (at < 0 || !/@(?:[a-z]+:\/\/|\/).*:\d+:\d+$/.test(line)) return undefined;
  return placed(line.slice(at + 1), line.slice(0, at).replace(/^async\*/, ""));
}

/** `#0 /app/Cart.php(12): Cart->total()` */
function phpFrame(line: string): RawFrame | undefined {
  const match = /^#\d{1,6} ([^(]+)\((\d{1,9})\)(?:: ([^(]+))?/.exec(line);
  return match ? { file: match[1]!, line: Number(match[2]), function: match[3] } : undefined;
}

const prefix =
  /^(?:# |from |\[|Error Trace:\s*|-->\s*|❯ (?:\S+ (?=\S+:\d))?|thread '[^']*'(?: \(\d+\))? panicked at )/;
// A sentence must not be mistaken for a path, so a path with blanks has to be absolute.
const place =
  /^((?:(?:[A-Za-z]:)?[\\/][^:*?"<>|]{0,400}|[^\s:*?"<>|()]{1,400})\.([a-z]{1,7})):(\d{1,9})(?::(\d{1,9}))?(?=[:\s\])]|$)(.*)/;
const sources = new Set(
  ("py pyi rb rake js mjs cjs jsx ts mts cts tsx vue svelte java kt kts scala groovy go php phpt rs cs fs " +
    "vb c cc cpp cxx h hh hpp m mm swift ex exs erl dart lua pl pm t sh bats clj hs zig nim feature")
    .split(" "),
);

/** `cart_test.go:12: want 3` and anything else that begins with a source file and a line. */
function leadingPlace(line: string, before: string): RawFrame | undefined {
  const match = place.exec(line.replace(prefix, ""));
  if (!match || !sources.has(match[2]!)) return undefined;
  const [, file, extension, row, column, rest] = match;
  return {
    file: file!,
    line: Number(row),
    column: column === undefined ? undefined : Number(column),
    function: functionIn(line, rest!) ?? goFunction(rest!, before),
    innermostLast: extension === "py",
  };
}

/** `cart.rb:8:in 'Cart#total'`, `cart.py:8: in total`, and Vitest's `❯ total cart.ts:8:1`. */
function functionIn(line: string, rest: string): string | undefined {
  return /^:?\s?in [`'"]?([^`'"]+)/.exec(rest)?.[1] ?? /^❯ (\S+) (?=\S+:\d)/.exec(line)?.[1];
}

/** Go prints the function on the line before the place: `cart.(*Cart).Total(0xc0, {0x1, 0x2})`. */
function goFunction(rest: string, before: string): string | undefined {
  if (!/^ \+0x/.test(rest)) return undefined;
  const created = /^created by (\S+)/.exec(before)?.[1];
  return created ?? (before.endsWith(")") ? before.slice(0, before.lastIndexOf("(")) : undefined);
}

/** `file:line` or `file:line:column`, with nothing else. */
function placed(text: string, name?: string): RawFrame | undefined {
  const match = /:(\d{1,9})(?::(\d{1,9}))?$/.exec(text);
  if (!match) return undefined;
  const file = text.slice(0, match.index);
  if (!/[./\\]/.test(file) || /^https?:\/\/[^/]*$/.test(file)) return undefined;
  const column = match[2] === undefined ? undefined : Number(match[2]);
  return { file, line: Number(match[1]), column, function: name };
}
