/**
 * `generic-json`: CTRF (https://ctrf.io), and assay's own small shape `assay.report/1`, whose JSON
 * Schema is in `generic_json_schema.ts`. Both are read strictly: an unknown key is a mistake that is
 * better told than guessed at.
 *
 * CTRF's `pending` counts as skipped. Its `other`, an outcome that the producer could not name, counts as
 * errored: it is no pass.
 *
 * @module
 */

import { type GenericIssue, type GenericSchema, type InferOutput, safeParse } from "valibot";
import type { ParseContext, ReportEvent, TestStatus } from "../../src/plugin.ts";
import { Broken } from "./_broken.ts";
import { type Ctrf, ctrfSchema } from "./_ctrf_schema.ts";
import { declaredEvent, diagnosticEvent, suiteErrorEvent, testEvent } from "./_events.ts";
import { framesOf } from "./_frames.ts";
import { readDocument } from "./_json.ts";
import { JsonNode } from "./_json_node.ts";
import { type Report, reportSchema } from "./_report_schema.ts";
import { sourceFile } from "./_source_file.ts";

/** Reads a CTRF or an `assay.report/1` document. */
export async function* parse(input: ReadableStream<Uint8Array>, context: ParseContext) {
  yield* readDocument(input, context, (root) => {
    if (root.has("schema")) return reportEvents(checked(reportSchema, root), context);
    if (root.has("results") || root.has("reportFormat")) {
      return ctrfEvents(checked(ctrfSchema, root), context);
    }
    return root.fail('CTRF ("reportFormat": "CTRF") or have "schema": "assay.report/1"');
  });
}

function checked<Schema extends GenericSchema>(
  schema: Schema,
  root: JsonNode,
): InferOutput<Schema> {
  const result = safeParse(schema, root.value, { abortEarly: true });
  return result.success ? result.output : refuse(result.issues[0], root);
}

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

const statusOf: Readonly<Record<Ctrf["results"]["tests"][number]["status"], TestStatus>> = {
  passed: "passed",
  failed: "failed",
  skipped: "skipped",
  pending: "skipped",
  other: "errored",
};

function* ctrfEvents({ results }: Ctrf, context: ParseContext): Generator<ReportEvent> {
  const { tests, failed, other, skipped, pending } = results.summary;
  yield declaredEvent({ tests, failed, errored: other, skipped: skipped + pending });
  for (const test of results.tests) {
    const hadFailed = test.retryAttempts?.some(({ status }) => status === "failed") ?? false;
    const raw = test.rawStatus ? ` (${test.rawStatus})` : "";
    yield testEvent({
      status: statusOf[test.status],
      name: test.name,
      suite: test.suite?.join(" > "),
      file: test.filePath && sourceFile(test.filePath, context),
      line: test.line,
      durationMs: test.duration,
      message: test.message ??
        (test.status === "other" ? `the outcome is "other"${raw}` : undefined),
      details: [test.trace, test.snippet].filter(Boolean).join("\n\n"),
      frames: framesOf(test.trace ?? "", context),
      flaky: test.flaky === true || hadFailed,
    });
  }
}

function* reportEvents(report: Report, context: ParseContext): Generator<ReportEvent> {
  const fileOf = (file: string | undefined) => file && sourceFile(file, context);
  if (report.summary) {
    const { tests, failed, errored, skipped } = report.summary;
    yield declaredEvent({ tests, failed, errored, skipped });
  }
  for (const test of report.tests ?? []) {
    if (test.flaky && test.status !== "passed") {
      throw new Broken(
        "malformed",
        `says of the test "${test.name}" that it is flaky but did not pass`,
      );
    }
    yield testEvent({
      ...test,
      file: fileOf(test.file),
      durationMs: test.duration_ms,
      frames: framesOf(test.details ?? "", context),
    });
  }
  for (const diagnostic of report.diagnostics ?? []) {
    yield diagnosticEvent({ ...diagnostic, file: fileOf(diagnostic.file) });
  }
  for (const error of report.errors ?? []) {
    const frames = framesOf(error.details ?? "", context);
    yield suiteErrorEvent({ ...error, file: fileOf(error.file), frames });
  }
}
