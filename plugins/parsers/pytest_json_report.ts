/** Reports of pytest-json-report (`pytest --json-report`), as its README, "Format", describes them. */

import { join } from "@std/path";
import type { Frame, ParseContext, ReportEvent, TestStatus } from "../../src/plugin.ts";
import { declaredEvent, isBad, suiteErrorEvent, testEvent } from "./_events.ts";
import { framesOf } from "./_frames.ts";
import { jsonReports } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";
import { firstLine } from "./_text_clean.ts";

export const parse = jsonReports(events);

const stages = ["setup", "call", "teardown"] as const;

// An expected failure proves nothing about the code, so it counts as skipped. A strict unexpected pass is
// already `failed`; a non-strict one is a pass, as in pytest.
const statusOf: Readonly<Record<string, TestStatus>> = {
  passed: "passed",
  xpassed: "passed",
  failed: "failed",
  error: "errored",
  skipped: "skipped",
  xfailed: "skipped",
};

/** The codes of https://docs.pytest.org/en/stable/reference/exit-codes.html that mean something broke. */
const brokenExits: Readonly<Record<number, string>> = {
  1: "pytest ended with exit code 1 (tests failed), but no failed test is in the report",
  2: "pytest was interrupted (exit code 2)",
  3: "pytest had an internal error (exit code 3)",
  4: "pytest was called wrongly (exit code 4)",
};

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  const exitCode = root.countIf("exitcode");
  yield* declared(root.object("summary"), [...root.listIf("tests")]);
  let failures = 0;
  for (const collector of root.listIf("collectors")) {
    if (collector.get("outcome").value === "passed" || collector.text("outcome") === "skipped") {
      continue;
    }
    failures++;
    yield collectorError(collector, context);
  }
  for (const test of root.listIf("tests")) {
    const event = testOf(test, context, root.hintText("root"));
    if (isBad(event.status)) failures++;
    yield event;
  }
  const exit = exitError(exitCode, failures);
  if (exit) yield suiteErrorEvent({ message: exit });
}

/** Outcomes without tests are left out of the summary; `total` is the sum of the others. */
function* declared(summary: JsonNode, tests: readonly JsonNode[]): Generator<ReportEvent> {
  const total = summary.countIf("total");
  const failed = summary.countIf("failed");
  const errored = summary.countIf("error");
  const skipped = summary.sum("skipped", "xfailed");
  const bad = (failed ?? 0) + (errored ?? 0);
  const rest = total === undefined ? undefined : Math.max(0, total - bad - (skipped ?? 0));
  // `pytest.exit` leaves collected tests without an outcome; so does -x, which has a failure to show.
  // Deselected tests were collected too; earlier versions leave them out.
  const shown = tests.length;
  const collected = summary.countIf("collected") ?? shown;
  const isOff = ![shown, shown + (summary.countIf("deselected") ?? 0)].includes(collected);
  yield declaredEvent({
    tests: isOff && bad === 0 ? collected : total,
    passed: summary.sum("passed", "xpassed", "rerun") ?? rest,
    failed,
    errored,
    skipped,
  });
  if (shown === 0 || bad > 0) return;
  // Equal for assay, but not for pytest.
  for (const outcome of ["passed", "xpassed", "rerun", "skipped", "xfailed"]) {
    const seen = tests.filter((test) => test.get("outcome").value === outcome).length;
    const claimed = summary.countIf(outcome) ?? seen;
    if (claimed === seen) continue;
    yield suiteErrorEvent({
      message: `the summary counts ${claimed} ${outcome}, the tests ${seen}`,
    });
  }
}

/** Interruption by an error in the report need not be reported again; nor do failed tests. */
function exitError(exitCode: number | undefined, failures: number): string | undefined {
  const isExplained = failures > 0 && (exitCode === 1 || exitCode === 2);
  if (exitCode === undefined || exitCode === 0 || exitCode === 5 || isExplained) return undefined;
  return brokenExits[exitCode] ?? `pytest ended with exit code ${exitCode}`;
}

function collectorError(collector: JsonNode, context: ParseContext): ReportEvent {
  const longrepr = collector.hintText("longrepr") ?? "";
  const nodeid = collector.text("nodeid");
  const frames = framesOf(longrepr, context);
  return suiteErrorEvent({
    message: assertionLine(longrepr) ?? (firstLine(longrepr) || `${nodeid} could not be collected`),
    name: nodeid,
    file: nodeid ? sourceFile(nodeid.split("::", 1)[0]!, context) : undefined,
    details: longrepr,
    frames,
  });
}

