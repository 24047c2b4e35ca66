/**
 * Gates, confidence and recommendation of a run: the README's chapter "Gates". Pure: the same evidence
 * gives the same answer.
 *
 * @module
 */

import { type Gate, isNotNeeded, type Kind, kinds, type Recommendation } from "../model.ts";
import { arithmetic, defaultWeights, exactConfidence, roundDown } from "./confidence.ts";
import { type Judgement, verdictOf } from "./_judgement.ts";
import { judgeKind } from "./_kind_gate.ts";
import { judgeAcceptance, judgeFresh, judgeSandbox } from "./_other_gates.ts";
import { recommend } from "./recommendation.ts";
import type { GateInput, GateRules, GateWaiver } from "./types.ts";

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
export function evaluateGates(given: GateInput): GateResult {
  const input = withoutNotNeeded(given);
  const { settings, state = "finished" } = input;
  const gates = judgeAll(input).map(([id, judgement]) => toGate(id, judgement, input));
  const decide = input.attempts.filter(({ required }) => required);
  const ranNothing = decide.length === 0;
  const nothingNeeded = ranNothing && input.scope === "change" &&
    input.unneeded?.some(({ required }) => required) === true;
  const nothingToRun = ranNothing && isWaivedForNoRunner(gates);
  const mayBeReady = nothingNeeded || nothingToRun;
  const applies = gates.some(({ status }) => status !== "not_applicable");
  const exact = ranNothing && !mayBeReady ? 0 : !applies ? 100 : exactConfidence(gates);
  const recommendation = recommend({
    gates,
    confidence: exact,
    threshold: settings.threshold,
    state,
    hasEvidence: mayBeReady || decide.some((attempt) => verdictOf(attempt) === "pass"),
  });
  return {
    gates,
    confidence: roundDown(exact),
    recommendation,
    arithmetic: ranNothing && !mayBeReady
      ? ["confidence = 0.0: no required command was run, so nothing was shown to work"]
      : applies
      ? arithmetic(gates, settings.threshold)
      : ["confidence = 100.0: nothing that changed needs a required command"],
  };
}

/** What a command did that judges no gate: its verdict alone. */
export function evaluateUngated(
  { state = "finished", attempts }: Pick<GateInput, "state" | "attempts">,
): Omit<GateResult, "arithmetic"> {
  const verdicts = attempts.map(verdictOf);
  const recommendation = state !== "finished"
    ? "blocked"
    : verdicts.includes("fail")
    ? "continue_fixing"
    : verdicts.length > 0 && verdicts.every((verdict) => verdict === "pass")
    ? "ready_for_review"
    : "blocked";
  return { gates: [], confidence: recommendation === "ready_for_review" ? 100 : 0, recommendation };
}

/** Whether nothing tests the project, and a person said why that is right. */
export function isWaivedForNoRunner(gates: readonly Gate[]): boolean {
  return gates.some(({ status, code }) => status === "waived" && code === "no_runner");
}

/** Of a run that is about a part: attempts that found nothing for them to do count as not started. */
function withoutNotNeeded(input: GateInput): GateInput {
  const { attempts, scope = "whole", unneeded = [], present } = input;
  const spared = scope === "whole" ? [] : attempts.filter(isNotNeeded);
  if (spared.length === 0) return input;
  const left = attempts.filter((attempt) => !spared.includes(attempt));
  const isLeft = (kind: Kind) => left.some((attempt) => attempt.kind === kind);
  return {
    ...input,
    attempts: left,
    unneeded: [
      ...unneeded,
      ...spared.map(({ id, kind, required, reasons }) => ({
        id,
        kind,
        required,
        reason: reasons[0]!.message,
      })),
    ],
    present: present.filter((kind) => isLeft(kind) || !spared.some((each) => each.kind === kind)),
  };
}

function judgeAll(input: GateInput): readonly (readonly [string, Judgement])[] {
  const { settings, attempts } = input;
  const judged: [string, Judgement][] = kinds.map((kind) => [kind, judgeKind(kind, input)]);
  if (settings.acceptance !== undefined) {
    judged.push(["acceptance", judgeAcceptance(settings.acceptance, input.acceptance)]);
  }
  if (settings.sandbox) judged.push(["sandbox", judgeSandbox(attempts)]);
  if (settings.fresh) judged.push(["fresh", judgeFresh(input.fresh)]);
  return judged;
}

/** A waiver stands for a gate that failed or could not be told; one that passes needs none. */
function toGate(id: string, judgement: Judgement, { settings, today }: GateInput): Gate {
  const weight = weightOf(id, settings);
  const required = !settings.optional.includes(id);
  const { status, score, reason, code, hint } = judgement;
  const about = { id, weight, required, ...(code === undefined ? {} : { code }) };
  const closed = status === "fail" || status === "unknown";
  const own = settings.waivers.filter((each) => each.gate === id && each.reason.trim() !== "");
  const waiver = closed
    ? own.find(({ until }) => until === undefined || until >= today)
    : undefined;
  if (waiver !== undefined) {
    const why = `${waiverText(waiver)} (it would be ${status}: ${reason})`;
    return { ...about, status: "waived", score: 1, reason: why };
  }
  const advice = closed && own[0] ? expiredText(own[0]) : hint;
  const full = [reason, advice].filter((part) => part !== undefined).join("; ");
  return { ...about, status, score, reason: full };
}

/** The reason, with who answers for it and how long. */
function waiverText({ reason, owner, until }: GateWaiver): string {
  const facts = [owner, until === undefined ? undefined : `until ${until}`]
    .filter((fact) => fact !== undefined);
  return facts.length === 0 ? reason : `${reason} (${facts.join(", ")})`;
}

function expiredText({ gate, reason, until }: GateWaiver): string {
  return `its waiver ended on ${until} (${reason}): make the gate pass, or, if the reason still holds, give ` +
    `[gates.waive] ${gate} in .assay/config.toml a later "until"`;
}

function weightOf(id: string, { weights }: GateRules): number {
  const weight = Object.hasOwn(weights, id) ? weights[id] : undefined;
  return weight !== undefined && Number.isFinite(weight) && weight >= 0
    ? weight
    : defaultWeights[id] ?? 0;
}
