import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { anAttempt, testCounts } from "../../tests/records.ts";
import type { Attempt, Kind, Verdict } from "../model.ts";
import { roundDown } from "./confidence.ts";
import { evaluateGates, exitCodeOf } from "./gates.ts";
import type { GateInput } from "./types.ts";

const count = fc.nat({ max: 5 });
const kind = fc.constantFrom<Kind>("build", "test", "lint");

const evidence = fc.constantFrom("report", "report", "output", "exit_code");
const notNeeded = [{ code: "not_needed", message: "every file is ignored" }] as const;

const attemptOf = (verdict: fc.Arbitrary<Verdict>, required: fc.Arbitrary<boolean>) =>
  fc.record({ kind, verdict, required, evidence, passed: count, failed: count, serial: fc.nat() })
    .map(
      ({ kind, verdict, required, evidence, passed, failed, serial }): Attempt =>
        anAttempt({
          kind,
          evidence,
          ...(verdict === "unknown" && serial % 3 === 0 ? { reasons: notNeeded } : {}),
          verdict,
          required,
          ref: `x:${serial}`,
          tests: testCounts({ passed, failed: verdict === "fail" ? failed : 0 }),
        }),
    );

const anyAttempt = attemptOf(
  fc.constantFrom("pass", "pass", "pass", "fail", "unknown"),
  fc.constantFrom(true, true, true, false),
);

const gateId = fc.constantFrom("build", "test", "lint", "fresh");
const anyInput: fc.Arbitrary<GateInput> = fc.record({
  state: fc.constant("finished" as const),
  attempts: fc.array(anyAttempt, { maxLength: 6 }),
  settings: fc.record({
    threshold: fc.constantFrom(0, 50, 94, 100),
    weights: fc.dictionary(gateId, fc.constantFrom(0, 1, 30, 0.1), { maxKeys: 2 }),
    waivers: fc.array(
      fc.record({
        gate: gateId,
        reason: fc.constant("why"),
        until: fc.constantFrom("2026-06-14", "2026-06-15"),
      }, { requiredKeys: ["gate", "reason"] }),
      { maxLength: 1 },
    ),
    optional: fc.array(gateId, { maxLength: 1 }),
    fresh: fc.boolean(),
    sandbox: fc.boolean(),
  }),
  scope: fc.constantFrom("whole", "whole", "change", "command"),
  unneeded: fc.array(
    fc.record({ name: fc.constant("x"), kind, required: fc.boolean(), reason: fc.constant("why") }),
    { maxLength: 2 },
  ),
  skipped: fc.constantFrom<Kind[]>([], [], [], ["lint"]),
  present: fc.constantFrom<Kind[]>([], [], ["test"]),
  fresh: fc.constant({ now: "a", then: "a" }),
  today: fc.constant("2026-06-15"),
});

/** A required attempt that did not pass, though it was needed. */
const notPassed = attemptOf(fc.constantFrom("fail", "unknown"), fc.constant(true))
  .map((attempt): Attempt => ({ ...attempt, reasons: [{ code: "report_missing", message: "" }] }));

/** The same, showing nothing that passed. */
const bad = notPassed.map((attempt) => ({ ...attempt, tests: { ...attempt.tests, passed: 0 } }));

const strict = anyInput.map((input) => ({
  ...input,
  settings: { ...input.settings, waivers: [], optional: [] },
}));