function testOf(test: JsonNode, context: ParseContext, rootdir: string | undefined) {
  const outcome = test.text("outcome");
  const parts = stages.filter((stage) => test.get(stage).value !== undefined)
    .map((stage) => test.object(stage));
  const outcomes = parts.map((stage) => stage.textIf("outcome") ?? "missing");
  const isRerun = outcome === "rerun" && parts.length === 3 &&
    outcomes.every((each) => each === "passed");
  const status = isRerun ? "passed" : worst(outcome, test, outcomes);
  const telling = parts.filter((stage) => stage.has("longrepr") || stage.has("crash"));
  const line = test.hintNumber("lineno");
  return testEvent({
    ...nameOf(test.text("nodeid"), context, rootdir),
    status,
    line: line === undefined ? undefined : line + 1,
    durationMs: duration(parts),
    message: messageOf(outcome, telling) ?? unexplained(outcome, status),
    details: status === "passed" ? undefined : detailsOf(parts),
    frames: telling.flatMap((stage) => framesIn(stage, context)),
    flaky: isRerun,
  });
}

/** A test that claims to have passed or to have been skipped while a stage says otherwise has an error. */
function worst(outcome: string, test: JsonNode, stageOutcomes: readonly string[]): TestStatus {
  const status = Object.hasOwn(statusOf, outcome) ? statusOf[outcome]! : "errored";
  if (isBad(status)) return status;
  const call = test.hintObject("call").get("outcome").value;
  const quiet = status === "passed" ? ["passed"] : ["passed", "skipped"];
  // The call of a test expected to fail is skipped or failed, depending on the version.
  const isExpected = (each: string) => outcome === "xfailed" && each === call && each === "failed";
  const isQuiet = (each: string) => quiet.includes(each) || isExpected(each);
  return stageOutcomes.every(isQuiet) ? status : "errored";
}

function unexplained(outcome: string, status: TestStatus): string | undefined {
  if (status !== "errored" || outcome === "error") return undefined;
  return Object.hasOwn(statusOf, outcome)
    ? `the outcome is "${outcome}", and a stage of the test did not pass`
    : `the outcome "${outcome}" is not one of pytest's own`;
}

/** `tests/test_a.py::TestCart::test_total[a::b]`: parameters may contain the separator. */
function nameOf(nodeid: string, context: ParseContext, rootdir: string | undefined) {
  const bracket = nodeid.indexOf("[");
  const plain = bracket === -1 ? nodeid : nodeid.slice(0, bracket);
  const [path = "", ...names] = plain.split("::");
  const parameters = bracket === -1 ? "" : nodeid.slice(bracket);
  const name = names.pop();
  if (name === undefined) return { name: nodeid, file: sourceFile(nodeid, context) };
  const base = rootdir?.startsWith(context.root) ? rootdir : context.cwd;
  return {
    name: name + parameters,
    suite: [path, ...names].join("::"),
    file: sourceFile(path.startsWith("/") ? path : join(base, path), context),
  };
}

function duration(parts: readonly JsonNode[]): number | undefined {
  const seconds = parts.flatMap((stage) => stage.hintNumber("duration") ?? []);
  return seconds.length > 0 ? seconds.reduce((sum, each) => sum + each, 0) * 1000 : undefined;
}

function messageOf(outcome: string, telling: readonly JsonNode[]): string | undefined {
  for (const stage of telling) {
    const longrepr = stage.hintText("longrepr") ?? "";
    if (outcome === "skipped") return /'Skipped: ([^\n]*)'\)$/.exec(longrepr)?.[1] ?? longrepr;
    const crash = stage.hintObject("crash").hintText("message");
    const message = firstLine(crash ?? "") || assertionLine(longrepr) || firstLine(longrepr);
    if (message) return message;
  }
  return undefined;
}

/** The last line that pytest marks with `E`: what was raised. */
function assertionLine(longrepr: string): string | undefined {
  return longrepr.split("\n").findLast((line) => /^E {2,}\S/.test(line))?.replace(/^E +/, "");
}

function detailsOf(parts: readonly JsonNode[]): string {
  const pieces = parts.flatMap((stage) => [stage.hintText("longrepr") ?? ""]);
  for (const stream of ["stdout", "stderr"]) {
    const captured = parts.map((stage) => stage.hintText(stream) ?? "").join("");
    if (captured.trim()) pieces.push(`--- captured ${stream} ---\n${captured}`);
  }
  return pieces.filter(Boolean).join("\n\n");
}

/** pytest lists its traceback from the test inwards; frames begin with the innermost. */
function framesIn(stage: JsonNode, context: ParseContext): Frame[] {
  const traced = Array.from(stage.listIf("traceback"), (entry) => entry)
    .filter((entry) => entry.hintText("path") !== undefined).reverse();
  const crash = stage.hintObject("crash");
  const entries = traced.length > 0 ? traced : crash.hintText("path") ? [crash] : [];
  if (entries.length === 0) return framesOf(stage.hintText("longrepr") ?? "", context);
  return entries.slice(0, 50).map((entry) => {
    const line = entry.hintNumber("lineno");
    const file = sourceFile(entry.hintText("path") ?? "", context);
    return line !== undefined && line >= 1 ? { file, line } : { file };
  });
}
