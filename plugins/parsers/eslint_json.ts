/**
 * Reports of ESLint (`--format json`), and of tools that write its shape, such as oxlint and biome.
 *
 * @module
 */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { diagnosticEvent, suiteErrorEvent } from "./_events.ts";
import { readDocument } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";

/** `npm run lint` prints lines before the report; an empty list is told from other text by its line. */
const opening = /\[\s*\{\s*"filePath"|(?<=(?:^|\n)[ \t]*)\[\s*\]\s*(?=\n|$)/;

const noFile = "the report lists no file; with --quiet ESLint leaves out the clean ones";

/** Reads an ESLint JSON document. */
export async function* parse(input: ReadableStream<Uint8Array>, context: ParseContext) {
  yield* readDocument(input, context, events, opening);
}

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  let linted = 0;
  let ignored: string | undefined;
  for (const entry of root.items()) {
    const file = sourceFile(entry.text("filePath"), context);
    const shown = { error: 0, warning: 0, info: 0 };
    let isIgnored = false;
    for (const message of entry.list("messages")) {
      const event = diagnosticOf(message, file);
      shown[event.severity]++;
      isIgnored ||= event.severity === "info";
      if (event.severity === "info") ignored ??= event.message;
      yield event;
    }
    if (!isIgnored || shown.error + shown.warning > 0) linted++;
    const errors = Math.max(
      entry.countIf("errorCount") ?? 0,
      entry.countIf("fatalErrorCount") ?? 0,
    );
    const warnings = entry.countIf("warningCount") ?? 0;
    if (errors > shown.error || warnings > shown.warning + shown.info) {
      const message = `the report counts ${errors} errors and ${warnings} warnings in this file ` +
        `and shows ${shown.error} and ${shown.warning + shown.info}`;
      yield suiteErrorEvent({ message, name: file, file });
    }
  }
  // ESLint lists every file it looked at, the clean ones too, and those it was named and ignores. With --quiet it
  // leaves out the clean ones: its report proves nothing then.
  if (linted === 0) yield { kind: "nothing_checked", message: ignored ?? noFile };
}

/** What ESLint says in the place of a file's problems when its configuration leaves the file out. */
function isIgnoredFile(message: JsonNode): boolean {
  return !message.has("ruleId") && /^File ignored /.test(message.hintText("message") ?? "");
}

function diagnosticOf(message: JsonNode, file: string) {
  const severity = message.get("severity").value;
  if (severity !== 1 && severity !== 2) message.get("severity").fail("1 (warning) or 2 (error)");
  const isError = (message.flagIf("fatal") ?? false) || severity === 2;
  return diagnosticEvent({
    severity: isError ? "error" : isIgnoredFile(message) ? "info" : "warning",
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
