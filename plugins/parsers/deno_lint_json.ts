/**
 * Reports of `deno lint --json`. A file that could not be parsed was not linted: an error outside of the
 * diagnostics. What was linted the report does not say: its `checked_files` are empty in Deno 2.9 whatever was
 * checked, and without any file Deno writes no report (`--permit-no-files`: one like that of a clean file).
 *
 * @module
 */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { diagnosticEvent, suiteErrorEvent } from "./_events.ts";
import { framesOf } from "./_frames.ts";
import { readDocument } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";

/** Reads a `deno lint --json` document. */
export async function* parse(input: ReadableStream<Uint8Array>, context: ParseContext) {
  yield* readDocument(input, context, events);
}

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  const diagnostics = root.list("diagnostics");
  for (const error of root.list("errors")) {
    const message = error.text("message");
    const frames = framesOf(message, context);
    yield suiteErrorEvent({
      message,
      name: "deno lint",
      file: sourceFile(error.text("file_path"), context),
      line: frames[0]?.line,
      details: message,
    });
  }
  for (const diagnostic of diagnostics) yield diagnosticOf(diagnostic, context);
}

/** Deno counts lines from 1 and columns from 0. */
function diagnosticOf(diagnostic: JsonNode, context: ParseContext): ReportEvent {
  const range = diagnostic.hintObject("range");
  const start = range.hintObject("start");
  const end = range.hintObject("end");
  return diagnosticEvent({
    severity: "error",
    message: diagnostic.text("message"),
    rule: diagnostic.text("code"),
    tool: "deno lint",
    file: sourceFile(diagnostic.text("filename"), context),
    line: start.hintNumber("line"),
    column: from1(start.hintNumber("col")),
    endLine: end.hintNumber("line"),
    endColumn: from1(end.hintNumber("col")),
    details: diagnostic.hintText("hint"),
  });
}

function from1(column: number | undefined): number | undefined {
  return column === undefined ? undefined : column + 1;
}