Deno.test("adding a required attempt that did not pass never raises confidence", () => {
  fc.assert(
    fc.property(strict, bad, (input, attempt) => {
      const before = evaluateGates(input);
      const after = evaluateGates({ ...input, attempts: [...input.attempts, attempt] });
      // Without any required attempt confidence is 0 by decree; the first one may lift it to what
      // gates such as `fresh` give.
      if (decidingOf(input, []).length === 0) return true;
      return after.confidence <= before.confidence;
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("adding a required attempt that did not pass never leaves a run ready", () => {
  fc.assert(
    fc.property(
      strict,
      notPassed,
      (input, attempt) =>
        evaluateGates({ ...input, attempts: [...input.attempts, attempt] }).recommendation !==
          "ready_for_review",
    ),
    { numRuns: 2_000 },
  );
});

/** Written apart from the code under test: what decides, of a run that is about a part without what is not needed. */
function decidingOf(
  { attempts, scope, settings: { optional } }: GateInput,
  open: readonly string[],
) {
  const isIdle = ({ reasons }: Attempt) => reasons[0]?.code === "not_needed";
  return attempts.filter((each) =>
    each.required && !(scope !== "whole" && isIdle(each)) &&
    ![...open, ...optional].includes(each.kind!)
  );
}

/** Gates whose waiver still holds. */
function waivedIn({ settings, today }: GateInput): readonly string[] {
  return settings.waivers.filter(({ until }) => until === undefined || until >= today)
    .map(({ gate }) => gate);
}

Deno.test("ready only when all that decides passed", () => {
  let ready = 0;
  fc.assert(
    fc.property(anyInput, (input) => {
      const { recommendation, confidence, gates } = evaluateGates(input);
      if (recommendation !== "ready_for_review") return;
      ready++;
      const waived = waivedIn(input);
      const decides = decidingOf(input, waived);
      assertEquals(decides.filter(({ verdict }) => verdict !== "pass"), []);
      assert(confidence >= Math.floor(input.settings.threshold * 10) / 10);
      assert(gates.every((gate) => !gate.required || gate.status !== "fail"));
      const open = [...waived, ...input.settings.optional];
      assert(input.skipped.every((each) => open.includes(each)));
    }),
    { numRuns: 5_000 },
  );
  assert(ready > 100, `only ${ready} runs were ready: the property saw too little`);
});

Deno.test("ready only when something was tested, or a person said why not", () => {
  const seen = { tested: 0, unneeded: 0, waived: 0 };
  fc.assert(
    fc.property(anyInput, (input) => {
      const { recommendation } = evaluateGates(input);
      if (recommendation !== "ready_for_review" || input.scope === "command") return;
      if (waivedIn(input).includes("test") || input.settings.optional.includes("test")) {
        seen.waived++;
      } else if (
        input.attempts.some((each) =>
          each.kind === "test" && each.required && each.verdict === "pass"
        )
      ) {
        seen.tested++;
      } else {
        // For a change alone tests that are there may not be needed.
        assertEquals(input.scope, "change");
        const idle = input.attempts.filter(({ reasons }) => reasons[0]?.code === "not_needed");
        const unneeded = [...input.unneeded ?? [], ...idle];
        assert(unneeded.some((each) => each.kind === "test" && each.required));
        seen.unneeded++;
      }
    }),
    { numRuns: 5_000 },
  );
  assert(Object.values(seen).every((count) => count > 10), JSON.stringify(seen));
});

Deno.test("ready only when a required command passed, unless none was needed or there is none", () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const { recommendation, gates } = evaluateGates(input);
      if (recommendation !== "ready_for_review") return;
      if (input.attempts.some(({ required, verdict }) => required && verdict === "pass")) return;
      const isWaived = gates.some(({ id, status, code }) =>
        id === "test" && status === "waived" && code === "no_runner"
      );
      const idle = input.attempts.filter(({ reasons }) => reasons[0]?.code === "not_needed");
      const isSpared = input.scope === "change" &&
        [...input.unneeded ?? [], ...idle].some(({ required }) => required);
      assert(isWaived || isSpared);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("confidence is within 0 and 100, and with all gates passed by counting exactly 100", () => {
  fc.assert(fc.property(anyInput, (input) => {
    const { confidence, gates } = evaluateGates(input);
    assert(confidence >= 0 && confidence <= 100);
    const counts = gates.filter(({ status }) => status !== "not_applicable");
    const allPass = counts.every(({ status }) => status === "pass" || status === "waived");
    const weighs = counts.some(({ weight }) => weight > 0);
    // Waivers alone show nothing to work: then the confidence is 0.
    const ran = input.attempts.some(({ required, verdict }) => required && verdict === "pass");
    const tests = input.attempts.filter((each) => each.required && each.kind === "test");
    const counted = tests.every(({ evidence }) => evidence === "report");
    if (allPass && weighs && ran && counted) assertEquals(confidence, 100);
  }));
});

Deno.test("roundDown never lifts a value and keeps one decimal", () => {
  fc.assert(fc.property(fc.double({ min: 0, max: 100, noNaN: true }), (value) => {
    const shown = roundDown(value);
    assert(shown <= value && value - shown < 0.1 + 1e-9);
    assertEquals(shown, Number(shown.toFixed(1)));
  }));
  for (let tenths = 0; tenths <= 1000; tenths++) {
    assertEquals(roundDown(tenths / 10), tenths / 10);
  }
  assertEquals(roundDown(93.96), 93.9);
});

Deno.test("only ready_for_review exits with 0", () => {
  assertEquals(exitCodeOf("ready_for_review"), 0);
  assertEquals(exitCodeOf("continue_fixing"), 1);
  assertEquals(exitCodeOf("blocked"), 3);
});
