/** Annotations and inspected records as people see them, compared with `tests/corpus/report`. */

import { assertEquals } from "@std/assert";
import { aDiagnosis, anAttempt, anEvent, aRun, testCounts } from "../../../tests/records.ts";
import type { Annotation, Event } from "../../model.ts";
import type { InspectOutput } from "../../schema/outputs.ts";
import { corpusTests, evil } from "./_testing.ts";
import { inspection } from "./inspection.ts";
import { diagnosisList, runSummary } from "./run_summary.ts";
import type { Look } from "./style.ts";
import { warningLines } from "./table.ts";

function said(part: Partial<Annotation>): Annotation {
  return {
    ref: "deno_test:7:3",
    annotator: "blame",
    key: "k",
    type: "blame",
    display: "inline",
    ...part,
  };
}

const blame = said({
  text: "last changed in 1a2b3c4 by Ada Lovelace, 2026-01-02: Subtract what is to be subtracted",
});
const seen = said({ annotator: "first_seen", type: "first_seen", text: "new in this run" });
const source = said({
  annotator: "source_context",
  type: "source_context",
  display: "detail",
  text: [
    "src/subtract.ts:12 in subtract",
    "  11 | export function subtract(one: number, other: number): number {",
    "> 12 |   return one - other + 1; // a comment that is so long that it does not fit the line at all",
    "  13 | }",
  ].join("\n"),
});
const facts = said({
  annotator: "complexity",
  type: "score",
  display: "detail",
  data: { score: 12, file: "src/subtract.ts", deep: { a: [1, null] } },
});
const short = said({ annotator: "owner", type: "team", data: { team: "maths", since: 2024 } });
const secret = said({ annotator: "hider", type: "h", display: "hidden", text: "SECRET" });
const long = said({
  annotator: "poet",
  type: "p",
  text: ["first line of five", "second", "third", "fourth", "fifth"].join("\n"),
});
const whole = said({
  ref: "deno_test:7",
  annotator: "coverage",
  type: "coverage",
  text: "81.2 % of the lines, 0.4 less than on main",
});
const all = [blame, seen, source, facts, short, secret, long];

const event = anEvent({
  index: 3,
  name: "subtracts small numbers from large ones",
  suite: "src/subtract_test.ts",
  message: "Values are not equal: expected 4, got 5",
  details:
    "    [Diff] Actual / Expected\n\n-   5\n+   4\n\tat a tab, and a line that is much longer than any terminal people look at is wide, really\n",
  file: "src/subtract_test.ts",
  line: 4,
  column: 9,
  duration_ms: 12.3456,
  frames: [
    { file: "src/subtract.ts", line: 12, column: 5, function: "subtract" },
    { file: "src/subtract_test.ts", line: 4 },
  ],
  identity: "6a0a78cd56109af0",
  cluster: "93bb6d9f6f1c0089",
});

const attempt = anAttempt({
  ref: "deno_test:7",
  verdict: "fail",
  reasons: [{ code: "tests_failed", message: "3 of 43 tests failed" }],
  exit_code: 1,
  command: "nice deno test --junit-path=.assay/runs/01/junit.xml",
  tests: testCounts({ passed: 40, failed: 3, flaky: 1 }),
  diagnostics: 1,
  severities: { error: 0, warning: 1, info: 0 },
  result_file: ".assay/runs/01/junit.xml",
  result_format: "junit-xml",
  truncated: true,
  artifacts: [{
    name: "report",
    path: ".assay/runs/01/deno_test/report.xml",
    sha256: "ab".repeat(32),
    bytes: 1234,
  }],
  metrics: { max_rss: 123456, cpu: 0.5 },
  environment: { TZ: "UTC" },
  extensions: [
    {
      extension: "env",
      changes: {
        command: { before: "deno test", after: "nice deno test" },
        env: { set: ["A", "B"], unset: ["C"] },
        collectors: 1,
      },
      duration_ms: 0.4,
    },
    { extension: "platform", changes: {}, duration_ms: 0.1 },
  ],
  extension_data: { timestamp: { lines: 3, format: "%H:%M" } },
  sandbox: [
    { dimension: "network", declared: "none", enforced_by: "bwrap" },
    { dimension: "memory", declared: "512m", why: "no engine covers it" },
  ],
  warnings: ["standard output: only the first 64 MiB were kept"],
});

const { run_id, verb, state, started_at, commit, branch, dirty, tree } = aRun();

function output(part: Partial<InspectOutput> = {}): InspectOutput {
  return {
    ref: "deno_test:7:3",
    run: { run_id, verb, state, started_at, commit, branch, dirty, tree },
    attempt,
    event,
    problems: [],
    annotations: all,
    warnings: [],
    ...part,
  };
}

