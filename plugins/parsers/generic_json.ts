/**
 * `generic-json`: CTRF (https://ctrf.io), and assay's own simple format `assay.report/1`, whose JSON
 * Schema is in `generic_json_schema.ts`. assay's own is read strictly: an unknown key is a mistake, better reported
 * than guessed at.
 *
 * CTRF's `pending` counts as skipped. Its `other`, an outcome that the producer could not name, counts as
 * errored: it is not a pass.
 */

import { type GenericIssue, safeParse } from "valibot";
import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { Broken, declaredEvent, diagnosticEvent, suiteErrorEvent, testEvent } from "./_events.ts";
import { framesOf } from "./_frames.ts";
import { jsonReports } from "./_json.ts";
import { JsonNode } from "./_json_node.ts";
import { type Report, reportSchema } from "./_report_schema.ts";
import { sourceFile } from "./_source_file.ts";

export const parse = jsonReports((root, context) => {
  if (root.has("schema")) {
    const result = safeParse(reportSchema, root.value, { abortEarly: true });
    return reportEvents(result.success ? result.output : refuse(result.issues[0], root), context);
  }
  if (root.has("results") || root.has("reportFormat")) return ctrfEvents(root, context);
  return root.fail('CTRF ("reportFormat": "CTRF") or have "schema": "assay.report/1"');
});

function refuse(issue: GenericIssue, root: JsonNode): never {
  const place = (issue.path ?? []).reduce(
    (parent, { key, value }) =>
      new JsonNode(value, parent, typeof key === "number" ? key : String(key)),
    root,
  );
  if (issue.expected === "never") {
    throw new Broken("malformed", `is not what its format says: it has no key ${place.path}`);
  }
  return place.fail(place.value === undefined ? "given" : issue.expected ?? issue.message);
}

const statusOf = {
  passed: "passed",
  failed: "failed",
  skipped: "skipped",
  pending: "skipped",
  other: "errored",
} as const;
const words = Object.keys(statusOf) as (keyof typeof statusOf)[];

/**
 * The parts of CTRF that are evidence must match its schema (`ctrf.schema.json`): tests, their names and outcomes, and
 * the counts. The rest is read if it fits, because reporters write their own and older keys and types.
 */
function* ctrfEvents(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  if (root.has("reportFormat")) root.word("reportFormat", ["CTRF"]);
  const results = root.object("results");
  const summary = results.object("summary");
  // Nothing is compared with these, but they must be counts.
  for (const key of ["flaky", "suites"]) summary.countIf(key);
  yield declaredEvent({
    tests: summary.count("tests"),
    passed: summary.count("passed"),
    failed: summary.count("failed"),
    errored: summary.count("other"),
    skipped: summary.count("skipped") + summary.count("pending"),
  });
  let pending = 0;
  for (const test of results.list("tests")) {
    if (test.get("status").value === "pending") pending++;
    yield ctrfTest(test, context);
  }
  // To assay both are skipped.
  if (summary.count("pending") === pending) return;
  const claimed = summary.count("pending");
  yield suiteErrorEvent({
    message: `the summary counts ${claimed} pending tests, and ${pending} are`,
  });
}

function ctrfTest(test: JsonNode, context: ParseContext): ReportEvent {
  const status = test.word("status", words);
  const attempts = Array.from(test.listIf("retryAttempts"), (each) => each.word("status", words));
  const raw = test.hintText("rawStatus");
  const trace = test.hintText("trace") ?? "";
  const suite = test.hintTexts("suite");
  const fallback = `the outcome is "other"${raw ? ` (${raw})` : ""}`;
  return testEvent({
    status: statusOf[status],
    name: test.text("name") || test.get("name").fail("a name"),
    suite: suite.length > 0 ? suite.join(" > ") : test.hintText("suite"),
    file: sourceFile(test.hintText("filePath"), context),
    line: test.hintNumber("line"),
    durationMs: test.hintNumber("duration"),
    message: test.hintText("message") ?? (status === "other" ? fallback : undefined),
    details: [trace, test.hintText("snippet")].filter(Boolean).join("\n\n"),
    frames: framesOf(trace, context),
    flaky: test.flagIf("flaky") === true || attempts.includes("failed"),
  });
}

function* reportEvents(report: Report, context: ParseContext): Generator<ReportEvent> {
  if (report.summary) yield declaredEvent(report.summary);
  for (const test of report.tests ?? []) {
    if (test.flaky && test.status !== "passed") {
      const problem = `says of the test "${test.name}" that it is flaky but did not pass`;
      throw new Broken("malformed", problem);
    }
    yield testEvent({
      ...test,
      file: sourceFile(test.file, context),
      durationMs: test.duration_ms,
      frames: framesOf(test.details ?? "", context),
    });
  }
  for (const diagnostic of report.diagnostics ?? []) {
    yield diagnosticEvent({ ...diagnostic, file: sourceFile(diagnostic.file, context) });
  }
  for (const error of report.errors ?? []) {
    const frames = framesOf(error.details ?? "", context);
    yield suiteErrorEvent({ ...error, file: sourceFile(error.file, context), frames });
  }
}
