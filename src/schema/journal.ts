/**
 * The events of a run, in order: the lines of the run's `journal.jsonl`, and of
 * `--reporter jsonl`. Every line is on disk before anything else happens, so what a run that died had done is what its
 * journal says (see `store/recover.ts`).
 *
 * @module
 */

import * as v from "valibot";
import {
  about,
  count,
  flag,
  milliseconds,
  number,
  type Of,
  statedKind,
  text,
  time,
} from "./parts.ts";
import { attempt, run } from "./run.ts";

const at = about(time, "when it happened: ISO 8601, UTC");
const attemptId = about(text, "the attempt's");

const planned = v.strictObject({
  type: v.literal("planned"),
  at,
  run_id: run.entries.run_id,
  seq: run.entries.seq,
  verb: run.entries.verb,
  commands: about(
    v.array(v.strictObject({ name: text, kind: statedKind, required: flag })),
    "what the run will do, in its order",
  ),
});

const started = v.strictObject({ type: v.literal("started"), at, attempt });

const output = v.strictObject({
  type: v.literal("output"),
  at,
  attempt_id: attemptId,
  stream: v.picklist(["stdout", "stderr"]),
  from: about(count, "offset of its first byte in the stream"),
  bytes: about(count, "how many came; they lie in the attempt's file of that stream"),
});

const finished = v.strictObject({
  type: v.literal("finished"),
  at,
  attempt_id: attemptId,
  exit_code: v.nullable(number),
  signal: v.nullable(text),
  timed_out: flag,
  cancelled: flag,
  duration_ms: milliseconds,
});

const settled = v.strictObject({ type: v.literal("settled"), at, attempt });

const gates = v.strictObject({
  type: v.literal("gates"),
  at,
  gates: run.entries.gates,
  confidence: run.entries.confidence,
  threshold: run.entries.threshold,
  recommendation: run.entries.recommendation,
});

/** The last line, once all evidence is stored: a run without it did not end. */
const closed = v.strictObject({
  type: v.literal("closed"),
  at,
  run_id: run.entries.run_id,
  state: run.entries.state,
  duration_ms: milliseconds,
});

/** One line of the journal. `events` in a report are test results and diagnostics, which are different. */
export type RunEvent = Of<typeof runEvent>;
export const runEvent = v.variant("type", [
  planned,
  started,
  output,
  finished,
  settled,
  gates,
  closed,
]);

/** The event in a line of a journal; `undefined`: there is none. */
export function eventIn(line: string): RunEvent | undefined {
  try {
    const value = JSON.parse(line);
    return v.is(runEvent, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