const ofAttempt = output({
  ref: "deno_test:7",
  event: null,
  problems: [
    event,
    anEvent({ index: 4, name: "divides", status: "errored", message: "boom" }),
    anEvent({ index: 9, type: "diagnostic", status: "warning", rule: "no-var", message: "no var" }),
  ],
  annotations: [whole, ...all],
});

const hostileEvent: Event = {
  ...event,
  name: evil,
  suite: evil,
  rule: evil,
  tool: evil,
  message: evil,
  details: evil,
  file: evil,
  identity: evil,
  cluster: evil,
  frames: [{ file: evil, function: evil }],
};
const hostileAnnotations = (["inline", "detail"] as const).flatMap((display) => [
  said({ annotator: evil, key: evil, type: evil, display, text: `${evil}\n${evil}` }),
  said({ annotator: evil, key: evil, type: evil, display, data: { [evil]: evil, b: [evil] } }),
]);
const hostile = output({ event: hostileEvent, annotations: hostileAnnotations });
const hostileAttempt = output({
  ref: "deno_test:7",
  event: null,
  attempt: {
    ...attempt,
    reasons: [{ code: "tests_failed", message: evil }],
    command: evil,
    warnings: [evil],
    environment: { A: evil },
    extension_data: { [evil]: { [evil]: evil } },
    extensions: [{
      extension: evil,
      changes: { command: { before: evil, after: evil }, env: { set: [evil], unset: [] } },
      duration_ms: 1,
    }],
  },
  problems: [{ ...hostileEvent, index: 3 }],
  annotations: hostileAnnotations,
});

const diagnosis = aDiagnosis({
  file: "src/subtract.ts",
  line: 12,
  count: 2,
  refs: ["deno_test:7:3", "deno_test:7:4"],
  annotations: [...all, { ...seen, ref: "deno_test:7:4" }],
});
const failed = aRun({ recommendation: "continue_fixing", confidence: 40, attempts: [attempt] });
const hostileDiagnosis = { ...diagnosis, annotations: hostileAnnotations };

const annotated = [
  { annotator: "blame", written: 2, removed: 0, failed: false },
  { annotator: "poet", written: 1, removed: 3, failed: true },
  { annotator: evil, written: 0, removed: 0, failed: false },
];

const cases: Readonly<Record<string, (look: Look) => string>> = {
  inspect_event: (look) => inspection(output(), look),
  inspect_event_bare: (look) =>
    inspection(output({ event: anEvent({ status: "passed" }), annotations: [] }), look),
  inspect_attempt: (look) => inspection(ofAttempt, look),
  inspect_attempt_bare: (look) =>
    inspection(
      output({ ref: "deno_test:1", attempt: anAttempt(), event: null, annotations: [] }),
      look,
    ),
  inspect_hostile: (look) => inspection(hostile, look),
  inspect_attempt_hostile: (look) => inspection(hostileAttempt, look),
  verify_annotated: (look) => runSummary(failed, [diagnosis], look, [whole]),
  verify_annotated_hostile: (look) =>
    runSummary(failed, [hostileDiagnosis], look, hostileAnnotations),
  diagnose_annotated: (look) => diagnosisList(failed, [diagnosis], look, [whole]),
  inspect_annotated: (look) => inspection({ ...ofAttempt, annotated }, look),
  warning_lines: (look) => warningLines([`annotator "x", annotate: ${evil}`, "no", "no"], look),
};

corpusTests(cases);

const look = { columns: 200, color: false };

/** Which annotations a text shows, by a word of each. */
function shown(text: string): Record<string, boolean> {
  return {
    inline: text.includes("new in this run"),
    detail: text.includes("src/subtract.ts:12 in subtract"),
    hidden: text.includes("SECRET"),
  };
}

Deno.test("inline is shown everywhere, detail in inspect alone, hidden nowhere", () => {
  const beside = { inline: true, detail: false, hidden: false };
  assertEquals(shown(runSummary(failed, [diagnosis], look, all)), beside);
  assertEquals(shown(diagnosisList(failed, [diagnosis], look, all)), beside);
  assertEquals(shown(inspection(ofAttempt, look)), beside);
  assertEquals(shown(inspection(output(), look)), { ...beside, detail: true });
});

Deno.test("what many events share is said once next to a diagnosis, and only so much of it", () => {
  const many = Array.from(
    { length: 30 },
    (_, index) =>
      said({ ref: `deno_test:7:${index}`, text: index < 20 ? "same" : `other ${index}` }),
  );
  const text = diagnosisList(failed, [{ ...diagnosis, annotations: many }], look);
  assertEquals(text.match(/blame: same/g)?.length, 1);
  assertEquals(text.match(/blame: other/g)?.length, 9);
  assertEquals(text.includes("· … and 1 more: assay inspect"), true);
});
