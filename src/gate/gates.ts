/**
 * Gates, confidence and recommendation of a run: the README's chapter "Gates". Pure: the same evidence
 * gives the same answer.
 *
 * @module
 */

import {
  type Attempt,
  type Gate,
  type Kind,
  kinds,
  type Recommendation,
  type Run,
  type Unneeded,
} from "../model.ts";
import type { Acceptance } from "./acceptance.ts";
import { arithmetic, defaultWeights, exactConfidence, roundDown } from "./confidence.ts";
import { type Judgement, verdictOf } from "./_judgement.ts";
import { judgeKind } from "./_kind_gate.ts";
import { judgeAcceptance, judgeFresh, judgeSandbox } from "./_other_gates.ts";
import { recommend } from "./recommendation.ts";

/** The part of `[gates]` that gates are judged by. */
export interface GateRules {
  /** 0 to 100. */
  readonly threshold: number;
  /** By gate id; the default where there is none. */
  readonly weights: Readonly<Record<string, number>>;
  /** A waiver without a reason waives nothing. */
  readonly waivers: readonly { readonly gate: string; readonly reason: string }[];
  /** Gates that do not decide. */
  readonly optional: readonly string[];
  /** Path of the checklist, when there is that gate. */
  readonly acceptance?: string;
  readonly fresh: boolean;
  readonly sandbox: boolean;
}

/** What gates are judged from. */
export interface GateInput {
  /** Of the run, when it did not finish: then it is never ready. Default: it finished. */
  readonly state?: Run["state"];
  readonly attempts: readonly Attempt[];
  readonly settings: GateRules;
  /** Commands that apply and were not needed. Default: none. */
  readonly unneeded?: readonly Unneeded[];
  /** Whether it is about a change alone, for which nothing may be needed at all. Default: no. */
  readonly isPartial?: boolean;
  /** Kinds the user left out: their gates are unknown. */
  readonly skipped: readonly Kind[];
  /** Kinds of which there is a command, run or not. */
  readonly present: readonly Kind[];
  readonly acceptance?: Acceptance;
  /** Git tree hashes: of the working tree, and of the run. */
  readonly fresh?: {
    readonly now: string | null;
    readonly then: string | null;
    /** Files that changed while the commands ran, relative to the root. */
    readonly changed?: readonly string[];
  };
}

/** The answer. */
export interface GateResult {
  readonly gates: readonly Gate[];
  /** 0 to 100, one decimal, rounded down. */
  readonly confidence: number;
  readonly recommendation: Recommendation;
  /** Lines for people. */
  readonly arithmetic: readonly string[];
}

/** Judges a run. */
export function evaluateGates(input: GateInput): GateResult {
  const { settings, state = "finished" } = input;
  const gates = judgeAll(input).map(([id, judgement]) => toGate(id, judgement, settings));
  const decide = input.attempts.filter(({ required }) => required);
  const nothingNeeded = decide.length === 0 && input.isPartial === true &&
    input.unneeded?.some(({ required }) => required) === true;
  const exact = nothingNeeded ? 100 : decide.length === 0 ? 0 : exactConfidence(gates);
  const recommendation = recommend({
    gates,
    confidence: exact,
    threshold: settings.threshold,
    state,
    hasEvidence: nothingNeeded || decide.some((attempt) => verdictOf(attempt) === "pass"),
  });
  return {
    gates,
    confidence: roundDown(exact),
    recommendation,
    arithmetic: nothingNeeded
      ? ["confidence = 100.0: nothing that changed needs a required command"]
      : decide.length === 0
      ? ["confidence = 0.0: no required command was run, so nothing was shown to work"]
      : arithmetic(gates, settings.threshold),
  };
}

function judgeAll(input: GateInput): readonly (readonly [string, Judgement])[] {
  const { settings, attempts } = input;
  const judged: [string, Judgement][] = [
    ...kinds.map((kind): [string, Judgement] => [kind, judgeKind(kind, input)]),
  ];
  if (settings.acceptance !== undefined) {
    judged.push(["acceptance", judgeAcceptance(settings.acceptance, input.acceptance)]);
  }
  if (settings.sandbox) judged.push(["sandbox", judgeSandbox(attempts)]);
  if (settings.fresh) judged.push(["fresh", judgeFresh(input.fresh)]);
  return judged;
}

function waiverOf(id: string, { waivers }: GateRules): string | undefined {
  return waivers.find(({ gate, reason }) => gate === id && reason.trim() !== "")?.reason;
}

/** A waiver stands for a gate that failed or could not be told; one that passes needs none. */
function toGate(id: string, judgement: Judgement, settings: GateRules): Gate {
  const weight = weightOf(id, settings);
  const required = !settings.optional.includes(id);
  const waiver = waiverOf(id, settings);
  const { status, reason } = judgement;
  if (waiver !== undefined && (status === "fail" || status === "unknown")) {
    const why = `${waiver} (it would be ${status}: ${reason})`;
    return { id, status: "waived", score: 1, weight, required, reason: why };
  }
  return { id, status, score: judgement.score, weight, required, reason };
}

function weightOf(id: string, { weights }: GateRules): number {
  const weight = Object.hasOwn(weights, id) ? weights[id] : undefined;
  return weight !== undefined && Number.isFinite(weight) && weight >= 0
    ? weight
    : defaultWeights[id] ?? 0;
}
