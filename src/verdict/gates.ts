/**
 * Gates, confidence and recommendation of a run: docs/verdicts.md, "Gates". Pure: the same evidence
 * gives the same answer.
 *
 * @module
 */

import { ExitCode } from "../errors.ts";
import {
  type Attempt,
  type Gate,
  type GateRules,
  type GateWaiver,
  isNotNeeded,
  type Kind,
  kinds,
  type Recommendation,
} from "../model.ts";
import { listed, plural } from "../text/words.ts";
import type { Acceptance } from "./acceptance.ts";
import { arithmetic, defaultWeights, exactConfidence, roundDown } from "./confidence.ts";
import {
  doesNotApply,
  fails,
  isUnknown,
  judgeKind,
  type Judgement,
  passes,
  verdictOf,
} from "./_kind_gate.ts";
import type { GateInput } from "./types.ts";

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
  const { settings } = input;
  const gates = judgeAll(input).map(([id, judgement]) => toGate(id, judgement, input));
  const decide = input.attempts.filter(({ required }) => required);
  const ranNothing = decide.length === 0;
  const nothingNeeded = ranNothing && input.scope === "change" &&
    input.unneeded?.some(({ required }) => required) === true;
  const nothingToRun = ranNothing && isWaivedForNoRunner(gates);
  const mayBeReady = nothingNeeded || nothingToRun;
  const applies = gates.some(({ status }) => status !== "not_applicable");
  const hasEvidence = mayBeReady || decide.some((attempt) => verdictOf(attempt) === "pass");
  const provedNothing = !hasEvidence && decide.every((attempt) => isWaivedKind(gates, attempt));
  const exact = provedNothing ? 0 : !applies ? 100 : exactConfidence(gates);
  const recommendation = recommend(gates, input, exact, hasEvidence);
  return {
    gates,
    confidence: roundDown(exact),
    recommendation,
    arithmetic: provedNothing
      ? [
        `confidence = 0.0: no required command ${
          ranNothing ? "was run" : "passed"
        }, so nothing was shown to work`,
      ]
      : applies
      ? arithmetic(gates, settings.threshold)
      : ["confidence = 100.0: nothing that changed needs a required command"],
  };
}

/** Whether the gate of a command is waived: then its failure does not show in anything else. */
function isWaivedKind(gates: readonly Gate[], { kind }: Attempt): boolean {
  return gates.some(({ id, status }) => id === kind && status === "waived");
}

/** The answer for a command that judges no gate: its verdict alone. */
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

/** Whether nothing tests the project, and a person said why that is fine. */
export function isWaivedForNoRunner(gates: readonly Gate[]): boolean {
  return gates.some(({ status, code }) => status === "waived" && code === "no_runner");
}

/** In a run about a part, attempts that found nothing to do count as not started. */
function withoutNotNeeded(input: GateInput): GateInput {
  const { attempts, scope = "whole", unneeded = [], present } = input;
  const notNeeded = scope === "whole" ? [] : attempts.filter(isNotNeeded);
  if (notNeeded.length === 0) return input;
  const left = attempts.filter((attempt) => !notNeeded.includes(attempt));
  const isLeft = (kind: Kind) => left.some((attempt) => attempt.kind === kind);
  return {
    ...input,
    attempts: left,
    unneeded: [
      ...unneeded,
      ...notNeeded.map(({ name, kind, required, reasons }) => ({
        name,
        kind,
        required,
        reason: reasons[0]!.message,
      })),
    ],
    present: present.filter((kind) =>
      isLeft(kind) || !notNeeded.some((each) => each.kind === kind)
    ),
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

/** A waiver applies to a gate that failed or is unknown; one that passes needs none. */
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
    const why = `${waiverText(waiver)} (otherwise ${status}: ${reason})`;
    return { ...about, status: "waived", score: 1, reason: why };
  }
  const advice = closed && own[0] ? expiredText(own[0]) : hint;
  const full = [reason, advice].filter((part) => part !== undefined).join("; ");
  return { ...about, status, score, reason: full };
}

/** The reason, with who is responsible and until when. */
function waiverText({ reason, owner, until }: GateWaiver): string {
  const facts = [owner, until === undefined ? undefined : `until ${until}`]
    .filter((fact) => fact !== undefined);
  return facts.length === 0 ? reason : `${reason} (${facts.join(", ")})`;
}

