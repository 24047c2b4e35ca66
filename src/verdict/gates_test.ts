import { assertEquals, assertStringIncludes } from "@std/assert";
import { anAttempt, testCounts } from "../../tests/records.ts";
import type { Attempt, GateStatus, Kind } from "../model.ts";
import {
  allPass,
  built,
  evaluate,
  failed,
  gate,
  idle,
  linted,
  notNeeded,
  type Part,
  tested,
  unknown,
} from "./_testing.ts";
import type { GateInput } from "./types.ts";

Deno.test("everything passes: ready", () => {
  const { confidence, recommendation, gates } = evaluate(allPass);
  assertEquals([confidence, recommendation], [100, "ready_for_review"]);
  assertEquals(gates.map(({ id, status, weight }) => [id, status, weight]), [
    ["build", "pass", 30],
    ["test", "pass", 40],
    ["lint", "pass", 15],
  ]);
});

Deno.test("weights 30, 40, 15 and nine tenths of the share that passed", () => {
  const bad = failed(tested, { tests: testCounts({ passed: 3, failed: 1 }) });
  const { confidence, recommendation, gates, arithmetic } = evaluate([built, bad, linted]);
  assertEquals(gates.map(({ score }) => score), [1, 0.675, 1]);
  // 30·1 + 40·0.675 + 15·1 = 72 of 85
  assertEquals([confidence, recommendation], [84.7, "continue_fixing"]);
  assertEquals(arithmetic, [
    "build  pass  weight 30 × score 1 = 30",
    "test   fail  weight 40 × score 0.675 = 27",
    "lint   pass  weight 15 × score 1 = 15",
    "confidence = 100 × 72 / 85 = 84.7 (rounded down); ready needs 94",
  ]);
});

