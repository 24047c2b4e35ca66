/**
 * Reports of ShellCheck: `--format json1`, and the older `--format json`, which is a bare list. `style` is info.
 * Files without a comment are not listed, so an empty list is a clean one; without a file ShellCheck writes none.
 *
 * @module
 */

import type { ParseContext, ReportEvent, Severity } from "../../src/plugin.ts";
import { diagnosticEvent } from "./_events.ts";
import { readDocument } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";

/** Reads a ShellCheck JSON document. */
export async function* parse(input: ReadableStream<Uint8Array>, context: ParseContext) {
  yield* readDocument(input, context, events);
}

const words = ["error", "warning", "info", "style"] as const;

const severityOf: Readonly<Record<typeof words[number], Severity>> = {
  error: "error",
  warning: "warning",
  info: "info",
  style: "info",
};

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  const comments = Array.isArray(root.value) ? root.items() : root.list("comments");
  for (const comment of comments) {
    const code = comment.get("code").value;
    yield diagnosticEvent({
      severity: severityOf[comment.word("level", words)],
      message: comment.text("message"),
      rule: typeof code === "number" ? `SC${code}` : undefined,
      tool: "shellcheck",
      file: sourceFile(comment.text("file"), context),
      line: comment.hintNumber("line"),
      column: comment.hintNumber("column"),
      endLine: comment.hintNumber("endLine"),
      endColumn: comment.hintNumber("endColumn"),
    });
  }
}
