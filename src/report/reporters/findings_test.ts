import { assertEquals } from "@std/assert";
import { aDiagnosis, anAttempt, anEvent, aRun, testCounts } from "../../../tests/records.ts";
import type { Attempt, Event, Gate, Run } from "../../model.ts";
import { attemptCases, ownCases } from "./_cases.ts";
import { findings } from "./_findings.ts";
import { render as renderSarif } from "./sarif.ts";
import { aReport } from "./_testing.ts";
import type { RunReport } from "./types.ts";

const failed = anAttempt({
  verdict: "fail",
  tests: testCounts({ failed: 1 }),
  reasons: [{ code: "tests_failed", message: "1 of 1 tests failed" }],
});
const lost = anAttempt({
  name: "lint",
  kind: "lint",
  ref: "lint:4",
  verdict: "unknown",
  reasons: [{ code: "report_missing", message: "report missing: x.json" }],
});

function reportOf(
  run: Partial<Run>,
  events: readonly Event[] = [],
  part: Partial<RunReport> = {},
): RunReport {
  return aReport({
    run: aRun(run),
    events: ({ kind }) => kind === "test" ? [events] : [],
    ...part,
  });
}

const gate = (id: string, status: Gate["status"]): Gate => ({
  id,
  status,
  score: 0,
  weight: 1,
  required: true,
  reason: "why",
});

const ruleLines = (report: RunReport) =>
  Array.from(findings(report), ({ level, rule, message }) => `${level} ${rule}: ${message}`);

const cased = (report: RunReport, attempt: Attempt) =>
  Array.from(attemptCases(report, attempt), ({ status, name }) => `${status} ${name}`);

Deno.test("a run that did not finish is not green, whatever it advises", () => {
  const report = reportOf({ state: "interrupted", recommendation: "ready_for_review" });
  assertEquals(ruleLines(report), [
    "error assay/verdict: assay verify INTERRUPTED: nothing was run; confidence 100 (94 needed)",
  ]);
  assertEquals(ownCases(report, { problems: 0, passed: 3 }).map(({ status }) => status), [
    "errored",
  ]);
});

Deno.test("a command whose report is missing is an error by itself, next to tests that failed", () => {
  const report = reportOf({ recommendation: "blocked", attempts: [failed, lost] }, [anEvent()], {
    diagnoses: [
      aDiagnosis({
        category: "unreadable_report",
        severity: "blocker",
        title: "report missing: x.json",
        task: "Write it.",
        refs: ["lint:4"],
      }),
      aDiagnosis(),
    ],
  });
  assertEquals(ruleLines(report), [
    "error assay/test-failed: failed",
    "error assay/unreadable-report: lint: report missing: x.json. Write it.",
  ]);
  assertEquals(cased(report, lost), ["errored lint"]);
  const [run] = JSON.parse([...renderSarif(report)].join("")).runs;
  assertEquals(run.invocations[0].executionSuccessful, false);
  assertEquals(run.invocations[0].toolExecutionNotifications.length, 1);
  assertEquals(run.invocations[0].toolExecutionNotifications[0].level, "error");
});

Deno.test("what failed is an error of a tool that ran to its end", () => {
  const report = reportOf({ recommendation: "continue_fixing", attempts: [failed] }, [
    anEvent({ file: "a b.ts" }),
  ], { diagnoses: [aDiagnosis()] });
  const [run] = JSON.parse([...renderSarif(report)].join("")).runs;
  assertEquals(run.invocations[0].executionSuccessful, true);
  assertEquals(run.results.map((result: { locations: unknown }) => result.locations), [[{
    physicalLocation: {
      artifactLocation: { uri: "a%20b.ts", uriBaseId: "%SRCROOT%" },
      region: { startLine: 1 },
    },
  }]]);
});

Deno.test("what is not required, or whose gate is waived, warns and is left out of the failures", () => {
  const optional = { ...failed, required: false };
  const waived = [gate("test", "waived"), gate("lint", "unknown")];
  for (
    const run of [
      { recommendation: "blocked", attempts: [optional, lost] },
      { recommendation: "blocked", attempts: [failed, lost], gates: waived },
      { recommendation: "ready_for_review", attempts: [failed] },
    ] as const
  ) {
    const report = reportOf(run, [anEvent({ name: "adds" })], { diagnoses: [aDiagnosis()] });
    const [first] = ruleLines(report).filter((each) => !each.includes("lint"));
    assertEquals(first, "warning assay/test-failed: adds: failed");
    assertEquals(cased(report, report.run.attempts[0]!)[0], "skipped adds");
  }
});

Deno.test("a closed gate that no command explains is a finding itself", () => {
  const gates = [gate("lint", "unknown"), gate("fresh", "fail"), gate("test", "fail")];
  const report = reportOf({ recommendation: "blocked", attempts: [failed], gates }, [anEvent()]);
  assertEquals(ruleLines(report).slice(0, 2), [
    "error assay/gate-lint: the gate lint is unknown: why",
    "error assay/gate-fresh: the gate fresh is fail: why",
  ]);
  assertEquals(ruleLines(report).some((each) => each.includes("gate-test")), false);
});

Deno.test("fingerprints stay when lines move, and differ where two findings are the same", () => {
  const at = (line: number) => [
    anEvent({ index: 1, line, identity: "aa" }),
    anEvent({ index: 2, line: line + 1, identity: "aa" }),
    anEvent({ index: 3, line, identity: "bb" }),
  ];
  const marks = (line: number) =>
    Array.from(
      findings(
        reportOf({ recommendation: "continue_fixing", attempts: [failed] }, at(line), {
          diagnoses: [aDiagnosis()],
        }),
      ),
      ({ fingerprint }) => fingerprint,
    );
  assertEquals(marks(1), ["deno_test:aa", "deno_test:aa:2", "deno_test:bb"]);
  assertEquals(marks(40), marks(1));
});