const kindRows:
  readonly (readonly [string, readonly Attempt[], Part, GateStatus, number, string])[] = [
    ["passes", [tested], {}, "pass", 1, "4 tests passed"],
    ["fails", [failed(tested)], {}, "fail", 0.72, "test: exit code 1"],
    ["unknown", [unknown(tested)], {}, "unknown", 0, "test: no report"],
    [
      "fail beats unknown, and no share is known",
      [tested, unknown(tested), failed(tested)],
      {},
      "fail",
      0,
      "test: exit code 1",
    ],
    ["unknown beats pass", [tested, unknown(tested)], {}, "unknown", 0, "test: no report"],
    ["running is unknown", [{ ...tested, state: "running" }], {}, "unknown", 0, "test: running"],
    [
      "interrupted is unknown",
      [failed(tested, { state: "interrupted" })],
      {},
      "unknown",
      0,
      "test: interrupted",
    ],
    ["several fail", [failed(tested), failed(tested)], {}, "fail", 0.72, "(and 1 more)"],
    [
      "commands without tests are units",
      [failed(anAttempt()), anAttempt()],
      {},
      "fail",
      0.45,
      "exit code 1",
    ],
    [
      "skipped kind",
      [],
      { skipped: ["test"], present: ["test"] },
      "unknown",
      0,
      "left out (--skip, --only)",
    ],
    [
      "skipped though it passed",
      [tested],
      { skipped: ["test"] },
      "unknown",
      0,
      "left out (--skip, --only)",
    ],
    [
      "skipped though absent",
      [],
      { skipped: ["test"] },
      "unknown",
      0,
      "left out (--skip, --only)",
    ],
    ["nothing found", [built], {}, "unknown", 0, "no runner tests the project; add a runner"],
    [
      "nothing found, in a run of one command",
      [built],
      { scope: "command" },
      "not_applicable",
      0,
      "no test command found",
    ],
    [
      "nothing found, of a change",
      [built],
      { scope: "change" },
      "unknown",
      0,
      "no runner tests the project",
    ],
    [
      "not needed for a change",
      [built],
      { scope: "change", unneeded: [notNeeded] },
      "not_applicable",
      0,
      "not needed: test: no staged change matches",
    ],
    [
      "not needed, and only a whole run knows of it",
      [built],
      { unneeded: [notNeeded] },
      "unknown",
      0,
      "no runner tests the project (not needed: test: no staged change",
    ],
    [
      "only an optional one, which is not needed for a change",
      [built],
      { scope: "change", unneeded: [{ ...notNeeded, required: false }] },
      "unknown",
      0,
      "no runner tests the project",
    ],
    [
      "a command that says itself that it is not needed for a change",
      [built, idle],
      { scope: "change" },
      "not_applicable",
      0,
      "not needed: test: every file is ignored",
    ],
    [
      "the same of a whole run",
      [built, idle],
      {},
      "unknown",
      0,
      "test: every file is ignored",
    ],
    [
      "not needed, beside one that ran",
      [tested, idle],
      { scope: "change" },
      "pass",
      1,
      "4 tests passed",
    ],
    [
      "counted on standard output",
      [tested, { ...tested, evidence: "output" }],
      {},
      "pass",
      0.98,
      "8 tests passed, evidence: output",
    ],
    [
      "the weakest evidence counts",
      [tested, { ...tested, evidence: "exit_code" }, { ...tested, evidence: "output" }],
      {},
      "pass",
      0.95,
      "evidence: exit code",
    ],
    ["found and not run", [built], { present: ["test"] }, "unknown", 0, "no test command was run"],
    [
      "optional failure is shown and does not weigh",
      [tested, failed(tested, { name: "slow", required: false })],
      {},
      "pass",
      1,
      "4 tests passed; not required: slow failed",
    ],
    [
      "only optional ones",
      [anAttempt({ name: "slow", required: false })],
      {},
      "unknown",
      0,
      "no runner tests the project (no test command is required); not required: slow passed",
    ],
    [
      "suite errors are units",
      [failed(tested, { suite_errors: 4 })],
      {},
      "fail",
      0.45,
      "exit code 1",
    ],
    [
      "skipped tests are units that did not pass",
      [failed(tested, { tests: testCounts({ passed: 2, failed: 1, skipped: 1 }) })],
      {},
      "fail",
      0.45,
      "exit code 1",
    ],
    [
      "waived failure",
      [failed(tested)],
      { settings: { waivers: [{ gate: "test", reason: "ticket 7" }] } },
      "waived",
      1,
      "ticket 7 (otherwise fail: test: exit code 1)",
    ],
    [
      "waived unknown",
      [unknown(tested)],
      { settings: { waivers: [{ gate: "test", reason: "ticket 7" }] } },
      "waived",
      1,
      "ticket 7",
    ],
    [
      "waived until today, by somebody",
      [failed(tested)],
      {
        settings: { waivers: [{ gate: "test", reason: "why", owner: "ada", until: "2026-06-15" }] },
      },
      "waived",
      1,
      "why (ada, until 2026-06-15) (otherwise fail",
    ],
    [
      "waived until yesterday",
      [failed(tested)],
      { settings: { waivers: [{ gate: "test", reason: "why", until: "2026-06-14" }] } },
      "fail",
      0.72,
      "test: exit code 1; its waiver ended on 2026-06-14 (why): make the gate pass, or",
    ],
    [
      "nothing found, waived until yesterday",
      [built],
      { settings: { waivers: [{ gate: "test", reason: "docs", until: "2026-06-14" }] } },
      "unknown",
      0,
      "no runner tests the project; its waiver ended on 2026-06-14 (docs): make the gate pass, or",
    ],
    [
      "nothing found, waived",
      [built],
      { settings: { waivers: [{ gate: "test", reason: "docs" }] } },
      "waived",
      1,
      "docs (otherwise unknown: no runner tests the project)",
    ],
    [
      "a pass needs no waiver",
      [tested],
      { settings: { waivers: [{ gate: "test", reason: "ticket 7" }] } },
      "pass",
      1,
      "4 tests passed",
    ],
    [
      "a waiver without a reason waives nothing",
      [failed(tested)],
      { settings: { waivers: [{ gate: "test", reason: " " }] } },
      "fail",
      0.72,
      "exit code 1",
    ],
  ];

for (const [name, attempts, part, status, score, reason] of kindRows) {
  Deno.test(`test gate: ${name}`, () => {
    const found = gate("test", attempts, part);
    assertEquals([found.status, found.score], [status, score]);
    assertStringIncludes(found.reason, reason);
  });
}

Deno.test("nothing ran: blocked with confidence 0", () => {
  const fresh = { now: "a", then: "a" };
  const { confidence, recommendation, arithmetic } = evaluate([], {
    fresh,
    settings: { fresh: true },
  });
  assertEquals([confidence, recommendation], [0, "blocked"]);
  assertStringIncludes(arithmetic.join("\n"), "no required command was run");
});

Deno.test("only commands that are not required: blocked with confidence 0", () => {
  const { confidence, recommendation } = evaluate([{ ...tested, required: false }]);
  assertEquals([confidence, recommendation], [0, "blocked"]);
});

Deno.test("everything waived and nothing passed: not ready", () => {
  const waivers = ["build", "test", "lint"].map((id) => ({ gate: id, reason: "why" }));
  const attempts = allPass.map((attempt) => failed(attempt));
  assertEquals(evaluate(attempts, { settings: { waivers } }).recommendation, "blocked");
});

Deno.test("one gate waived, the others pass: ready", () => {
  const waivers = [{ gate: "test", reason: "ticket 7" }];
  const attempts = [built, failed(tested), linted];
  const { confidence, recommendation } = evaluate(attempts, { settings: { waivers } });
  assertEquals([confidence, recommendation], [100, "ready_for_review"]);
});

