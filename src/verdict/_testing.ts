/** Attempts and gates for tests: a test names only what it is about. */

import { assert } from "@std/assert";
import { anAttempt, testCounts } from "../../tests/records.ts";
import type { Attempt, GateRules } from "../model.ts";
import { evaluateGates } from "./gates.ts";
import type { GateInput } from "./types.ts";

export const settings: GateRules = {
  threshold: 94,
  weights: {},
  waivers: [],
  optional: [],
  fresh: false,
  sandbox: false,
};

export const built = anAttempt({ name: "build", kind: "build", ref: "build:1" });
export const linted = anAttempt({ name: "lint", kind: "lint", ref: "lint:1" });
export const tested = anAttempt({ name: "test", ref: "test:1", tests: testCounts({ passed: 4 }) });
export const allPass = [built, tested, linted];

export function failed(attempt: Attempt, part: Partial<Attempt> = {}): Attempt {
  const reasons = [{ code: "exit_nonzero" as const, message: "exit code 1" }];
  return { ...attempt, verdict: "fail", exit_code: 1, reasons, ...part };
}

export function unknown(attempt: Attempt, part: Partial<Attempt> = {}): Attempt {
  const reasons = [{ code: "report_missing" as const, message: "no report" }];
  return { ...attempt, verdict: "unknown", reasons, ...part };
}

export const notNeeded = {
  name: "test",
  kind: "test",
  required: true,
  reason: "no staged change matches",
} as const;
export const idle = unknown(tested, {
  reasons: [{ code: "not_needed", message: "every file is ignored" }],
});

export interface Part extends Omit<Partial<GateInput>, "settings"> {
  readonly settings?: Partial<GateRules>;
}

export function evaluate(attempts: readonly Attempt[], part: Part = {}) {
  const present = [...new Set(attempts.map(({ kind }) => kind!))];
  return evaluateGates({
    state: "finished",
    attempts,
    skipped: [],
    present,
    today: "2026-06-15",
    ...part,
    settings: { ...settings, ...part.settings },
  });
}

export function gate(id: string, attempts: readonly Attempt[], part: Part = {}) {
  const found = evaluate(attempts, part).gates.find((each) => each.id === id);
  assert(found, `no gate ${id}`);
  return found;
}
