/**
 * Reports of Stylelint (`--formatter json`).
 *
 * @module
 */

import type { ParseContext, ReportEvent, Severity } from "../../src/plugin.ts";
import { diagnosticEvent, suiteErrorEvent } from "./_events.ts";
import { readDocument } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";

/** `npm run` prints lines before the report; an empty list is told from other text by its line. */
const opening = /\[\s*\{\s*"source"|(?<=(?:^|\n)[ \t]*)\[\s*\]\s*(?=\n|$)/;

/** Reads a Stylelint JSON document. */
export async function* parse(input: ReadableStream<Uint8Array>, context: ParseContext) {
  yield* readDocument(input, context, events, opening);
}

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  let linted = 0;
  let ignored: string | undefined;
  for (const entry of root.items()) {
    const source = entry.textIf("source");
    const file = source === undefined ? undefined : sourceFile(source, context);
    const isErrored = entry.flagIf("errored") ?? false;
    let errors = 0;
    for (const [warning, severity] of warningsOf(entry)) {
      if (severity === "error") errors++;
      yield diagnosticOf(warning, severity, file);
    }
    if (!entry.flagIf("ignored")) linted++;
    else ignored ??= `${file ?? "the input"} is ignored`;
    if (isErrored && errors === 0) {
      const message = 'the report says "errored" of this file and shows no error';
      yield suiteErrorEvent({ message, name: file, file });
    }
  }
  // Stylelint lists every file it looked at, the clean ones too, and those that `ignoreFiles` leaves out.
  if (linted === 0) {
    yield { kind: "nothing_checked", message: ignored ?? "the report lists no file" };
  }
}

function* warningsOf(entry: JsonNode): Generator<readonly [JsonNode, Severity]> {
  for (const warning of entry.list("warnings")) {
    yield [warning, warning.word("severity", ["error", "warning"])];
  }
  // A file that cannot be read, or a rule that is configured wrongly, was not checked.
  for (const error of entry.listIf("parseErrors")) yield [error, "error"];
  for (const warning of entry.listIf("invalidOptionWarnings")) yield [warning, "error"];
  for (const notice of entry.listIf("deprecations")) yield [notice, "info"];
}

function diagnosticOf(warning: JsonNode, severity: Severity, file: string | undefined) {
  return diagnosticEvent({
    severity,
    message: warning.text("text"),
    rule: warning.hintText("rule"),
    tool: "stylelint",
    file,
    line: warning.hintNumber("line"),
    column: warning.hintNumber("column"),
    endLine: warning.hintNumber("endLine"),
    endColumn: warning.hintNumber("endColumn"),
  });
}
