/**
 * The events of `go test -json` (https://pkg.go.dev/cmd/test2json), streamed. Every test is counted as Go
 * does: sub-tests and the tests they belong to. Other lines (`go: downloading …`) are passed over.
 *
 * A package is over with its own `pass`, `fail` or `skip`; a stream that ends before is truncated. That whole
 * packages are missing after the last one cannot be told.
 *
 * @module
 */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { Broken, brokenEvent } from "./_broken.ts";
import { GoReader } from "./_go_reader.ts";
import { partsOf } from "./_json_lines.ts";
import { linesOf } from "./_lines.ts";

const opening = /\{"(?:Time|Action|ImportPath|Package)/;
const part = /"Action"\s*:\s*"/;

/** Reads the events of `go test -json`. */
export async function* parse(
  input: ReadableStream<Uint8Array>,
  context: ParseContext,
): AsyncGenerator<ReportEvent | readonly ReportEvent[], void, undefined> {
  const reader = new GoReader(context);
  let isEmpty = true;
  try {
    for await (const lines of linesOf(input)) {
      for (const line of lines) {
        isEmpty &&= line.text.trim() === "";
        for (const { object, text } of partsOf(line, opening, part)) {
          // An event whose action is missing may have told of a failure.
          if (object?.has("Action") || object?.has("Package")) reader.read(object);
          else reader.readText(text);
        }
      }
      yield reader.take();
    }
    if (isEmpty) throw new Broken("truncated", "is empty");
    reader.finish();
    yield [...reader.take(), { kind: "end" }];
  } catch (error) {
    yield reader.take();
    yield brokenEvent(error, context.source);
  }
}
