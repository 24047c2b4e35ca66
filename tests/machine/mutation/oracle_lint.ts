/** The independent readers of what linters write as one JSON document. */

import { badName, countOf, must, type Tally } from "./objection.ts";
import { isObject, type Json, type JsonReader, list, object } from "./json_shape.ts";

/** The readers by format. What was looked at counts as passed, what was ignored as skipped. */
export const lintReaders: Readonly<Record<string, JsonReader>> = {
  "eslint-json": { keys: [], read: readEslint, isLint: true },
  "stylelint-json": { keys: [], read: readStylelint, isLint: true },
  "rubocop-json": { keys: ["files", "summary", "metadata"], read: readRubocop, isLint: true },
  "deno-lint-json": { keys: ["diagnostics", "errors"], read: readDenoLint, isLint: true },
  "golangci-json": { keys: ["Issues", "Report"], read: readGolangci, isLint: true },
  "shellcheck-json": { keys: ["comments"], read: readShellcheck, isLint: true },
  "sarif": { keys: ["runs", "version", "$schema"], read: readSarif, isLint: true },
};

function readEslint(value: unknown, tally: Tally): void {
  for (const file of list(value, "the document")) {
    const messages = list(file["messages"], "messages");
    const count = (severity: number) =>
      messages.filter((each) => each["severity"] === severity).length;
    for (const { severity, fatal } of messages) {
      must(severity === 1 || severity === 2, "failed", "an unknown severity");
      must(severity === 1 && fatal !== true, "failed", "an error");
    }
    for (const name of ["errorCount", "fatalErrorCount"]) {
      must(countOf(file[name] ?? 0, name) === 0, "failed", `a file says ${name}`);
    }
    const warnings = countOf(file["warningCount"] ?? count(1), "warningCount");
    must(warnings <= count(1), "contradiction", "fewer warnings than declared");
    const [first] = messages;
    const isIgnored = messages.length === 1 && first!["ruleId"] == null &&
      first!["line"] === undefined &&
      /^File ignored/.test(String(first!["message"]));
    if (isIgnored) tally.skipped++;
    else tally.passed++;
  }
}

function readStylelint(value: unknown, tally: Tally): void {
  for (const file of list(value, "the document")) {
    must((file["errored"] ?? false) === false, "failed", "errored is not false");
    for (const { severity } of list(file["warnings"], "warnings")) {
      must(severity === "warning", "failed", "a severity is no warning");
    }
    for (const name of ["parseErrors", "invalidOptionWarnings"]) {
      must(list(file[name] ?? [], name).length === 0, "failed", name);
    }
    if (file["ignored"] === true) tally.skipped++;
    else tally.passed++;
  }
}

function readRubocop(value: unknown, tally: Tally): void {
  const report = object(value, "the document");
  const files = list(report["files"], "files");
  const summary = object(report["summary"], "summary");
  const offenses = files.flatMap((file) => list(file["offenses"], "offenses"));
  for (const { severity, corrected } of offenses) {
    const words = ["info", "refactor", "convention", "warning"];
    const isMended = corrected === true && (severity === "error" || severity === "fatal");
    must(
      isMended || words.includes(severity as string),
      "failed",
      "a severity is an error or unknown",
    );
  }
  const claim = (name: string) =>
    summary[name] === undefined ? undefined : countOf(summary[name], name);
  const total = claim("offense_count");
  must(
    total === undefined || total === offenses.length,
    "contradiction",
    "offense_count is not what was seen",
  );
  const [targets, inspected] = [claim("target_file_count"), claim("inspected_file_count")];
  must(
    inspected === undefined || inspected <= files.length,
    "contradiction",
    "fewer files than inspected",
  );
  must(
    targets === undefined || targets <= files.length,
    "contradiction",
    "it stopped before the last file",
  );
  tally.passed += files.length;
}

function readDenoLint(value: unknown, tally: Tally): void {
  const report = object(value, "the document");
  must(list(report["diagnostics"], "diagnostics").length === 0, "failed", "diagnostics");
  must(list(report["errors"], "errors").length === 0, "failed", "errors");
  tally.passed++;
}