Deno.test("one required gate fails and another is unknown: there is something to fix", () => {
  assertEquals(evaluate([failed(built), unknown(tested)]).recommendation, "continue_fixing");
  assertEquals(evaluate([built, unknown(tested)]).recommendation, "blocked");
});

Deno.test("what is unknown is listed with what failed", () => {
  const { reason } = gate("test", [failed(tested), unknown({ ...tested, name: "slow" })]);
  assertEquals(reason, "test: exit code 1; slow: no report (unknown)");
});

Deno.test("an unknown gate that is optional does not block, and weighs", () => {
  const { recommendation, confidence } = evaluate([built, tested, unknown(linted)], {
    settings: { optional: ["lint"] },
  });
  assertEquals([confidence, recommendation], [82.3, "continue_fixing"]);
  const lower = evaluate([built, tested, unknown(linted)], {
    settings: { optional: ["lint"], threshold: 82 },
  });
  assertEquals(lower.recommendation, "ready_for_review");
});

for (const state of ["running", "interrupted"] as const) {
  Deno.test(`a run that is ${state} is blocked`, () => {
    assertEquals(evaluate(allPass, { state }).recommendation, "blocked");
  });
}

Deno.test("the threshold is compared before rounding", () => {
  // 100 × 93.96 / 100: shown as 93.9, and not ready for 94.
  const weights = { build: 93.96, test: 0, lint: 6.04 };
  const { confidence, recommendation } = evaluate([built, tested, failed(linted)], {
    settings: { weights, optional: ["lint"] },
  });
  assertEquals([confidence, recommendation], [93.9, "continue_fixing"]);
});

Deno.test("weights of 0 and useless weights", () => {
  const zero = { build: 0, test: 0, lint: 0 };
  const none = evaluate(allPass, { settings: { weights: zero } });
  assertEquals([none.confidence, none.recommendation], [0, "continue_fixing"]);
  assertStringIncludes(none.arithmetic.join("\n"), "no gate has weight");
  const odd = { build: -1, test: NaN, lint: Infinity, nonsense: 7 };
  const { gates, recommendation } = evaluate(allPass, { settings: { weights: odd } });
  assertEquals(gates.map(({ weight }) => weight), [30, 40, 15]);
  assertEquals(recommendation, "ready_for_review");
});

Deno.test("acceptance: only when configured, and unknown until it is read", () => {
  assertEquals(evaluate(allPass).gates.some(({ id }) => id === "acceptance"), false);
  const settings = { acceptance: "DONE.md" };
  assertEquals(gate("acceptance", allPass, { settings }).status, "unknown");
  const error = { error: "no such file" };
  assertEquals(gate("acceptance", allPass, { settings, acceptance: error }).status, "unknown");
  const items = (...checked: boolean[]) => ({
    checked: checked.filter((each) => each).length,
    total: checked.length,
    items: checked.map((each, index) => ({ text: `item ${index}`, checked: each, line: 1 })),
  });
  assertEquals(gate("acceptance", allPass, { settings, acceptance: items() }).status, "unknown");
  assertEquals(gate("acceptance", allPass, { settings, acceptance: items(true) }).status, "pass");
  const half = gate("acceptance", allPass, { settings, acceptance: items(true, false) });
  assertEquals([half.status, half.score, half.weight], ["fail", 0.45, 20]);
  assertStringIncludes(half.reason, "1 of 2 items not checked: item 1");
});

Deno.test("sandbox: every declared dimension must be enforced", () => {
  const settings = { sandbox: true };
  assertEquals(gate("sandbox", allPass, { settings }).status, "not_applicable");
  const on = { dimension: "network", declared: "none", enforced_by: "bwrap" };
  const off = { dimension: "memory", declared: "1g", why: "no engine" };
  assertEquals(gate("sandbox", [{ ...tested, sandbox: [on] }], { settings }).status, "pass");
  const part = gate("sandbox", [{ ...built, sandbox: [on] }, { ...tested, sandbox: [on, off] }], {
    settings,
  });
  assertEquals([part.status, part.score], ["fail", 0.45]);
  assertStringIncludes(part.reason, "test: not enforced: memory");
});

Deno.test("fresh: the tree of the run is the tree now", () => {
  const settings = { fresh: true };
  const status = (fresh?: GateInput["fresh"]) =>
    gate("fresh", allPass, fresh ? { settings, fresh } : { settings }).status;
  assertEquals(status(), "unknown");
  assertEquals(status({ now: null, then: null }), "unknown");
  assertEquals(status({ now: "a", then: null }), "unknown");
  assertEquals(status({ now: "a", then: "b" }), "fail");
  assertEquals(status({ now: "a", then: "a" }), "pass");
});

Deno.test("every kind has its gate even when nothing was found", () => {
  const ids: readonly Kind[] = ["build", "test", "lint"];
  const { gates } = evaluate([tested]);
  assertEquals(gates.slice(0, 3).map(({ id }) => id), [...ids]);
});
