/**
 * The Test Anything Protocol, versions 12 to 14 (https://testanything.org), streamed.
 *
 * A stream is complete when its plan is there and every test point of it, and when its last line is
 * ended: TAP has no other end, so a stream with the plan first that is cut after the last test point, inside
 * that point's diagnostics, cannot be told from a whole one. Several complete streams may follow each other.
 *
 * A test point that sums up subtests is not counted beside them, unless it failed and none of them did.
 *
 * @module
 */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { Broken, brokenEvent } from "./_broken.ts";
import { type Line, linesOf } from "./_lines.ts";
import { TapReader } from "./_tap_reader.ts";

/** Reads TAP. */
export async function* parse(
  input: ReadableStream<Uint8Array>,
  context: ParseContext,
): AsyncGenerator<ReportEvent | readonly ReportEvent[], void, undefined> {
  const reader = new TapReader(context);
  let last: Line | undefined;
  try {
    for await (const lines of linesOf(input)) {
      for (const line of lines) reader.read(line);
      last = lines.at(-1) ?? last;
      yield reader.take();
    }
    if (last === undefined) throw new Broken("truncated", "is empty");
    reader.finish();
    if (!last.ended) {
      const place = { line: last.number };
      throw new Broken("truncated", `is cut off: line ${last.number} has no line end`, place);
    }
    yield [...reader.take(), { kind: "end" }];
  } catch (error) {
    reader.rescue();
    yield reader.take();
    yield brokenEvent(error, context.source);
  }
}