function expiredText({ gate, reason, until }: GateWaiver): string {
  return `its waiver ended on ${until} (${reason}): make the gate pass, or, if the reason still holds, set ` +
    `a later "until" for [gates.waive] ${gate} in .assay/config.toml`;
}

function weightOf(id: string, { weights }: GateRules): number {
  const weight = Object.hasOwn(weights, id) ? weights[id] : undefined;
  return weight !== undefined && Number.isFinite(weight) && weight >= 0
    ? weight
    : defaultWeights[id] ?? 0;
}

// What assay recommends from the gates, and the exit code for it. Pure.

/** The recommendation. Without evidence nothing was shown to work, so the run is not ready. */
function recommend(
  gates: readonly Gate[],
  { settings: { threshold }, state = "finished" }: GateInput,
  confidence: number,
  hasEvidence: boolean,
): Recommendation {
  if (state !== "finished") return "blocked";
  const statuses = gates.filter(({ required }) => required).map(({ status }) => status);
  // There is something to fix, whatever else is unknown.
  if (statuses.includes("fail")) return "continue_fixing";
  if (statuses.includes("unknown") || !hasEvidence) return "blocked";
  return confidence >= threshold ? "ready_for_review" : "continue_fixing";
}

const exitCodes: Readonly<Record<Recommendation, ExitCode>> = {
  ready_for_review: ExitCode.ok,
  continue_fixing: ExitCode.failed,
  blocked: ExitCode.blocked,
};

/** The exit code of a verb that gives a recommendation. */
export function exitCodeOf(recommendation: Recommendation): ExitCode {
  return exitCodes[recommendation];
}

// The gates that do not belong to a kind: acceptance, sandbox, fresh.

/** Every item of the checklist is checked. Units are items. */
function judgeAcceptance(file: string, acceptance: Acceptance | undefined): Judgement {
  if (acceptance === undefined) return isUnknown(`${file} was not read`);
  if ("error" in acceptance) return isUnknown(`${file}: ${acceptance.error}`);
  const { items } = acceptance;
  const open = items.filter(({ checked }) => !checked);
  if (items.length === 0) return isUnknown(`${file} has no checklist items`);
  if (open.length === 0) {
    return passes(`all items of ${file} are checked (${items.length})`);
  }
  const shown = listed([
    ...open.slice(0, 3).map(({ text }) => text === "" ? "(no text)" : text),
    ...(open.length > 3 ? [`${open.length - 3} more`] : []),
  ]);
  const share = (items.length - open.length) / items.length;
  return fails(share, `${open.length} of ${plural(items.length, "item")} not checked: ${shown}`);
}

/** Every declared dimension was enforced. Units are the commands that declare any. */
function judgeSandbox(attempts: readonly Attempt[]): Judgement {
  const declaring = attempts.filter(({ sandbox }) => sandbox.length > 0);
  if (declaring.length === 0) return doesNotApply("no command declares a sandbox");
  const bad = declaring.filter(({ sandbox }) =>
    sandbox.some((fact) => fact.enforced_by === undefined)
  );
  if (bad.length === 0) return passes(`enforced for ${plural(declaring.length, "command")}`);
  const first = bad[0]!;
  const dimensions = first.sandbox.filter((fact) => fact.enforced_by === undefined)
    .map(({ dimension }) => dimension);
  const more = bad.length > 1 ? ` (and ${plural(bad.length - 1, "more command")})` : "";
  return fails(
    (declaring.length - bad.length) / declaring.length,
    `${first.name}: not enforced: ${listed(dimensions)}${more}`,
  );
}

/** The working tree is the one the evidence is from. */
function judgeFresh(
  trees: GateInput["fresh"],
): Judgement {
  if (trees?.changed?.length) {
    const shown = trees.changed.slice(0, 3).join(", ") + (trees.changed.length > 3 ? ", …" : "");
    const files = plural(trees.changed.length, "file");
    return fails(0, `${files} changed while the commands ran: ${shown}`);
  }
  if (trees?.failed !== undefined) return fails(0, trees.failed);
  if (!trees?.now || !trees.then) return isUnknown("the working tree could not be hashed");
  const changed = [
    ...trees.now === trees.then ? [] : ["the working tree"],
    ...trees.others ?? [],
  ];
  if (changed.length === 0) return passes("the working tree is unchanged");
  return fails(0, `changed since: ${listed(changed)}`);
}
