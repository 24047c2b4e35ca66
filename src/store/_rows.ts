/** The model's records as rows of the index. Callers hold the transaction. */

import type { Attempt, Event, Run } from "../model.ts";
import type { Db } from "./db.ts";

/** Adds or replaces the row of a run. Its attempts have rows of their own. */
export function putRun(db: Db, run: Run): void {
  const record = { ...run, runners: run.runners.map((attempt) => attempt.attempt_id) };
  db.run(
    `INSERT INTO runs (run_id, seq, state, record) VALUES (?, ?, ?, ?)
     ON CONFLICT (run_id) DO UPDATE SET
       seq = excluded.seq, state = excluded.state, record = excluded.record`,
    run.run_id,
    run.seq,
    run.state,
    JSON.stringify(record),
  );
  raiseMark(db, seqMark, run.seq);
}

/** The name of the mark of `seq` among those of serials; no command can have it. */
export const seqMark = "";

/** Sees to it that numbers of `name` go on after `last`. */
export function raiseMark(db: Db, name: string, last: number): void {
  db.run(
    `INSERT INTO marks (name, last) VALUES (?, ?)
     ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)`,
    name,
    last,
  );
}

/** What of an attempt its record does not hold. */
export interface AttemptRow {
  /** `null`: it never started. */
  readonly serial: number | null;
  readonly run: Pick<Run, "run_id">;
  readonly pid?: number | undefined;
}

/** Adds or replaces the row of an attempt and returns its key. */
export function putAttempt(db: Db, attempt: Attempt, { serial, run, pid }: AttemptRow): number {
  return db.get<{ id: number }>(
    `INSERT INTO attempts (attempt_id, run_id, name, serial, state, pid, record)
     VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (attempt_id) DO UPDATE SET
       state = excluded.state, pid = excluded.pid, record = excluded.record
     RETURNING id`,
    attempt.attempt_id,
    run.run_id,
    attempt.id,
    serial,
    attempt.state,
    pid ?? null,
    JSON.stringify(attempt),
  )!.id;
}

/** Adds or replaces what came of an attempt. */
export function putOutcome(db: Db, key: number, attempt: Attempt): void {
  const { tests } = attempt;
  db.run(
    "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    key,
    attempt.verdict,
    JSON.stringify(attempt.reasons),
    attempt.exit_code,
    attempt.signal,
    Number(attempt.timed_out),
    Number(attempt.cancelled),
    attempt.duration_ms,
    tests.total,
    tests.passed,
    tests.failed,
    tests.errored,
    tests.skipped,
    tests.flaky,
    attempt.diagnostics,
    attempt.suite_errors,
  );
  putOutputs(db, key, attempt);
  putExtensionData(db, key, attempt);
  for (const [name, value] of Object.entries(attempt.metrics)) {
    // JSON knows no NaN and no infinity, and neither does a column that must hold a number.
    if (!Number.isFinite(value)) continue;
    db.run("INSERT OR REPLACE INTO metrics VALUES (?, ?, ?)", key, name, value);
  }
  for (const { name, path, sha256, bytes } of attempt.artifacts) {
    db.run(
      "INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?, ?, ?)",
      key,
      name,
      path,
      sha256,
      bytes,
    );
  }
}

/** In place of what was there: it is what the record says, no more and no less. */
function putExtensionData(db: Db, key: number, { extension_data }: Attempt): void {
  db.run("DELETE FROM extension_data WHERE attempt = ?", key);
  for (const [extension, data] of Object.entries(extension_data)) {
    for (const [name, value] of Object.entries(data)) {
      const text = JSON.stringify(value);
      db.run("INSERT INTO extension_data VALUES (?, ?, ?, ?)", key, extension, name, text);
    }
  }
}

function putOutputs(db: Db, key: number, attempt: Attempt): void {
  const streams = [["stdout", attempt.output_file], ["stderr", attempt.stderr_file]] as const;
  for (const [stream, path] of streams) {
    if (path === null) continue;
    const truncated = Number(attempt.truncated);
    db.run("INSERT OR REPLACE INTO outputs VALUES (?, ?, ?, ?)", key, stream, path, truncated);
  }
}

/** Whether an event stands for a failure. */
export function isProblem({ type, status }: Pick<Event, "type" | "status">): boolean {
  return type !== "test" || status === "failed" || status === "errored";
}

/** Adds a batch of events, ascending by index, and returns them as lines of JSON. */
export function putEvents(db: Db, key: number, events: readonly Event[]): string {
  const first = events[0]?.index;
  if (first === undefined) return "";
  const lines: string[] = [];
  const problems: string[] = [];
  const others: string[] = [];
  for (const event of events) {
    const line = JSON.stringify(event);
    lines.push(line);
    (isProblem(event) ? problems : others).push(line);
  }
  for (const [problem, batch] of [[1, problems], [0, others]] as const) {
    if (batch.length === 0) continue;
    db.run(
      "INSERT INTO event_batches (attempt, first, problem, events) VALUES (?, ?, ?, ?)",
      key,
      first,
      problem,
      `[${batch.join(",")}]`,
    );
  }
  return lines.join("\n") + "\n";
}
