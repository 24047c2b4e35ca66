/**
 * Reviewdog Diagnostic Format, one `Diagnostic` per line: `proto/rdf/reviewdog.proto` of
 * https://github.com/reviewdog/reviewdog. Its columns count UTF-8 bytes; assay has the tools' columns, which
 * are equal as long as the line is ASCII up to there.
 *
 * @module
 */

import { type Finding, findings, type Level } from "./_findings.ts";
import { lines } from "./_text.ts";
import { jsonText } from "../../text/clean.ts";
import type { RunReport } from "./types.ts";

const severities: Readonly<Record<Level, string>> = {
  error: "ERROR",
  warning: "WARNING",
  note: "INFO",
};

/** One line per finding; nothing at all if there are none. */
export function* render(report: RunReport): Generator<string> {
  for (const finding of findings(report)) yield `${jsonText(diagnosticOf(finding))}\n`;
}

function diagnosticOf(finding: Finding) {
  const { level, rule, tool, message, details, place } = finding;
  const more = lines(details, 4_000);
  return {
    message: more === "" || more === message ? message : `${message}\n${more}`,
    location: { path: place.file, ...rangeOf(finding) },
    severity: severities[level],
    source: { name: tool === "assay" ? "assay" : `assay ${tool}` },
    code: { value: rule },
  };
}

function rangeOf({ place: { line, column, end_line, end_column } }: Finding) {
  // Without a line, it applies to the whole file.
  if (line === undefined) return {};
  const start = { line, column };
  if (end_column !== undefined) {
    return { range: { start, end: { line: end_line ?? line, column: end_column } } };
  }
  // An end without a column would be read as column 1.
  return column === undefined && end_line !== undefined
    ? { range: { start, end: { line: end_line } } }
    : { range: { start } };
}
