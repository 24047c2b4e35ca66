/**
 * The records assay keeps and prints, by name: defined once in `schema/`, and those that plugins read in
 * `contract/`. Only types are imported from the definitions, so nothing is loaded at the start.
 *
 * @module
 */

import type { Attempt } from "./schema/run.ts";

export {
  type Display,
  type Event,
  type Frame,
  type Kind,
  kinds,
  type Place,
  type Reason,
  type ReasonCode,
  type Severity,
  type TestStatus,
  type Verdict,
} from "./contract/event.ts";
export type {
  Annotation,
  AppliedExtension,
  Artifact,
  Attempt,
  Change,
  Coverage,
  Denial,
  Diagnosis,
  DiagnosisSeverity,
  EvidenceGrade,
  Gate,
  GateStatus,
  Grade,
  Recommendation,
  Run,
  SandboxFact,
  SpecChanges,
  TestCounts,
  Unneeded,
  Untested,
} from "./schema/run.ts";

/** The rules for judging gates: `[gates]` of the configuration. */
export interface GateRules {
  /** Confidence that is needed, 0 to 100. */
  readonly threshold: number;
  /** By gate id; the default where there is none. */
  readonly weights: Readonly<Record<string, number>>;
  /** A waiver without a reason waives nothing, nor does one whose last day is over. */
  readonly waivers: readonly GateWaiver[];
  /** Gates that do not count for the decision. */
  readonly optional: readonly string[];
  /** Path of the Markdown checklist, relative to the root. */
  readonly acceptance?: string;
  readonly fresh: boolean;
  readonly sandbox: boolean;
}

/** A gate that the user waived. */
export interface GateWaiver {
  readonly gate: string;
  readonly reason: string;
  readonly owner?: string;
  /** The last day it holds, as `2026-12-31`. */
  readonly until?: string;
}

/** Whether it found nothing to look at among the files of a change, and nothing else is wrong. */
export function isNotNeeded({ state, verdict, reasons }: Attempt): boolean {
  return state === "finished" && verdict === "unknown" && reasons.length > 0 &&
    reasons.every(({ code }) => code === "not_needed");
}
