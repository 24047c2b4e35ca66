/** Gates where nothing was run, or nothing was counted. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Attempt, Kind } from "../model.ts";
import {
  built,
  evaluate,
  failed,
  idle,
  notNeeded,
  type Part,
  tested,
  unknown,
} from "./_testing.ts";
import { evaluateUngated } from "./gates.ts";

const docsOnly = [{ gate: "test", reason: "only documents" }];

for (const scope of ["whole", "change"] as const) {
  Deno.test(`nothing tests a project, of a ${scope}: blocked, until that is waived`, () => {
    const open = evaluate([], { scope });
    assertEquals([open.recommendation, open.confidence], ["blocked", 0]);
    const { gates, ...waived } = evaluate([], { scope, settings: { waivers: docsOnly } });
    assertEquals([waived.recommendation, waived.confidence], ["ready_for_review", 100]);
    assertEquals(gates.map(({ status, code }) => [status, code]), [
      ["not_applicable", undefined],
      ["waived", "no_runner"],
      ["not_applicable", undefined],
    ]);
  });
}

Deno.test("a waiver for what was left out, or did not pass, is no evidence", () => {
  const settings = { waivers: docsOnly };
  const present: Kind[] = ["test"];
  assertEquals(evaluate([], { present, settings }).recommendation, "blocked");
  assertEquals(evaluate([], { present, skipped: present, settings }).recommendation, "blocked");
  assertEquals(evaluate([failed(tested)], { settings }).recommendation, "blocked");
});

Deno.test("nothing that changed needs a command: ready, where something tests the project", () => {
  const lint = { ...notNeeded, name: "lint", kind: "lint" } as const;
  const ready = (part: Part) => evaluate([], { scope: "change", ...part }).recommendation;
  assertEquals(ready({ unneeded: [notNeeded, lint] }), "ready_for_review");
  assertEquals(ready({ unneeded: [lint] }), "blocked");
  assertEquals(evaluate([idle], { scope: "change" }).recommendation, "ready_for_review");
  assertEquals(evaluate([idle]).recommendation, "blocked");
});

Deno.test("the grade of evidence alone is above the threshold, and in the arithmetic", () => {
  const counted = { report: 100, output: 98, exit_code: 95 } as const;
  for (const evidence of ["report", "output", "exit_code"] as const) {
    const { confidence, recommendation } = evaluate([{ ...tested, evidence }]);
    assertEquals([confidence, recommendation], [counted[evidence], "ready_for_review"]);
  }
  const { arithmetic } = evaluate([{ ...tested, evidence: "exit_code" }]);
  assertStringIncludes(arithmetic[1]!, "weight 40 × score 0.95 = 38");
  // What is built or linted says what it says.
  assertEquals(evaluate([tested, { ...built, evidence: "exit_code" }]).confidence, 100);
});

Deno.test("a command without a kind judges no gate", () => {
  const verdict = (...attempts: Attempt[]) => evaluateUngated({ attempts }).recommendation;
  assertEquals(verdict(tested), "ready_for_review");
  assertEquals(verdict(failed(tested)), "continue_fixing");
  assertEquals(verdict(unknown(tested)), "blocked");
  assertEquals(verdict(), "blocked");
  assertEquals(
    evaluateUngated({ attempts: [tested], state: "interrupted" }).recommendation,
    "blocked",
  );
});
