/**
 * Reports of golangci-lint (`--out-format json`, from version 2 on `--output.json.path`), in a file or on
 * standard output, where a text summary may follow. An issue without a severity is an error, for golangci-lint
 * fails on it; so is one whose severity is not known here. The report does not say which files were looked at; when
 * there are none golangci-lint exits with a code of its own and writes no report.
 *
 * @module
 */

import type { ParseContext, ReportEvent, Severity } from "../../src/plugin.ts";
import { diagnosticEvent, suiteErrorEvent } from "./_events.ts";
import { readDocument } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";

const opening = /\{\s*"(?:Issues|Report)"\s*:/;

/** Reads a golangci-lint JSON document. */
export async function* parse(input: ReadableStream<Uint8Array>, context: ParseContext) {
  yield* readDocument(input, context, events, opening);
}

/** Severities are free words; these are the ones that linters and configurations use. */
const severityOf: Readonly<Record<string, Severity>> = {
  warning: "warning",
  medium: "warning",
  minor: "warning",
  info: "info",
  low: "info",
  note: "info",
};

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  if (root.get("Issues").value === undefined) root.get("Issues").fail("an array or null");
  const report = root.objectIf("Report");
  const problem = report?.textIf("Error");
  if (problem) yield suiteErrorEvent({ message: problem, name: "golangci-lint" });
  for (const warning of report?.listIf("Warnings") ?? []) {
    yield diagnosticEvent({
      severity: "info",
      message: warning.hintText("Text") ?? "",
      rule: warning.hintText("Tag"),
      tool: "golangci-lint",
    });
  }
  for (const issue of root.listIf("Issues")) yield diagnosticOf(issue, context);
}

function diagnosticOf(issue: JsonNode, context: ParseContext): ReportEvent {
  const word = (issue.textIf("Severity") ?? "").toLowerCase();
  const place = issue.hintObject("Pos");
  const file = place.hintText("Filename");
  return diagnosticEvent({
    severity: Object.hasOwn(severityOf, word) ? severityOf[word]! : "error",
    message: issue.text("Text"),
    rule: issue.hintText("FromLinter"),
    tool: "golangci-lint",
    file: file ? sourceFile(file, context) : undefined,
    line: place.hintNumber("Line"),
    column: place.hintNumber("Column"),
    details: issue.hintTexts("SourceLines").join("\n"),
  });
}
