/** Runs as they may be: outcomes, diagnoses and gates by assay's own rules from generated facts and evil texts. */

import fc from "fast-check";
import { diagnose } from "../../src/verdict/diagnose.ts";
import { evaluateGates, evaluateUngated } from "../../src/verdict/gates.ts";
import { needsTests, settle } from "../../src/verdict/settle.ts";
import type { RunEvent } from "../../src/schema/journal.ts";
import type { SettleInput } from "../../src/verdict/types.ts";
import type { Attempt, Event, Kind, Run } from "../../src/model.ts";
import type { RunReport } from "../../src/report/reporters/mod.ts";
import { fingerprint } from "../../src/store/fingerprint.ts";
import { anAttempt, aRun, testCounts } from "../records.ts";

/** Texts that have broken somebody's file, terminal or page. */
export const evilTexts: readonly string[] = [
  "a\x1b[2J\x1b]0;pwned\x07b\u202ec\r✓ pass\nREADY\x9b31md",
  "nul \u0000 bell \u0007 noncharacter \uffff \ufffe",
  "half \ud800 and \udc00 half",
  "]]> <![CDATA[ <!-- & &amp; &#0; \" '",
  "::error::forged\n::set-output name=x::y\r\n##[error]z",
  "100%25 %0A, a=b, c:d",
  "| `code` ``two`` **bold** [link](https://example.com) @ada #12 <b>",
  '<script>alert(1)</script><img src=x onerror="alert(1)">',
  "</details>\n\n# READY\n\n```\n~~~",
  "\\| \\` \\<",
  "",
  "   \n\t ",
  "x".repeat(5_000),
  "日本語 𐐀 é 👩‍👩‍👧",
];

const text = fc.oneof(fc.constantFrom(...evilTexts), fc.string({ unit: "binary", maxLength: 30 }));
const file = fc.oneof(
  fc.constantFrom("src/add.ts", "a b/c#d?.ts", "/etc/passwd", "../up.ts", "C:\\x.cs", "<string>"),
  fc.constantFrom("file:///x/y", "a:b", "%41.ts", "~/x", "ünï/✓.ts", "x|y`z.ts"),
  text,
);
const number = fc.constantFrom(1, 2, 7, 100_000, 0, -1, 1.5, NaN);
const place = fc.record({
  file,
  line: number,
  column: number,
  end_line: number,
  end_column: number,
}, { requiredKeys: [] });

type Facts = Omit<Event, "index" | "identity" | "cluster">;

const testEvent = fc.record({
  type: fc.constant("test" as const),
  status: fc.constantFrom("passed", "passed", "passed", "failed", "errored", "skipped"),
  name: text,
  suite: text,
  message: text,
  details: text,
  duration_ms: fc.constantFrom(0, 1, 12.5, 1e6),
  flaky: fc.boolean(),
}, { requiredKeys: ["type", "status", "name"] });
const diagnostic = fc.record({
  type: fc.constant("diagnostic" as const),
  status: fc.constantFrom("error", "warning", "info"),
  rule: text,
  tool: text,
  message: text,
  details: text,
}, { requiredKeys: ["type", "status", "message"] });
const suiteError = fc.record({
  type: fc.constant("suite_error" as const),
  status: fc.constant("error" as const),
  name: text,
  message: text,
}, { requiredKeys: ["type", "status", "message"] });

const eventOf = (facts: fc.Arbitrary<object>): fc.Arbitrary<Facts> =>
  fc.tuple(facts, place).map(([about, where]) => {
    const event = { ...where, ...about } as Facts & { flaky?: boolean };
    const { flaky: _, ...rest } = event;
    return event.type === "test" && event.status !== "passed" ? rest : event;
  });

/** What a command may report: nothing, tests, diagnostics, or what went wrong outside any. */
const reported: fc.Arbitrary<readonly Facts[]> = fc.oneof(
  fc.constant([]),
  fc.array(eventOf(testEvent), { maxLength: 6 }),
  fc.array(eventOf(diagnostic), { maxLength: 6 }),
  fc.array(fc.oneof(eventOf(testEvent), eventOf(suiteError)), { maxLength: 4 }),
);

