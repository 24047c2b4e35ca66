/**
 * The JSON of linters: ESLint, Stylelint, RuboCop, deno lint, golangci-lint and ShellCheck.
 *
 * Only the reports of the first three show which files were looked at: one that lists none says that nothing was
 * checked. An empty list from ShellCheck, golangci-lint or deno lint is clean: without any file the first
 * two write no report, and so does Deno (`--permit-no-files`: one like that of a clean file).
 */

import type { ReportEvent, Severity } from "../../src/plugin.ts";
import { diagnosticEvent, suiteErrorEvent } from "./_events.ts";
import { framesOf } from "./_frames.ts";
import { jsonReports } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";

/** How lists of files begin: `npm run lint` prints lines before, and an empty list must be on its own line. */
const listOf = (key: string) =>
  new RegExp(String.raw`\[\s*\{\s*"${key}"|(?<=(?:^|\n)[ \t]*)\[\s*\]\s*(?=\n|$)`);

const noFile = "the report lists no file; with --quiet ESLint leaves out the clean ones";

/** ESLint (`--format json`), and tools that write its shape, such as oxlint and biome. */
export const eslint = jsonReports(function* (root, context) {
  let linted = 0;
  let ignored: string | undefined;
  for (const entry of root.items()) {
    const file = sourceFile(entry.text("filePath"), context);
    const shown = { error: 0, warning: 0, info: 0 };
    for (const message of entry.list("messages")) {
      const event = eslintDiagnostic(message, file);
      shown[event.severity]++;
      if (event.severity === "info") ignored ??= event.message;
      yield event;
    }
    if (shown.info === 0 || shown.error + shown.warning > 0) linted++;
    const warned = shown.warning + shown.info;
    const fatal = entry.countIf("fatalErrorCount") ?? 0;
    const errors = Math.max(entry.countIf("errorCount") ?? shown.error, fatal);
    const warnings = entry.countIf("warningCount") ?? warned;
    if (errors !== shown.error || warnings !== warned) {
      const message = `the report counts ${errors} errors and ${warnings} warnings in this file ` +
        `and shows ${shown.error} and ${warned}`;
      yield suiteErrorEvent({ message, name: file, file });
    }
  }
  // ESLint lists every file it looked at, including clean ones, and named files that it ignores. With --quiet it
  // omits clean ones: then its report proves nothing.
  if (linted === 0) yield { kind: "nothing_checked", message: ignored ?? noFile };
}, listOf("filePath"));

function eslintDiagnostic(message: JsonNode, file: string) {
  const severity = message.get("severity").value;
  if (severity !== 1 && severity !== 2) message.get("severity").fail("1 (warning) or 2 (error)");
  const isError = (message.flagIf("fatal") ?? false) || severity === 2;
  // ESLint's message in place of a file's problems if its configuration excludes the file.
  const isIgnored = !message.has("ruleId") &&
    /^File ignored /.test(message.hintText("message") ?? "");
  return diagnosticEvent({
    severity: isError ? "error" : isIgnored ? "info" : "warning",
    message: message.text("message"),
    rule: message.textIf("ruleId"),
    tool: "eslint",
    file,
    ...message.range("line", "column", "endLine", "endColumn"),
  });
}

/** Stylelint (`--formatter json`). */
export const stylelint = jsonReports(function* (root, context) {
  let linted = 0;
  let ignored: string | undefined;
  for (const entry of root.items()) {
    const file = sourceFile(entry.textIf("source"), context);
    const isErrored = entry.flagIf("errored") ?? false;
    let errors = 0;
    for (const [warning, severity] of stylelintWarnings(entry)) {
      if (severity === "error") errors++;
      yield diagnosticEvent({
        severity,
        message: warning.text("text"),
        rule: warning.hintText("rule"),
        tool: "stylelint",
        file,
        ...warning.range("line", "column", "endLine", "endColumn"),
      });
    }
    if (!entry.flagIf("ignored")) linted++;
    else ignored ??= `${file ?? "the input"} is ignored`;
    if (isErrored && errors === 0) {
      const message = 'the report says "errored" of this file and shows no error';
      yield suiteErrorEvent({ message, name: file, file });
    }
  }
  // Stylelint lists every file it looked at, including clean ones, and those that `ignoreFiles` excludes.
  if (linted === 0) {
    yield { kind: "nothing_checked", message: ignored ?? "the report lists no file" };
  }
}, listOf("source"));

function* stylelintWarnings(entry: JsonNode): Generator<readonly [JsonNode, Severity]> {
  for (const warning of entry.list("warnings")) {
    yield [warning, warning.word("severity", ["error", "warning"])];
  }
  // A file that cannot be read, or a misconfigured rule, was not checked.
  for (const error of entry.listIf("parseErrors")) yield [error, "error"];
  for (const warning of entry.listIf("invalidOptionWarnings")) yield [warning, "error"];
  for (const notice of entry.listIf("deprecations")) yield [notice, "info"];
}

