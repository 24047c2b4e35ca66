/**
 * Reports of `jest --json` and of vitest's `json` reporter, which writes the same shape, in a file or on
 * standard output among other text. The shape is `FormattedTestResults` of `@jest/test-result`.
 */

import type { ParseContext, ReportEvent, TestStatus } from "../../src/plugin.ts";
import { stripAnsi } from "../../src/text/clean.ts";
import { plural } from "../../src/text/words.ts";
import { declaredEvent, isBad, suiteErrorEvent, testEvent } from "./_events.ts";
import { framesOf } from "./_frames.ts";
import { jsonReports } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";

const opening =
  /\{\s*"(?:num(?:Failed|Passed|Pending|Total|Todo|RuntimeError)Test\w{0,20}|testResults)"\s*:/;

export const parse = jsonReports(events, opening);

const statusOf: Readonly<Record<string, TestStatus>> = {
  passed: "passed",
  failed: "failed",
  pending: "skipped",
  skipped: "skipped",
  todo: "skipped",
  disabled: "skipped",
};

/** Possible statuses of a file with nothing wrong; `focused` means that some tests did not run. */
const quietFiles = ["passed", "focused", "skipped", "pending"];

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  const files = root.list("testResults");
  const success = root.flagIf("success");
  const wasInterrupted = root.flagIf("wasInterrupted") ?? false;
  const brokenFiles = root.countIf("numRuntimeErrorTestSuites") ?? 0;
  const failedFiles = root.countIf("numFailedTestSuites") ?? 0;
  yield declaredEvent({
    tests: root.countIf("numTotalTests"),
    passed: root.countIf("numPassedTests"),
    failed: root.countIf("numFailedTests"),
    skipped: root.sum("numPendingTests", "numTodoTests"),
  });
  const snapshots = root.objectIf("snapshot");
  let hasFailed = false;
  for (const file of files) {
    for (const event of fileEvents(file, context)) {
      hasFailed ||= event.kind === "suite_error" ||
        (event.kind === "test" && isBad(event.status));
      yield event;
    }
  }
  if (wasInterrupted) yield suiteErrorEvent({ message: "the run was interrupted" });
  if (hasFailed || wasInterrupted) return;
  if (brokenFiles + failedFiles > 0) {
    const failed = plural(brokenFiles || failedFiles, "test file");
    yield suiteErrorEvent({ message: `${failed} failed, and the report does not say how` });
  } else if (snapshots?.flagIf("failure")) {
    const unmatched = snapshots.hintNumber("unmatched") ?? 0;
    const obsolete = snapshots.hintNumber("unchecked") ?? 0;
    const message = `snapshots failed: ${unmatched} do not match, ${obsolete} are obsolete`;
    yield suiteErrorEvent({ message });
  } else if (success === false) {
    yield suiteErrorEvent({ message: 'the report says "success": false and shows no failure' });
  }
}

function* fileEvents(file: JsonNode, context: ParseContext): Generator<ReportEvent> {
  const name = sourceFile(file.hintText("name") ?? file.hintText("testFilePath") ?? "", context);
  const status = file.text("status");
  let failures = 0;
  for (const test of file.list("assertionResults")) {
    const event = testOf(test, name, context);
    if (isBad(event.status)) failures++;
    yield event;
  }
  const isQuiet = quietFiles.includes(status);
  if (!file.has("testExecError") && (isQuiet || (status === "failed" && failures > 0))) return;
  const text = file.hintText("message") || file.hintObject("testExecError").hintText("message") ||
    `the test file has the status "${status}"`;
  const plain = stripAnsi(text);
  const frames = framesOf(plain, context);
  // Jest's text begins with a bullet line and a blank one; the error's own first line is more useful.
  const message = plain.replace(/^\s*●[^\n]*\n+/, "");
  yield suiteErrorEvent({ message, name, file: name, details: plain, frames });
}

function testOf(test: JsonNode, file: string, context: ParseContext) {
  const word = test.text("status");
  const messages = test.hintTexts("failureMessages").map(stripAnsi);
  const details = messages.join("\n\n");
  const status = Object.hasOwn(statusOf, word) ? statusOf[word]! : "errored";
  const location = test.hintObject("location");
  const retries = test.hintTexts("retryReasons").length;
  return testEvent({
    status,
    name: test.hintText("title") || test.hintText("fullName") || "",
    suite: test.hintTexts("ancestorTitles").filter(Boolean).join(" > "),
    file,
    line: location.hintNumber("line"),
    column: location.hintNumber("column"),
    durationMs: test.hintNumber("duration"),
    message: messages[0] ?? (isBad(status) ? `jest's status is "${word}"` : undefined),
    details,
    frames: isBad(status) ? framesOf(details, context) : undefined,
    // Vitest keeps failures of earlier attempts.
    flaky: retries > 0 || (test.hintNumber("invocations") ?? 1) > 1 || messages.length > 0,
  });
}
