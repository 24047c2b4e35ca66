/** The gate of a kind: build, test or lint. */

import type {
  Attempt,
  EvidenceGrade,
  GateStatus,
  Kind,
  ReasonCode,
  Unneeded,
  Verdict,
} from "../model.ts";
import { plural } from "../text/words.ts";
import { roundDown } from "./confidence.ts";

/** What the gate of a kind is judged from. */
export interface KindGateInput {
  readonly attempts: readonly Attempt[];
  readonly skipped: readonly Kind[];
  readonly present: readonly Kind[];
  readonly unneeded?: readonly Unneeded[];
  readonly scope?: Scope;
}

/** What a run is about: the whole project, a change to it, or one requested command. */
export type Scope = "whole" | "change" | "command";

/** How much a passed test check counts, by the basis of its result. */
export const evidenceScores: Readonly<Record<EvidenceGrade, number>> = {
  report: 1,
  output: 0.98,
  exit_code: 0.95,
};

/**
 * Judges a kind by its required attempts. Those that are not required are named in the reason: they
 * neither decide nor weigh.
 */
export function judgeKind(kind: Kind, input: KindGateInput): Judgement {
  if (input.skipped.includes(kind)) {
    return isUnknown(`some ${kind} commands were left out (--skip, --only)`);
  }
  const all = input.attempts.filter((attempt) => attempt.kind === kind);
  const required = all.filter((attempt) => attempt.required);
  const optional = all.filter((attempt) => !attempt.required);
  const judged = required.length > 0
    ? judgeRequired(kind, required)
    : judgeNone(kind, input, optional.length);
  return optional.length === 0 ? judged : {
    ...judged,
    reason: `${judged.reason}; not required: ${optional.map(wordOf).join(", ")}`,
  };
}

/** Nothing required was run. Tests are never silently absent: only a run of one command may lack them. */
function judgeNone(
  kind: Kind,
  { present, unneeded = [], scope = "whole" }: KindGateInput,
  optional: number,
): Judgement {
  const isMust = kind === "test" && scope !== "command";
  const notNeeded = unneeded.find((each) => each.kind === kind && (each.required || !isMust));
  if (optional === 0 && present.includes(kind)) return isUnknown(`no ${kind} command was run`);
  const why = notNeeded && `not needed: ${notNeeded.name}: ${notNeeded.reason}`;
  if (why && !(isMust && scope === "whole")) {
    return { ...doesNotApply(why), code: "not_needed" };
  }
  if (isMust) {
    const found = why ?? (optional > 0 ? "no test command is required" : undefined);
    return {
      ...isUnknown(`no runner tests the project${found === undefined ? "" : ` (${found})`}`),
      code: "no_runner",
      hint: "add a runner (assay plugin list shows one to write), or waive the gate in " +
        '.assay/config.toml: [gates.waive] test = "the reason"',
    };
  }
  return doesNotApply(
    optional > 0 ? `no ${kind} command is required` : `no ${kind} command found`,
  );
}

function judgeRequired(kind: Kind, attempts: readonly Attempt[]): Judgement {
  const failed = attempts.filter((attempt) => verdictOf(attempt) === "fail");
  const unknown = attempts.filter((attempt) => verdictOf(attempt) === "unknown");
  // If a part is unknown, so is the share of the whole.
  if (failed.length > 0) {
    const also = unknown.length > 0 ? `; ${troubles(unknown)} (unknown)` : "";
    return fails(also === "" ? share(kind, attempts) : 0, troubles(failed) + also);
  }
  if (unknown.length > 0) return isUnknown(troubles(unknown));
  if (kind !== "test") return passes(passedText(kind, attempts));
  const weakest = attempts.map(({ evidence }) => evidence)
    .reduce((one, other) => evidenceScores[other] < evidenceScores[one] ? other : one);
  const score = evidenceScores[weakest];
  return passes(
    passedText(kind, attempts) + (score < 1 ? `, evidence: ${weakest.replaceAll("_", " ")}` : ""),
    score,
  );
}

/** The share of units that passed. Units are tests for `test`, where there are any; else commands. */
function share(kind: Kind, attempts: readonly Attempt[]): number {
  let units = 0;
  let passed = 0;
  for (const attempt of attempts) {
    const { tests, suite_errors: suiteErrors } = attempt;
    const good = verdictOf(attempt) === "pass";
    if (kind !== "test" || tests.total === 0) {
      units += 1;
      passed += good ? 1 : 0;
    } else {
      // A command that failed though none of its tests did is itself a unit that failed.
      const bad = Math.max(tests.failed + tests.errored + suiteErrors, good ? 0 : 1);
      units += tests.passed + tests.skipped + bad;
      passed += tests.passed;
    }
  }
  return passed / units;
}

function passedText(kind: Kind, attempts: readonly Attempt[]): string {
  const sum = (of: "passed" | "skipped") =>
    attempts.reduce((total, { tests }) => total + tests[of], 0);
  const commands = `${plural(attempts.length, "command")} passed`;
  if (kind !== "test" || sum("passed") === 0) return commands;
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  return `${plural(sum("passed"), "test")} passed${skipped}`;
}

function wordOf(attempt: Attempt): string {
  const words = { pass: "passed", fail: "failed", unknown: "unknown" };
  return `${attempt.name} ${words[verdictOf(attempt)]}`;
}

// What one gate finds, before waivers and weights; and how attempts are read for it.

/** A gate's finding. */
export interface Judgement {
  readonly status: Exclude<GateStatus, "waived">;
  /** 0 to 1. */
  readonly score: number;
  readonly reason: string;
  readonly code?: ReasonCode;
  /** What a person may do about it, unless a waiver makes that unnecessary. */
  readonly hint?: string;
}

/** Everything is as it should be. */
export function passes(reason: string, score = 1): Judgement {
  return { status: "pass", score, reason };
}

/** It is not known. */
export function isUnknown(reason: string): Judgement {
  return { status: "unknown", score: 0, reason };
}

/** There is nothing to judge. */
export function doesNotApply(reason: string): Judgement {
  return { status: "not_applicable", score: 0, reason };
}

/** Something is wrong: the score is nine tenths of the share of units that passed. */
export function fails(share: number, reason: string): Judgement {
  return { status: "fail", score: roundDown(0.9 * share, 1_000_000), reason };
}

/** An attempt's verdict; one that has not ended has none. */
export function verdictOf({ state, verdict }: Attempt): Verdict {
  return state === "finished" ? verdict : "unknown";
}

/** One attempt's trouble in a sentence, such as `deno_test: 1 of 3 tests failed`. */
function troubleOf({ name: id, state, reasons }: Attempt): string {
  const [why = "no reason given"] = reasons[0]?.message.split("\n") ?? [];
  return `${id}: ${state === "finished" ? why : state}`;
}

/** The first one's trouble, and how many more there are. */
function troubles(attempts: readonly Attempt[]): string {
  const [first, ...more] = attempts;
  if (first === undefined) return "";
  return troubleOf(first) +
    (more.length > 0 ? ` (and ${plural(more.length, "more", "more")})` : "");
}
