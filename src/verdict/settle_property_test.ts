import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Severity, TestCounts, Verdict } from "../model.ts";
import { settle } from "./settle.ts";
import type { ReportFacts, SettleInput } from "./types.ts";

function summed(part: Omit<TestCounts, "total">): TestCounts {
  return { ...part, total: part.passed + part.failed + part.errored + part.skipped };
}

const few = fc.constantFrom(0, 0, 0, 0, 1, 2);
const anyCounts = fc.record({
  total: few,
  passed: fc.constantFrom(0, 1, 3),
  failed: few,
  errored: few,
  skipped: few,
  flaky: few,
});
const anyReport: fc.Arbitrary<ReportFacts> = fc.record({
  state: fc.constantFrom("read", "read", "read", "read", "missing", "malformed", "truncated"),
  tests: fc.oneof(anyCounts, anyCounts.map(({ total: _, ...rest }) => summed(rest))),
  severities: fc.record({ error: few, warning: few, info: few }),
  suiteErrors: few,
  declared: fc.record({ tests: few, passed: few, failed: few, errored: few }, { requiredKeys: [] }),
  uncountedFiles: fc.constant(["a.test.js"]),
  nothingChecked: fc.constant("none"),
}, { requiredKeys: ["state", "tests", "severities", "suiteErrors"] });
const anyDenials = fc.array(
  fc.record({
    dimension: fc.constantFrom("network", "memory", "cpu"),
    evidence: fc.constant("e"),
    killed: fc.boolean(),
  }),
  { maxLength: 2 },
);
/** What must each by itself keep a command from passing. */
const hazards: readonly Partial<SettleInput>[] = [
  { signal: "SIGKILL" },
  { timedOut: true },
  { cancelled: true },
  { oom: true },
  { toolMissing: "tool" },
  { lockTimeout: "lock" },
  { sandboxUnenforced: ["network"] },
  { prepareFailed: "no" },
];
const anyInput: fc.Arbitrary<SettleInput> = fc.tuple(
  fc.record({
    kind: fc.constantFrom("build", "test", "lint"),
    resultFormat: fc.constantFrom("exit-code", "some-format"),
    holdsTests: fc.boolean(),
    exitCode: fc.constantFrom(0, 0, 0, 0, 5, 5, null, 1, 126, 127, 137),
    signal: fc.constant(null),
    timedOut: fc.constant(false),
    cancelled: fc.constant(false),
    failOn: fc.constantFrom("error", "warning", "info"),
    allowNoTests: fc.boolean(),
    report: anyReport,
    denials: anyDenials,
    sandboxUnenforced: fc.constant([]),
    uncounted: fc.constant("let it write a report"),
  }, {
    requiredKeys: [
      "kind",
      "resultFormat",
      "holdsTests",
      "exitCode",
      "signal",
      "timedOut",
      "cancelled",
      "failOn",
      "allowNoTests",
    ],
  }),
  fc.constantFrom(...Array.from(hazards, () => ({})), ...hazards),
).map(([base, hazard]) => ({ ...base, ...hazard }));

/** Written apart from the code under test: what must hold of whatever passes. */
function mayPass(input: SettleInput): boolean {
  const stopped = input.signal !== null || input.timedOut || input.cancelled || input.oom === true;
  const notRun = input.toolMissing !== undefined || input.lockTimeout !== undefined ||
    input.prepareFailed !== undefined || (input.sandboxUnenforced ?? []).length > 0;
  if (stopped || notRun) return false;
  const counted = input.report?.tests.total ?? 0;
  const mayHoldNone = input.allowNoTests && input.holdsTests;
  if (input.uncounted !== undefined && counted === 0 && !mayHoldNone) return false;
  if (input.resultFormat === "exit-code") return input.exitCode === 0;
  const { report } = input;
  if (report?.state !== "read" || report.suiteErrors > 0) return false;
  if (report.uncountedFiles !== undefined) return false;
  if (report.nothingChecked !== undefined) return false;
  const { tests, severities, declared } = report;
  if (tests.failed + tests.errored > 0) return false;
  const limit: Record<Severity, number> = {
    error: severities.error,
    warning: severities.error + severities.warning,
    info: severities.error + severities.warning + severities.info,
  };
  if (limit[input.failOn] > 0) return false;
  if (declared?.tests !== undefined && declared.tests !== tests.total) return false;
  if (declared?.passed !== undefined && declared.passed !== tests.passed) return false;
  if ((declared?.failed ?? 0) + (declared?.errored ?? 0) > 0) return false;
  const needsTests = input.holdsTests;
  if (tests.total > 0 && tests.passed === 0 && !input.allowNoTests) return false;
  if (tests.total === 0 && needsTests && !input.allowNoTests) return false;
  if (input.exitCode === 5) return tests.total === 0 && needsTests && input.allowNoTests;
  return input.exitCode === 0;
}

Deno.test("settle never passes what it could not see", () => {
  let passed = 0;
  fc.assert(
    fc.property(anyInput, (input) => {
      const { verdict, reasons } = settle(input);
      if (verdict !== "pass") return true;
      passed++;
      assertEquals(reasons.map(({ code }) => code), ["ok"]);
      return mayPass(input);
    }),
    { numRuns: 20_000 },
  );
  assert(passed > 100, `only ${passed} of the inputs passed: the property saw too little`);
});

Deno.test("settle always gives a reason for its verdict", () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { verdict, reasons } = settle(input);
      assert(reasons.length > 0);
      assertEquals(reasons.some(({ code }) => code === "ok"), verdict === "pass");
      assert(reasons.every(({ message }) => message.length > 0 && !message.includes("undefined")));
    }),
    { numRuns: 10_000 },
  );
});

Deno.test("what a sandbox denied never makes a verdict better, and says nothing of a success", () => {
  const order: readonly Verdict[] = ["fail", "unknown", "pass"];
  let denied = 0;
  fc.assert(
    fc.property(anyInput, anyDenials, (input, denials) => {
      const { denials: _, ...without } = input;
      const bare = settle(without);
      const { verdict, reasons } = settle({ ...without, denials });
      if (reasons.some(({ code }) => code === "sandbox_denied")) denied++;
      const isKilled = denials.some(({ killed }) => killed);
      if (input.exitCode === 0 && !input.timedOut && !isKilled) {
        assertEquals(reasons, bare.reasons);
      }
      if (isKilled) assert(verdict !== "pass");
      return order.indexOf(verdict) <= order.indexOf(bare.verdict);
    }),
    { numRuns: 20_000 },
  );
  assert(denied > 100, `only ${denied} of the inputs were denied something`);
});
