/** What one gate finds, before waivers and weights; and how attempts are read for it. */

import type { Attempt, GateStatus, Kind, ReasonCode, Verdict } from "../model.ts";
import { plural } from "../text/words.ts";
import { roundDown } from "./confidence.ts";

/** A gate's finding. */
export interface Judgement {
  readonly status: Exclude<GateStatus, "waived">;
  /** 0 to 1. */
  readonly score: number;
  readonly reason: string;
  readonly code?: ReasonCode;
  /** What a person may do about it, where no waiver says that nothing need be done. */
  readonly hint?: string;
}

/** Everything is as it must be. */
export function passes(reason: string, score = 1): Judgement {
  return { status: "pass", score, reason };
}

/** It could not be told. */
export function isUnknown(reason: string): Judgement {
  return { status: "unknown", score: 0, reason };
}

/** There is nothing to judge. */
export function doesNotApply(reason: string): Judgement {
  return { status: "not_applicable", score: 0, reason };
}

/** Something is wrong: the share of units that passed counts nine tenths. */
export function fails(share: number, reason: string): Judgement {
  return { status: "fail", score: roundDown(0.9 * share, 1_000_000), reason };
}

/** An attempt's verdict; one that has not come to its end has none. */
export function verdictOf({ state, verdict }: Attempt): Verdict {
  return state === "finished" ? verdict : "unknown";
}

/** One attempt's trouble in a sentence, such as `deno_test: 1 of 3 tests failed`. */
export function troubleOf({ name: id, state, reasons }: Attempt): string {
  const [why = "no reason given"] = reasons[0]?.message.split("\n") ?? [];
  return `${id}: ${state === "finished" ? why : state}`;
}

/** The first one's trouble, and how many more there are. */
export function troubles(attempts: readonly Attempt[]): string {
  const [first, ...more] = attempts;
  if (first === undefined) return "";
  return troubleOf(first) +
    (more.length > 0 ? ` (and ${plural(more.length, "more", "more")})` : "");
}

/** The attempts of a kind that decide its gate, and those that are only told of. */
export function attemptsOf(
  attempts: readonly Attempt[],
  kind: Kind,
): { readonly required: readonly Attempt[]; readonly optional: readonly Attempt[] } {
  const all = attempts.filter((attempt) => attempt.kind === kind);
  return {
    required: all.filter((attempt) => attempt.required),
    optional: all.filter((attempt) => !attempt.required),
  };
}