function readGolangci(value: unknown, tally: Tally): void {
  const report = object(value, "the document");
  must("Issues" in report, "unreadable", "no Issues");
  for (const { Severity } of list(report["Issues"] ?? [], "Issues")) {
    must(
      /^(warning|warn|info|note|hint|low|minor|style)$/i.test(String(Severity)),
      "failed",
      "an issue",
    );
  }
  const { Error: error } = object(report["Report"] ?? {}, "Report");
  must(error === undefined || error === null || error === "", "failed", "an error of the run");
  tally.passed++;
}

function readShellcheck(value: unknown, tally: Tally): void {
  const comments = Array.isArray(value) ? value : object(value, "the document")["comments"];
  for (const { level } of list(comments, "comments")) {
    must(
      ["warning", "info", "style"].includes(level as string),
      "failed",
      "a level is an error or unknown",
    );
  }
  tally.passed++;
}

function readSarif(value: unknown, tally: Tally): void {
  const log = object(value, "the document");
  must(/^2\.1\./.test(String(log["version"])), "unreadable", "another version");
  for (const run of list(log["runs"], "runs")) {
    const invocations = list(run["invocations"] ?? [], "invocations");
    for (const invocation of invocations) {
      must(invocation["executionSuccessful"] === true, "failed", "an execution was not successful");
      for (const name of ["toolExecutionNotifications", "toolConfigurationNotifications"]) {
        for (const { level } of list(invocation[name] ?? [], name)) {
          must(!badName.test(String(level)), "failed", "a notification is an error");
        }
      }
    }
    must(run["results"] != null, "nothing", "no list of results");
    for (const result of list(run["results"], "results")) readSarifResult(run, invocations, result);
    tally.passed++;
  }
}

function readSarifResult(run: Json, invocations: readonly Json[], result: Json): void {
  const kind = result["kind"] ?? "fail";
  const kinds = ["pass", "open", "informational", "notApplicable", "review", "fail"];
  must(kinds.includes(kind as string), "failed", "an unknown kind");
  const suppressions = list(result["suppressions"] ?? [], "suppressions");
  const isSuppressed = suppressions.length > 0 &&
    suppressions.every(({ status }) => status === undefined || status === "accepted");
  if (
    isSuppressed || result["baselineState"] === "absent" || kind === "pass" ||
    kind === "notApplicable"
  ) return;
  const level = result["level"] ??
    (kind === "fail" ? levelOfRule(run, invocations, result) : "none");
  must(level !== "error", "failed", "an error");
  must(["none", "note", "warning"].includes(level as string), "failed", "an unknown level");
}

function levelOfRule(run: Json, invocations: readonly Json[], result: Json): unknown {
  const tool = isObject(run["tool"]) ? run["tool"] : {};
  const extensions = Array.isArray(tool["extensions"]) ? tool["extensions"] : [];
  const reference = isObject(result["rule"]) ? result["rule"] : {};
  const component = isObject(reference["toolComponent"])
    ? extensions[Number(reference["toolComponent"]["index"])]
    : tool["driver"];
  const rules: readonly Json[] = isObject(component) && Array.isArray(component["rules"])
    ? component["rules"]
    : [];
  const index = reference["index"] ?? result["ruleIndex"];
  const id = reference["id"] ?? result["ruleId"];
  const rule = rules[Number(index ?? -1)] ??
    rules.find((each) => each["id"] === id || String(id).startsWith(`${each["id"]}/`));
  const overrides = invocations.flatMap((each) =>
    list(each["ruleConfigurationOverrides"] ?? [], "ruleConfigurationOverrides")
  );
  const configurations = [
    ...overrides.filter(({ descriptor }) =>
      isObject(descriptor) && descriptor["id"] === rule?.["id"]
    )
      .map(({ configuration }) => configuration),
    rule?.["defaultConfiguration"],
  ];
  return configurations.filter(isObject).map(({ level }) => level).find((level) =>
    level !== undefined
  ) ?? "warning";
}
