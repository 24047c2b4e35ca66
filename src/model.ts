/**
 * The records assay keeps and prints, by name: defined once in `schema/`, and those that plugins read in
 * `contract/`. Of the definitions the types alone are taken, so nothing is loaded at the start.
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
} from "./schema/run.ts";

/** Whether it found nothing to look at among the files of a change, and nothing else is wrong. */
export function isNotNeeded({ state, verdict, reasons }: Attempt): boolean {
  return state === "finished" && verdict === "unknown" && reasons.length > 0 &&
    reasons.every(({ code }) => code === "not_needed");
}
