/**
 * CTRF, the Common Test Report Format, following the schema of https://github.com/ctrf-io/ctrf. Many readers only look
 * at `summary.failed`, so errors count as `failed` too, with the difference in `rawStatus`.
 *
 * @module
 */

import { attemptCases, type Case, caseMessage, countCase, noCases, ownCases } from "./_cases.ts";
import { isGreen } from "./_findings.ts";
import { line, lines } from "./_text.ts";
import { jsonText } from "../../text/clean.ts";
import type { RunReport } from "./types.ts";

/** One JSON object, a line per test; the totals follow the tests. */
export function* render(report: RunReport): Generator<string> {
  const { run } = report;
  const tool = { name: "assay", version: run.assay_version };
  const head = {
    reportFormat: "CTRF",
    specVersion: "0.0.0",
    timestamp: run.started_at,
    generatedBy: "assay",
  };
  yield `${jsonText(head).slice(0, -1)},\n"results":{"tool":${jsonText(tool)},\n"tests":[`;
  const counts = noCases();
  let before = "\n";
  for (const [suite, test] of allCases(report, counts)) {
    countCase(counts, test);
    yield `${before}${jsonText(testOf(suite, test))}`;
    before = ",\n";
  }
  const start = Date.parse(run.started_at);
  const summary = {
    tests: counts.total,
    passed: counts.passed,
    failed: counts.failed + counts.errored,
    skipped: counts.skipped,
    pending: 0,
    other: 0,
    flaky: counts.flaky,
    start,
    stop: start + run.duration_ms,
  };
  yield `\n],\n"summary":${jsonText(summary)},\n"environment":${
    jsonText(environmentOf(report))
  }}}\n`;
}

/** Every case with its suite's name; `counts` covers the earlier ones. */
function* allCases(
  report: RunReport,
  counts: ReturnType<typeof noCases>,
): Generator<readonly [string, Case]> {
  for (const attempt of report.run.attempts) {
    for (const test of attemptCases(report, attempt)) yield [attempt.name, test];
  }
  const seen = { problems: counts.failed + counts.errored, passed: counts.passed };
  for (const test of ownCases(report, seen)) yield ["assay", test];
}

function testOf(suiteName: string, test: Case) {
  const { name, status, suite, duration, file, ref, flaky, was } = test;
  const message = caseMessage(test);
  const trace = lines(test.details);
  const raw = was ?? (status === "errored" ? status : undefined);
  const suites = [line(suiteName), line(suite)].filter((part) => part !== "");
  return {
    name: line(name) || "(unnamed)",
    status: status === "errored" ? "failed" : status,
    duration: Math.max(0, Math.round(duration ?? 0)),
    ...(suites.length > 0 ? { suite: [...new Set(suites)] } : {}),
    // JSON leaves out what is `undefined`.
    message: message || undefined,
    trace: status === "passed" ? undefined : trace || undefined,
    ...{ line: test.line, rawStatus: raw, filePath: file, flaky: flaky || undefined },
    extra: ref === undefined ? undefined : { ref },
  };
}

function environmentOf({ run }: RunReport) {
  const { commit, branch, run_id, verb, recommendation, confidence } = run;
  return {
    reportName: `assay ${verb}`,
    ...(commit === null ? {} : { commit }),
    ...(branch === null ? {} : { branchName: line(branch) }),
    healthy: isGreen(run),
    extra: { run_id, recommendation, confidence },
  };
}
