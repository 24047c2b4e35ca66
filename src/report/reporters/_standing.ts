/** What stands in a run's way. A report of a run that is not ready must not look green, and of one that is not red. */

import { type Attempt, type Gate, isNotNeeded, type Run } from "../../model.ts";

/** Whether the run says that all is well. Nothing else is green. */
export function isGreen({ state, recommendation }: Run): boolean {
  return state === "finished" && recommendation === "ready_for_review";
}

/** Whether an attempt found nothing for it to do in a run that is about a part: that is no problem. */
export function isSpared(attempt: Attempt, { verb }: Run): boolean {
  return verb !== "verify" && isNotNeeded(attempt);
}

/**
 * Whether what is wrong with an attempt stands in the way of its run: not where the run is ready all the same,
 * the command is not required, or its gate is waived or optional.
 */
export function decides(attempt: Attempt, run: Run): boolean {
  const { kind, required } = attempt;
  if (isSpared(attempt, run)) return false;
  const gate = run.gates.find(({ id }) => id === kind);
  return !isGreen(run) && required && gate?.status !== "waived" && gate?.required !== false;
}

/** The gates that keep a run from being ready and of which no attempt tells. */
export function untoldGates(run: Run): readonly Gate[] {
  if (isGreen(run)) return [];
  const blamed = run.attempts.filter((attempt) =>
    attempt.verdict !== "pass" && decides(attempt, run)
  );
  return run.gates.filter(({ id, status, required }) => {
    const closed = required && (status === "unknown" || status === "fail");
    return closed && !blamed.some(({ kind }) => kind === id);
  });
}