const trouble = fc.constantFrom<Partial<SettleInput>>(
  ...Array.from({ length: 9 }, () => ({})),
  { exitCode: 1 },
  { exitCode: null, signal: "SIGSEGV" },
  { exitCode: null, timedOut: true, timeoutMs: 1000 },
  { exitCode: null, cancelled: true },
  { exitCode: 127, toolMissing: "tool" },
  { exitCode: 137, oom: true },
  { exitCode: 1, denials: [{ dimension: "network", subject: "a:1", evidence: "e" }] },
  { lockTimeout: "lock" },
  { sandboxUnenforced: ["network"] },
  { prepareFailed: "no" },
);
const state = fc.constantFrom(
  ...Array.from({ length: 9 }, () => "read" as const),
  "missing" as const,
  "stale" as const,
  "malformed" as const,
  "truncated" as const,
);

const attemptFacts = fc.record({
  kind: fc.constantFrom<Kind>("build", "test", "lint"),
  required: fc.constantFrom(true, true, true, false),
  events: reported,
  trouble,
  state,
  holds: fc.constantFrom("tests" as const, "diagnostics" as const),
  hasReport: fc.constantFrom(true, true, true, false),
  failOn: fc.constantFrom("error" as const, "error" as const, "warning" as const, "info" as const),
  allowNoTests: fc.boolean(),
  mustCount: fc.boolean(),
  isIdle: fc.constantFrom(false, false, false, false, false, true),
  command: text,
});

type AttemptFacts = typeof attemptFacts extends fc.Arbitrary<infer T> ? T : never;

/** The same command without anything that went wrong. */
function calm(facts: AttemptFacts): AttemptFacts {
  const events = facts.events.map((event): Facts =>
    event.type === "test" ? { ...event, status: "passed" } : { ...event, status: "info" }
  ).filter(({ type }) => type !== "suite_error");
  return { ...facts, events, trouble: {}, state: "read", failOn: "error", allowNoTests: true };
}

/** One attempt, settled by assay's rules, with the events it reports. */
function attemptOf(facts: AttemptFacts, index: number): readonly [Attempt, readonly Event[]] {
  const { isIdle } = facts;
  const events = facts.hasReport && !isIdle ? facts.events : [];
  const of = (type: Event["type"], status: Event["status"]) =>
    events.filter((event) => event.type === type && event.status === status).length;
  const tests = testCounts({
    passed: of("test", "passed"),
    failed: of("test", "failed"),
    errored: of("test", "errored"),
    skipped: of("test", "skipped"),
    flaky: events.filter(({ flaky }) => flaky).length,
  });
  const severities = {
    error: of("diagnostic", "error"),
    warning: of("diagnostic", "warning"),
    info: of("diagnostic", "info"),
  };
  const suiteErrors = of("suite_error", "error");
  const fails = tests.failed + tests.errored + severities.error + suiteErrors > 0;
  const { kind, required, failOn, allowNoTests, command } = facts;
  const ended = { exitCode: fails ? 1 : 0, signal: null, timedOut: false, cancelled: false };
  const idle = {
    verdict: "unknown",
    reasons: [{ code: "not_needed", message: "every file is ignored" }],
  } as const;
  const { verdict, reasons } = isIdle ? idle : settle({
    kind,
    ...(kind === "test" && facts.mustCount ? { uncounted: 'nothing counted\n{\n  "a": 1\n}' } : {}),
    resultFormat: facts.hasReport ? "some-format" : "exit-code",
    holdsTests: needsTests(facts.holds, kind),
    failOn,
    allowNoTests,
    ...ended,
    ...facts.trouble,
    ...(facts.hasReport ? { report: { state: facts.state, tests, severities, suiteErrors } } : {}),
  });
  const ref = `runner${index}:${index + 1}`;
  const attempt = anAttempt({
    name: `runner${index}`,
    attempt_id: `01JZ000000000000000000000${index}`,
    ref,
    kind,
    required,
    command,
    verdict,
    reasons,
    evidence: tests.total > 0 ? "report" : "exit_code",
    exit_code: facts.trouble.exitCode === undefined ? ended.exitCode : facts.trouble.exitCode,
    tests,
    severities,
    diagnostics: severities.error + severities.warning + severities.info,
    suite_errors: suiteErrors,
    warnings: [command],
  });
  return [attempt, events.map((event, at) => ({ ...event, index: at + 1, ...fingerprint(event) }))];
}

