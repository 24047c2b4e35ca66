/**
 * Reports of ESLint (`--format json`), and of tools that write its shape, such as oxlint and biome.
 *
 * @module
 */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { Broken } from "./_broken.ts";
import { diagnosticEvent, suiteErrorEvent } from "./_events.ts";
import { readDocument } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";

/** `npm run lint` prints lines before the report, so it is looked for at the beginning of a line. */
const opening = /(?<=^|\n)[ \t]*\[(?:\s*\{\s*"filePath"|\s*\]\s*(?=\n|$))/;

/** Reads an ESLint JSON document. */
export async function* parse(input: ReadableStream<Uint8Array>, context: ParseContext) {
  yield* readDocument(input, context, events, opening);
}

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  let files = 0;
  for (const entry of root.items()) {
    files++;
    const file = sourceFile(entry.text("filePath"), context);
    const claimed = entry.countIf("errorCount") ?? 0;
    let errors = 0;
    for (const message of entry.list("messages")) {
      const event = diagnosticOf(message, file);
      if (event.severity === "error") errors++;
      yield event;
    }
    if (claimed > errors) {
      const message = `the report counts ${claimed} errors in this file and shows ${errors}`;
      yield suiteErrorEvent({ message, name: file, file });
    }
  }
  // ESLint lists every file it looked at, the clean ones too.
  if (files === 0) throw new Broken("malformed", "lists no file: nothing was linted");
}

function diagnosticOf(message: JsonNode, file: string) {
  const severity = message.get("severity").value;
  if (severity !== 1 && severity !== 2) message.get("severity").fail("1 (warning) or 2 (error)");
  const isFatal = message.flagIf("fatal") ?? false;
  return diagnosticEvent({
    severity: isFatal || severity === 2 ? "error" : "warning",
    message: message.text("message"),
    rule: message.textIf("ruleId"),
    tool: "eslint",
    file,
    line: message.hintNumber("line"),
    column: message.hintNumber("column"),
    endLine: message.hintNumber("endLine"),
    endColumn: message.hintNumber("endColumn"),
  });
}