/**
 * RuboCop fails on offenses of every severity from `convention` on unless told otherwise. Here those are warnings,
 * so that a runner's `fail_on` can tell style from mistakes; RuboCop's own exit code still decides.
 */
const rubocopSeverity: Readonly<Record<string, Severity>> = {
  info: "info",
  refactor: "warning",
  convention: "warning",
  warning: "warning",
  error: "error",
  fatal: "error",
};

/** RuboCop (`--format json`), in a file or on standard output. An offense it has corrected is info. */
export const rubocop = jsonReports(function* (root, context) {
  const summary = root.object("summary");
  let files = 0;
  let offenses = 0;
  for (const entry of root.list("files")) {
    files++;
    const file = sourceFile(entry.text("path"), context);
    for (const offense of entry.list("offenses")) {
      offenses++;
      const severity = offense.mapped("severity", rubocopSeverity);
      const location = offense.hintObject("location");
      yield diagnosticEvent({
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
  }
  const claimed = summary.countIf("offense_count") ?? offenses;
  const targets = summary.countIf("target_file_count") ?? files;
  const inspected = summary.countIf("inspected_file_count") ?? targets;
  if (claimed !== offenses) {
    const message = `the report counts ${claimed} offenses and shows ${offenses}`;
    yield suiteErrorEvent({ message });
  }
  if (inspected < targets) {
    yield suiteErrorEvent({ message: `RuboCop stopped after ${inspected} of ${targets} files` });
  } else if (inspected !== files) {
    const message = `the report counts ${inspected} inspected files and shows ${files}`;
    yield suiteErrorEvent({ message });
  }
  // RuboCop lists every file it inspected, including clean ones, and counts them.
  if (Math.max(inspected, targets, files) === 0) {
    yield { kind: "nothing_checked", message: "RuboCop inspected 0 files" };
  }
}, /\{\s*"(?:metadata"\s*:\s*\{\s*"rubocop_version|files"\s*:\s*\[)/);

/** `deno lint --json`. A file that could not be parsed was not linted: an error separate from the diagnostics. */
export const denoLint = jsonReports(function* (root, context) {
  const diagnostics = root.list("diagnostics");
  for (const error of root.list("errors")) {
    const message = error.text("message");
    yield suiteErrorEvent({
      message,
      name: "deno lint",
      file: sourceFile(error.text("file_path"), context),
      line: framesOf(message, context)[0]?.line,
      details: message,
    });
  }
  for (const diagnostic of diagnostics) {
    const range = diagnostic.hintObject("range");
    const start = range.hintObject("start").range("line", "col");
    const end = range.hintObject("end").range("line", "col");
    yield diagnosticEvent({
      severity: "error",
      message: diagnostic.text("message"),
      rule: diagnostic.text("code"),
      tool: "deno lint",
      file: sourceFile(diagnostic.text("filename"), context),
      line: start.line,
      // Deno counts lines from 1 and columns from 0.
      column: start.column === undefined ? undefined : start.column + 1,
      endLine: end.line,
      endColumn: end.column === undefined ? undefined : end.column + 1,
      details: diagnostic.hintText("hint"),
    });
  }
});

/** Severities are free text; these are the ones that linters and configurations use for anything but errors. */
const golangciSeverity: ReadonlyMap<string, Severity> = new Map([
  ["warning", "warning"],
  ["medium", "warning"],
  ["minor", "warning"],
  ["info", "info"],
  ["low", "info"],
  ["note", "info"],
]);

/**
 * golangci-lint (`--out-format json`, from version 2 on `--output.json.path`), in a file or on standard output, where
 * a text summary may follow. An issue without a severity is an error, because golangci-lint fails on it; so is one
 * with an unknown severity.
 */
export const golangci = jsonReports(function* (root, context): Generator<ReportEvent> {
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
  for (const issue of root.listIf("Issues")) {
    const place = issue.hintObject("Pos");
    yield diagnosticEvent({
      severity: golangciSeverity.get((issue.textIf("Severity") ?? "").toLowerCase()) ?? "error",
      message: issue.text("Text"),
      rule: issue.hintText("FromLinter"),
      tool: "golangci-lint",
      file: sourceFile(place.hintText("Filename"), context),
      ...place.range("Line", "Column"),
      details: issue.hintTexts("SourceLines").join("\n"),
    });
  }
}, /\{\s*"(?:Issues|Report)"\s*:/);

const shellcheckSeverity: Readonly<Record<string, Severity>> = {
  error: "error",
  warning: "warning",
  info: "info",
  style: "info",
};

/** ShellCheck: `--format json1`, and the older `--format json`, which is just a list. */
export const shellcheck = jsonReports(function* (root, context) {
  for (const comment of Array.isArray(root.value) ? root.items() : root.list("comments")) {
    const code = comment.get("code").value;
    yield diagnosticEvent({
      severity: comment.mapped("level", shellcheckSeverity),
      message: comment.text("message"),
      rule: typeof code === "number" ? `SC${code}` : undefined,
      tool: "shellcheck",
      file: sourceFile(comment.text("file"), context),
      ...comment.range("line", "column", "endLine", "endColumn"),
    });
  }
});
