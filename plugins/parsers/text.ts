/**
 * Diagnostics in the output of tools that have no report format: `file:line:col: severity: message` and what
 * else compilers, linters and interpreters print. Such output has no end that could be missing and claims nothing, so
 * this explains a verdict and never makes one: it is read when a command failed without naming an event.
 *
 * @module
 */

import type { DiagnosticReportEvent, ParseContext, ReportEvent } from "../../src/plugin.ts";
import { diagnosticEvent } from "./_events.ts";
import { linesOf } from "./_lines.ts";
import { sourceFile } from "./_source_file.ts";
import { Block } from "./_text_blocks.ts";
import { stripAnsi } from "./_text_clean.ts";
import { type Found, foundIn, fromGroups } from "./_text_patterns.ts";

/** So many diagnostics are told; who has more mends these first. */
export const diagnosticLimit = 1000;

/** So many characters of a line are looked at. */
const lineLimit = 2000;

/** Reads diagnostics out of any output. */
export async function* parse(
  input: ReadableStream<Uint8Array>,
  context: ParseContext,
): AsyncGenerator<ReportEvent | readonly ReportEvent[], void, undefined> {
  const reader = new TextReader(context);
  for await (const lines of linesOf(input, lineLimit * 4)) {
    // What holds no more is read to its end all the same: that is what a parser has to do.
    if (reader.isFull) continue;
    for (const { text } of lines) reader.read(visible(text));
    yield reader.take();
  }
  reader.finish();
  yield [...reader.take(), { kind: "end" }];
}

/** What a terminal would show of a line: no colours, and of a progress bar only the last state. */
function visible(text: string): string {
  // Some logs have lost the escape character and kept the rest of the sequence: `[0;31m`.
  const plain = stripAnsi(text).slice(0, lineLimit)
    .replace(/\[(?:\d{1,3};){0,4}\d{0,3}m/g, "").trimEnd();
  return plain.slice(plain.lastIndexOf("\r") + 1);
}

class TextReader {
  readonly #context: ParseContext;
  readonly #seen = new Set<string>();
  #events: DiagnosticReportEvent[] = [];
  #block: Block | undefined;
  /** The file that a headline of ESLint's or Stylelint's names for the lines below it. */
  #file: string | undefined;
  /** The last line that pytest marks as the error. */
  #raised: string | undefined;

  constructor(context: ParseContext) {
    this.#context = context;
  }

  take(): readonly ReportEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  get isFull(): boolean {
    return this.#seen.size >= diagnosticLimit;
  }

  read(line: string): void {
    if (this.isFull || (this.#block && this.#readBlock(line))) return;
    const found = foundIn(line) ?? this.#stylish(line) ?? this.#pytest(line);
    if (found) this.#emit(found);
    else this.#block = Block.begin(line);
  }

  finish(): void {
    const found = this.#block?.found(this.#context);
    this.#block = undefined;
    if (found) this.#emit(found);
  }

  /** @return whether the line belongs to the block */
  #readBlock(line: string): boolean {
    const { taken, done } = this.#block!.add(line);
    if (done) this.finish();
    return taken;
  }

  /** ESLint and Stylelint: a file's name, and below it `  12:3  error  message  rule`. */
  #stylish(line: string): Found | undefined {
    if (/^(?:[A-Za-z]:)?[^\s:][^:]{0,300}\.\w{1,10}$/.test(line)) this.#file = line;
    const groups =
      /^\s+(?<line>\d{1,9}):(?<column>\d{1,9})\s+(?<severity>error|warning|info|[✖×⚠ℹ])\s+(?<message>\S.*)$/
        .exec(line)?.groups;
    if (!groups || this.#file === undefined) return undefined;
    const [message = "", rule] = groups.message!.split(/\s{2,}(?=\S+$)/);
    return fromGroups({ ...groups, file: this.#file, message, rule });
  }

  /** pytest: lines `E   AssertionError: …`, and below them `tests/test_a.py:45: AssertionError`. */
  #pytest(line: string): Found | undefined {
    const raised = /^E {2,}(\S.*)/.exec(line);
    if (raised && (this.#raised === undefined || /^[\w.]+(?:Error|Exception)\b/.test(raised[1]!))) {
      this.#raised = raised[1];
    }
    const groups = /^(?<file>[^\s:]{1,300}\.py):(?<line>\d{1,9}): (?<message>[A-Z]\w*)$/.exec(line)
      ?.groups;
    if (!groups) return undefined;
    const message = this.#raised ?? groups.message;
    this.#raised = undefined;
    return fromGroups({ ...groups, severity: "error", message }, "pytest");
  }

  #emit(found: Found & Pick<DiagnosticReportEvent, "details" | "frames">): void {
    const event = diagnosticEvent({
      ...found,
      file: found.file === undefined ? undefined : sourceFile(found.file, this.#context),
    });
    const key = [event.file, event.line, event.column, event.message].join("\n");
    if (this.isFull || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#events.push(event);
  }
}
