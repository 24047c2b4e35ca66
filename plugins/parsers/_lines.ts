/** Reports that are lines of text, read in constant memory. */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { Broken, brokenEvent, ReportReader } from "./_events.ts";

/** Longer lines are cut: in characters. */
export const lineLimit = 8 * 1024 * 1024;

export interface Line {
  /** Without the line's end. */
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** Whether a line end follows: the last line of a stream may lack it. */
  readonly ended: boolean;
  /** Whether this is only the beginning, because the line is longer than the limit. */
  readonly cut: boolean;
}

/** What a format does with its lines. */
export abstract class LineReader extends ReportReader {
  /** Whether an empty report is valid. */
  readonly mayBeEmpty: boolean = false;
  abstract read(line: Line): void;
  /** The report is broken: pending events are returned as they are. */
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
 * Splits UTF-8 at `\n` or `\r\n`; a byte order mark is skipped, and invalid bytes become
 * U+FFFD. Nothing is yielded for the empty rest after the last line end.
 *
 * @return the lines, grouped as the chunks come
 */
export async function* linesOf(
  input: ReadableStream<Uint8Array>,
  limit = lineLimit,
): AsyncGenerator<readonly Line[], void, undefined> {
  const decoder = new TextDecoder();
  let [begun, length, number] = ["", 0, 1];
  const keep = (text: string) => {
    if (length < limit) begun += text.slice(0, limit - length);
    length += text.length;
  };
  const take = (ended: boolean): Line => {
    const text = begun.endsWith("\r") ? begun.slice(0, -1) : begun;
    const line = { text, number: number++, ended, cut: length > limit };
    [begun, length] = ["", 0];
    return line;
  };
  const split = (text: string): readonly Line[] => {
    const parts = text.split("\n");
    const last = parts.pop()!;
    const lines = parts.map((part) => {
      keep(part);
      return take(true);
    });
    keep(last);
    return lines;
  };
  for await (const chunk of input) yield split(decoder.decode(chunk, { stream: true }));
  yield split(decoder.decode());
  yield length > 0 ? [take(false)] : [];
}
