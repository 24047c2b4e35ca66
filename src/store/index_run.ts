import type { Io } from "../io.ts";
import type { Attempt, Event, Run } from "../model.ts";
import type { Layout } from "./_layout.ts";
import { putAttempt, putEvents, putOutcome, putRun, raiseMark } from "./_rows.ts";
import type { Db } from "./db.ts";
import { guarded } from "./failure.ts";
import { isNumber } from "./run_file.ts";

const batchSize = 1000;

/** The serial in an attempt's reference; `null` for one that never started. */
function serialOf({ ref, id }: Attempt): number | null {
  const serial = ref.startsWith(`${id}:`) ? Number(ref.slice(id.length + 1)) : NaN;
  return isNumber(serial) ? serial : null;
}

/** Puts a run and its attempts as they are now; what else the index has of them stays. */
export function putWhole(db: Db, run: Run): { keys: Map<string, number>; warnings: string[] } {
  const keys = new Map<string, number>();
  const warnings: string[] = [];
  putRun(db, run);
  for (const attempt of run.runners) {
    const serial = serialOf(attempt);
    const free = serial === null || isFree(db, attempt, serial);
    if (!free) warnings.push(`${run.run_id}: another attempt is ${attempt.ref} already`);
    const key = putAttempt(db, attempt, { serial: free ? serial : null, run });
    if (serial !== null) raiseMark(db, attempt.id, serial);
    if (attempt.state !== "running") putOutcome(db, key, attempt);
    keys.set(attempt.attempt_id, key);
  }
  return { keys, warnings };
}

function isFree(db: Db, { id, attempt_id }: Attempt, serial: number): boolean {
  const sql = "SELECT 1 FROM attempts WHERE name = ? AND serial = ? AND attempt_id <> ?";
  return db.get(sql, id, serial, attempt_id) === undefined;
}

/**
 * Puts into the index what the run's folder holds, in place of what it had of the run. Transactions are
 * short: others write meanwhile. Returns what was amiss.
 */
export async function indexRun(io: Io, db: Db, layout: Layout, run: Run): Promise<string[]> {
  const { keys, warnings } = db.transaction(() => {
    db.run("DELETE FROM runs WHERE run_id = ?", run.run_id);
    return putWhole(db, run);
  });
  for (const [attemptId, key] of keys) {
    const path = layout.eventsFile(run.run_id, attemptId);
    const whole = await guarded(`read ${path}`, () => indexEvents(io, db, key, path));
    // The last line of a process that was killed may be cut: that run is interrupted and says so.
    if (!whole && run.state === "finished") warnings.push(`${path}: it ends in a line that is cut`);
  }
  return warnings;
}

/** Puts the events of one attempt; `false` when a line could not be read. */
async function indexEvents(io: Io, db: Db, key: number, path: string): Promise<boolean> {
  if (!(await io.fs.stat(path))?.isFile) return true;
  const { parseEvent } = await import("./_record_shape.ts");
  const flush = (events: Event[]) => db.transaction(() => putEvents(db, key, events));
  let batch: Event[] = [];
  for await (const line of lines(await io.fs.openRead(path))) {
    const event = parseEvent(line);
    if (!event) {
      flush(batch);
      return false;
    }
    batch.push(event);
    if (batch.length >= batchSize) {
      flush(batch);
      batch = [];
    }
  }
  flush(batch);
  return true;
}

async function* lines(stream: ReadableStream<Uint8Array>): AsyncIterable<string> {
  let rest = "";
  const text = stream.pipeThrough(
    new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>,
  );
  for await (const chunk of text) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
  if (rest !== "") yield rest;
}
