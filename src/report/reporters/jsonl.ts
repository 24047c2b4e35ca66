/**
 * What happened in a run, from its journal. What the run proves is reported as the run says now: a line that was written
 * before evidence was changed, or by a command of the run, must not look green.
 *
 * @module
 */

import type { RunEvent } from "../../schema/journal.ts";
import { jsonText } from "../../text/clean.ts";
import type { RunReport } from "./types.ts";

export function* render({ run, journal }: RunReport): Iterable<string> {
  let [judged, at] = [run.started_at, run.started_at];
  for (const event of journal) {
    at = event.at;
    if (event.type !== "closed") judged = at;
    if (event.type === "gates" || event.type === "closed") continue;
    const attempt = event.type === "settled" &&
      run.attempts.find((each) => each.attempt_id === event.attempt.attempt_id);
    if (event.type === "settled" && !attempt) continue;
    yield lineOf(attempt ? { type: "settled", attempt, at } : event);
  }
  const { run_id, state, gates, confidence, threshold, recommendation, duration_ms } = run;
  yield lineOf({ type: "gates", gates, confidence, threshold, recommendation, at: judged });
  yield lineOf({ type: "closed", run_id, state, duration_ms, at });
}

function lineOf(event: RunEvent): string {
  return `${jsonText(event)}\n`;
}
