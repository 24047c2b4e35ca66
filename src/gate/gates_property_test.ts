import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { anAttempt, testCounts } from "../../tests/records.ts";
import type { Attempt, Kind, Verdict } from "../model.ts";
import { roundDown } from "./confidence.ts";
import { evaluateGates, type GateInput } from "./gates.ts";
import { exitCodeOf } from "./recommendation.ts";

const count = fc.nat({ max: 5 });
const kind = fc.constantFrom<Kind>("build", "test", "lint");

const attemptOf = (verdict: fc.Arbitrary<Verdict>, required: fc.Arbitrary<boolean>) =>
  fc.record({ kind, verdict, required, passed: count, failed: count, serial: fc.nat() }).map(
    ({ kind, verdict, required, passed, failed, serial }): Attempt =>
      anAttempt({
        kind,
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
    waivers: fc.array(fc.record({ gate: gateId, reason: fc.constant("why") }), { maxLength: 1 }),
    optional: fc.array(gateId, { maxLength: 1 }),
    fresh: fc.boolean(),
    sandbox: fc.boolean(),
  }),
  skipped: fc.constantFrom<Kind[]>([], [], [], ["lint"]),
  present: fc.constantFrom<Kind[]>([], [], ["test"]),
  fresh: fc.constant({ now: "a", then: "a" }),
});

/** A required attempt that did not pass and shows nothing that did. */
const bad = attemptOf(fc.constantFrom("fail", "unknown"), fc.constant(true))
  .map((attempt) => ({ ...attempt, tests: { ...attempt.tests, passed: 0 } }));

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
      if (!input.attempts.some(({ required }) => required)) return true;
      return after.confidence <= before.confidence;
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("adding a required attempt that did not pass never leaves a run ready", () => {
  fc.assert(
    fc.property(
      strict,
      attemptOf(fc.constantFrom("fail", "unknown"), fc.constant(true)),
      (input, attempt) =>
        evaluateGates({ ...input, attempts: [...input.attempts, attempt] }).recommendation !==
          "ready_for_review",
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("ready only when all that decides passed", () => {
  let ready = 0;
  fc.assert(
    fc.property(anyInput, (input) => {
      const { recommendation, confidence, gates } = evaluateGates(input);
      if (recommendation !== "ready_for_review") return;
      ready++;
      const { waivers, optional, threshold } = input.settings;
      const open = [...waivers.map(({ gate }) => gate), ...optional];
      const decides = input.attempts.filter((each) => each.required && !open.includes(each.kind));
      assertEquals(decides.filter(({ verdict }) => verdict !== "pass"), []);
      assert(input.attempts.some(({ required, verdict }) => required && verdict === "pass"));
      assert(confidence >= Math.floor(threshold * 10) / 10);
      assert(gates.every((gate) => !gate.required || gate.status !== "fail"));
      assert(input.skipped.every((each) => open.includes(each)));
    }),
    { numRuns: 5_000 },
  );
  assert(ready > 100, `only ${ready} runs were ready: the property saw too little`);
});

Deno.test("confidence is within 0 and 100, and with all gates passed exactly 100", () => {
  fc.assert(fc.property(anyInput, (input) => {
    const { confidence, gates } = evaluateGates(input);
    assert(confidence >= 0 && confidence <= 100);
    const counts = gates.filter(({ status }) => status !== "not_applicable");
    const allPass = counts.every(({ status }) => status === "pass" || status === "waived");
    const weighs = counts.some(({ weight }) => weight > 0);
    const ran = input.attempts.some(({ required }) => required);
    if (allPass && weighs && ran) assertEquals(confidence, 100);
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