/** A run and all that is known of it. */
export const anyReport: fc.Arbitrary<Promise<RunReport>> = fc.record({
  attempts: fc.array(attemptFacts, { minLength: 0, maxLength: 4 }),
  state: fc.constantFrom<Run["state"]>(
    ...Array.from({ length: 12 }, () => "finished" as const),
    "interrupted",
    "running",
  ),
  skipped: fc.constantFrom<readonly Kind[]>([], [], [], [], ["lint"]),
  waived: fc.constantFrom("", "", "", "lint", "test"),
  optional: fc.constantFrom("", "", "", "lint"),
  threshold: fc.constantFrom(94, 94, 100, 0),
  verb: fc.constantFrom("verify", "verify", "hook", "hook", "run", "run"),
  hasKind: fc.boolean(),
  unneeded: fc.array(
    fc.record({
      name: fc.constant("not_needed"),
      kind: fc.constantFrom<Kind>("build", "test", "lint"),
      required: fc.boolean(),
      reason: text,
    }),
    { maxLength: 1 },
  ),
  isCalm: fc.boolean(),
  branch: text,
}).map(async (facts): Promise<RunReport> => {
  const {
    attempts: commands,
    state,
    skipped,
    waived,
    optional,
    threshold,
    verb,
    hasKind,
    unneeded,
    branch,
    isCalm,
  } = facts;
  const made = commands.map((each) => isCalm ? calm(each) : each).map(attemptOf);
  const attempts = made.map(([attempt]) => attempt);
  const events = new Map(made.map(([{ attempt_id }, all]) => [attempt_id, all]));
  const isProblem = ({ type, status }: Event) =>
    type !== "test" || status === "failed" || status === "errored";
  const eventsOf = ({ attempt_id }: Attempt) => events.get(attempt_id) ?? [];
  const diagnoses = await diagnose({
    run: { attempts },
    eventsOf: (attempt) => eventsOf(attempt).filter(isProblem),
    readSource: () => Promise.resolve(undefined),
    readOutput: () => Promise.resolve({ text: branch }),
  });
  const judged = verb === "run" && !hasKind ? evaluateUngated({ state, attempts }) : evaluateGates({
    state,
    attempts,
    present: attempts.map(({ kind }) => kind!),
    skipped,
    today: "2026-06-15",
    scope: verb === "verify" ? "whole" : verb === "hook" ? "change" : "command",
    unneeded,
    settings: {
      threshold,
      weights: {},
      waivers: waived === "" ? [] : [{ gate: waived, reason: branch || "why" }],
      optional: optional === "" ? [] : [optional],
      fresh: false,
      sandbox: false,
    },
  });
  const { gates, confidence, recommendation } = judged;
  const run = aRun({
    attempts,
    unneeded,
    state,
    gates,
    confidence,
    recommendation,
    threshold,
    verb,
    branch,
  });
  const config = { file: ".assay/plugins.json", line: 2 };
  return {
    run,
    diagnoses,
    annotations: [],
    journal: journalOf(run),
    place: config,
    placeOf: () => config,
    events: (attempt, { problems = false } = {}) => {
      const all = eventsOf(attempt);
      return [problems ? all.filter(isProblem) : all];
    },
  };
});

/** What the journal of a run ends with. */
function journalOf(run: Run): RunEvent[] {
  const at = run.started_at;
  const { run_id, state, gates, confidence, threshold, recommendation, duration_ms } = run;
  return [
    { type: "gates", at, gates, confidence, threshold, recommendation },
    { type: "closed", at, run_id, state, duration_ms },
  ];
}
