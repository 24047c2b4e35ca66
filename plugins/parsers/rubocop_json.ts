/**
 * Reports of RuboCop (`--format json`), in a file or on standard output.
 *
 * RuboCop fails on offenses of every severity from `convention` on unless told otherwise. `convention` and
 * `refactor` are warnings here, `info` is info, `error` and `fatal` are errors: so a runner's `fail_on` can tell style
 * from mistakes, and RuboCop's own exit code still decides. An offense it has corrected is info.
 *
 * @module
 */

import type { ParseContext, ReportEvent, Severity } from "../../src/plugin.ts";
import { diagnosticEvent, suiteErrorEvent } from "./_events.ts";
import { readDocument } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";

const opening = /\{\s*"(?:metadata"\s*:\s*\{\s*"rubocop_version|files"\s*:\s*\[)/;

/** Reads a RuboCop JSON document. */
export async function* parse(input: ReadableStream<Uint8Array>, context: ParseContext) {
  yield* readDocument(input, context, events, opening);
}

const words = ["info", "refactor", "convention", "warning", "error", "fatal"] as const;

const severityOf: Readonly<Record<typeof words[number], Severity>> = {
  info: "info",
  refactor: "warning",
  convention: "warning",
  warning: "warning",
  error: "error",
  fatal: "error",
};

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  const summary = root.object("summary");
  let files = 0;
  let offenses = 0;
  for (const file of root.list("files")) {
    files++;
    const path = sourceFile(file.text("path"), context);
    for (const offense of file.list("offenses")) {
      offenses++;
      yield diagnosticOf(offense, path);
    }
  }
  const claimed = summary.countIf("offense_count") ?? offenses;
  const targets = summary.countIf("target_file_count") ?? files;
  const inspected = summary.countIf("inspected_file_count") ?? targets;
  if (claimed !== offenses) {
    const message = `the report counts ${claimed} offenses and shows ${offenses}`;
    yield suiteErrorEvent({ message });
  }
  if (inspected < targets) {
    const message = `RuboCop stopped after ${inspected} of ${targets} files`;
    yield suiteErrorEvent({ message });
  } else if (inspected !== files) {
    const message = `the report counts ${inspected} inspected files and shows ${files}`;
    yield suiteErrorEvent({ message });
  }
  // RuboCop lists every file it inspected, the clean ones too, and counts them.
  if (Math.max(inspected, targets, files) === 0) {
    yield { kind: "nothing_checked", message: "RuboCop inspected 0 files" };
  }
}

function diagnosticOf(offense: JsonNode, file: string): ReportEvent {
  const location = offense.hintObject("location");
  const severity = severityOf[offense.word("severity", words)];
  return diagnosticEvent({
    severity: offense.flagIf("corrected") ? "info" : severity,
    message: offense.text("message"),
    rule: offense.hintText("cop_name"),
    tool: "rubocop",
    file,
    line: location.hintNumber("start_line") ?? location.hintNumber("line"),
    column: location.hintNumber("start_column") ?? location.hintNumber("column"),
    endLine: location.hintNumber("last_line"),
    endColumn: location.hintNumber("last_column"),
  });
}
