/** What assay advises from the gates, and the exit code of it. Pure. */

import { ExitCode } from "../errors.ts";
import type { Gate, Recommendation, Run } from "../model.ts";

/** What a recommendation is made from. */
export interface RecommendationInput {
  readonly gates: readonly Gate[];
  /** Not rounded. */
  readonly confidence: number;
  readonly threshold: number;
  readonly state: Run["state"];
  /** Whether at least one required command passed: without any, nothing was shown to work. */
  readonly hasEvidence: boolean;
}

/** Advises. Everything that is not plainly ready is not ready. */
export function recommend(input: RecommendationInput): Recommendation {
  const required = input.gates.filter((gate) => gate.required);
  if (input.state !== "finished") return "blocked";
  // There is something to fix, whatever else could not be told.
  if (required.some(({ status }) => status === "fail")) return "continue_fixing";
  if (required.some(({ status }) => status === "unknown")) return "blocked";
  if (!input.hasEvidence) return "blocked";
  return input.confidence >= input.threshold ? "ready_for_review" : "continue_fixing";
}

/** The exit code of a verb that gives a recommendation. */
export function exitCodeOf(recommendation: Recommendation): ExitCode {
  switch (recommendation) {
    case "ready_for_review":
      return ExitCode.ok;
    case "continue_fixing":
      return ExitCode.failed;
    case "blocked":
      return ExitCode.blocked;
  }
}
