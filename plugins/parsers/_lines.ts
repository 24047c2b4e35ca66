/** Reports that are lines of text, read in memory that does not grow with them. */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { Broken, brokenEvent, ReportReader } from "./_events.ts";

/** Longer lines are cut: in characters. */
export const lineLimit = 8 * 1024 * 1024;

/** One line of a report. */
export interface Line {
  /** Without the line's end. */
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Whether a line end follows: the last line of a stream may lack it. */
  readonly ended: boolean;
  /** Whether only the beginning is there, because it is longer than the limit. */
  readonly cut: boolean;
}

/** What a format makes of its lines. */
export abstract class LineReader extends ReportReader {
  /** Whether a report of no lines is one. */
  readonly mayBeEmpty: boolean = false;
  abstract read(line: Line): void;
  /** The report is broken: what waits is told as it is. */
  rescue(): void {}
}

/** Parses reports line by line: the frame of every such parser. */
export function lineReports(readerFor: (context: ParseContext) => LineReader, limit = lineLimit) {
  return async function* (
    input: ReadableStream<Uint8Array>,
    context: ParseContext,
  ): AsyncGenerator<readonly ReportEvent[], void, undefined> {
    const reader = readerFor(context);
    let isEmpty = !reader.mayBeEmpty;
    try {
      for await (const lines of linesOf(input, limit)) {
        for (const line of lines) {
          isEmpty &&= line.text.trim() === "";
          reader.read(line);
        }
        yield reader.take();
      }
      if (isEmpty) throw new Broken("truncated", "is empty");
      reader.finish();
      yield [...reader.take(), { kind: "end" }];
    } catch (error) {
      reader.rescue();
      yield [...reader.take(), brokenEvent(error, context.source)];
    }
  };
}

/**
 * Splits UTF-8 at `\n` or `\r\n`; a byte order mark is skipped, and bytes that are no UTF-8 become
 * U+FFFD. Nothing is yielded for the empty rest after the last line end.
 *
 * @return the lines, grouped as the chunks come
 */
export async function* linesOf(
  input: ReadableStream<Uint8Array>,
  limit = lineLimit,
): AsyncGenerator<readonly Line[], void, undefined> {
  const decoder = new TextDecoder();
  const splitter = new Splitter(limit);
  for await (const chunk of input) yield splitter.push(decoder.decode(chunk, { stream: true }));
  yield splitter.push(decoder.decode());
  yield splitter.finish();
}

class Splitter {
  readonly #limit: number;
  /** The beginning of a line, as the chunks brought it. */
  #parts: string[] = [];
  #length = 0;
  #number = 1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(text: string): readonly Line[] {
    const lines: Line[] = [];
    let begin = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", begin)) {
      this.#keep(text.slice(begin, end));
      lines.push(this.#take(true));
      begin = end + 1;
    }
    this.#keep(text.slice(begin));
    return lines;
  }

  finish(): readonly Line[] {
    return this.#length > 0 ? [this.#take(false)] : [];
  }

  #keep(text: string): void {
    const room = this.#limit - this.#length;
    if (room > 0 && text !== "") this.#parts.push(text.slice(0, room));
    this.#length += text.length;
  }

  #take(ended: boolean): Line {
    const text = this.#parts.join("");
    const line: Line = {
      text: text.endsWith("\r") ? text.slice(0, -1) : text,
      number: this.#number++,
      ended,
      cut: this.#length > this.#limit,
    };
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}
