/** The model's records as rows of the index. Callers hold the transaction. */

import type { Io } from "../io.ts";
import type { Attempt, Run } from "../model.ts";
import type { Layout } from "./_layout.ts";
import type { Db } from "./db.ts";
import { UserError } from "../errors.ts";
import { hashOf } from "./fingerprint.ts";
import { guarded } from "../failure.ts";
import { batchesIn, type EventBatch, packedEnding } from "./events_file.ts";
import { isNumber } from "./run_file.ts";

/** An open index, and the folders it covers. */
export interface StoreIndex {
  readonly io: Io;
  readonly db: Db;
  readonly layout: Layout;
}

/** Adds or replaces the row of a run. Its attempts have rows of their own. */
export function putRun(db: Db, run: Run): void {
  const ids = run.attempts.map((attempt) => attempt.attempt_id);
  const row = {
    run_id: run.run_id,
    seq: run.seq,
    state: run.state,
    record: JSON.stringify({ ...run, attempts: ids }),
  };
  db.run(
    `INSERT INTO runs (run_id, seq, state, record, hash) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (run_id) DO UPDATE SET
       seq = excluded.seq, state = excluded.state, record = excluded.record, hash = excluded.hash`,
    ...Object.values(row),
    runHash(row),
  );
  raiseMark(db, seqMark, run.seq);
}

/** A run as a row. */
export interface RunRow {
  readonly run_id: string;
  readonly seq: number;
  readonly state: Run["state"];
  readonly record: string;
}

export const runColumns = "run_id, seq, state, record, hash";

function runHash({ run_id, seq, state, record }: RunRow): string {
  return hashOf([run_id, `${seq}`, state, record]);
}

/** @throws {UserError} `store_damaged` when it is not as it was written */
export function checkedRun(row: RunRow & { readonly hash: string }): RunRow {
  if (runHash(row) !== row.hash) throw damaged(`run ${row.run_id}`);
  return row;
}

interface AttemptRow {
  readonly attempt_id: string;
  readonly run_id: string;
  readonly record: string;
}

function attemptHash({ attempt_id, run_id, record }: AttemptRow): string {
  return hashOf([attempt_id, run_id, record]);
}

/** @throws {UserError} as {@linkcode checkedRun} does */
export function checkedAttempt(row: AttemptRow & { readonly hash: string }): Attempt {
  if (attemptHash(row) !== row.hash) throw damaged(`attempt ${row.attempt_id}`);
  return JSON.parse(row.record);
}

function damaged(what: string): UserError {
  return new UserError(`The index is damaged: ${what} is not as it was written`, {
    code: "store_damaged",
    hint: "run assay store rebuild",
  });
}

/** The name under which the mark of `seq` is kept among those of serials; no command can have it. */
export const seqMark = "";

/** Makes numbers of `name` continue after `last`. */
export function raiseMark(db: Db, name: string, last: number): void {
  db.run(
    `INSERT INTO marks (name, last) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)`,
    name,
    last,
  );
}

/**
 * Adds or replaces the row of an attempt and returns its key.
 *
 * @param more what its record does not hold
 */
export function putAttempt(
  db: Db,
  runId: string,
  attempt: Attempt,
  more: { readonly serial?: number | null; readonly pid?: number | undefined } = {},
): number {
  const { attempt_id } = attempt;
  const record = JSON.stringify(attempt);
  return db.get<{ id: number }>(
    `INSERT INTO attempts (attempt_id, run_id, name, serial, state, pid, record, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (attempt_id) DO UPDATE SET
       state = excluded.state, pid = excluded.pid, record = excluded.record, hash = excluded.hash
     RETURNING id`,
    attempt_id,
    runId,
    attempt.name,
    more.serial === undefined ? serialOf(attempt) : more.serial,
    attempt.state,
    more.pid ?? null,
    record,
    attemptHash({ attempt_id, run_id: runId, record }),
  )!.id;
}

/** Adds a batch of events of the attempt with this key. */
export function putBatch(db: Db, key: number, batch: EventBatch): void {
  db.run(
    "INSERT INTO event_batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    key,
    batch.first,
    batch.count,
    batch.start,
    batch.bytes,
    batch.packed,
    batch.problems,
    batch.statuses,
    batch.durations,
    batch.identities,
  );
}

/** Batches that are added in one transaction. */
export const batchesAtOnce = 64;

/** The serial in an attempt's reference; `null` for one that never started. */
function serialOf({ ref, name: id }: Attempt): number | null {
  const serial = ref.startsWith(`${id}:`) ? Number(ref.slice(id.length + 1)) : NaN;
  return isNumber(serial) ? serial : null;
}

/** Puts a run and its attempts as they are now; what else the index holds about them stays. */
export function putWhole(db: Db, run: Run): { keys: Map<string, number>; warnings: string[] } {
  const keys = new Map<string, number>();
  const warnings: string[] = [];
  putRun(db, run);
  for (const attempt of run.attempts) {
    const serial = serialOf(attempt);
    const free = serial === null || isFree(db, attempt, serial);
    if (!free) warnings.push(`${run.run_id}: another attempt is ${attempt.ref} already`);
    const key = putAttempt(db, run.run_id, attempt, { serial: free ? serial : null });
    if (serial !== null) raiseMark(db, attempt.name, serial);
    keys.set(attempt.attempt_id, key);
  }
  return { keys, warnings };
}

function isFree(db: Db, { name: id, attempt_id }: Attempt, serial: number): boolean {
  const sql = "SELECT 1 FROM attempts WHERE name = ? AND serial = ? AND attempt_id <> ?";
  return db.get(sql, id, serial, attempt_id) === undefined;
}

/**
 * Puts into the index what the run's folder holds, replacing what it had of the run. Transactions are
 * short: others write meanwhile. Returns the problems found.
 */
export async function indexRun({ io, db, layout }: StoreIndex, run: Run): Promise<string[]> {
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
  const isPacked = (await io.fs.stat(path + packedEnding))?.isFile;
  if (!isPacked && !(await io.fs.stat(path))?.isFile) return true;
  const batches = isPacked
    ? batchesIn({ fs: io.fs, gzip: await io.gzip() }, path + packedEnding)
    : batchesIn({ fs: io.fs }, path);
  for (;;) {
    const whole = db.transaction(() => {
      for (let left = batchesAtOnce; left > 0; left--) {
        const { done, value } = batches.next();
        if (done) return value;
        putBatch(db, key, value);
      }
      return undefined;
    });
    if (whole !== undefined) return whole;
  }
}
