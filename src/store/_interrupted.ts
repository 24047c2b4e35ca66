import type { Attempt, Run } from "../model.ts";

const reason = {
  code: "interrupted",
  message: "the assay process that ran it died before it ended",
} as const;

function interruptedAttempt(attempt: Attempt): Attempt {
  if (attempt.state === "finished" || attempt.state === "interrupted") return attempt;
  return { ...attempt, state: "interrupted", verdict: "unknown", reasons: [reason] };
}

/** What is left of a run whose process died: what had ended stays, the rest is unknown. */
export function interruptedRun(run: Run): Run {
  return {
    ...run,
    state: "interrupted",
    recommendation: "blocked",
    confidence: 0,
    gates: run.gates.map((gate) => ({
      ...gate,
      status: "unknown",
      score: 0,
      reason: reason.message,
    })),
    attempts: run.attempts.map(interruptedAttempt),
    warnings: [...run.warnings, `interrupted: ${reason.message}`],
  };
}
