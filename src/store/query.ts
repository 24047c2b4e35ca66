import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Attempt, Event, Run } from "../model.ts";
import { interruptedRun } from "./run_file.ts";
import { layoutOf } from "./_layout.ts";
import type { Db } from "./db.ts";
import { checkedAttempt, checkedRun, runColumns, type RunRow, type StoreIndex } from "./_rows.ts";
import {
  type EventBatch,
  type EventsReader,
  isProblem,
  readBatch,
  readProblems,
} from "./events_file.ts";
import { formatReference } from "./reference.ts";
import type { EventPages, EventQuery, Reference } from "./types.ts";
import { join } from "@std/path";

type HashedRow = RunRow & { readonly hash: string };

/** The record of a run's row, without the attempts, which have their own. */
type RunRecord = Omit<Run, "attempts"> & { readonly attempts: readonly string[] };

/** Reads the index. `isAlive` says whether a run that has not ended has a living process. */
export class Query {
  readonly #index: StoreIndex;
  readonly #db: Db;
  readonly #isAlive: (runId: string) => boolean;

  constructor(index: StoreIndex, isAlive: (runId: string) => boolean) {
    this.#index = index;
    this.#db = index.db;
    this.#isAlive = isAlive;
  }

  runs(limit: number): readonly Run[] {
    const rows = this.#db.all<HashedRow>(
      `SELECT ${runColumns} FROM runs ORDER BY seq DESC, run_id DESC LIMIT ?`,
      limit,
    );
    return rows.map((row) => this.#run(row));
  }

  run(id: string): Run | undefined {
    const prefix = id.toUpperCase();
    const exact = this.#row(id) ?? this.#row(prefix);
    if (exact) return this.#run(exact);
    if (prefix.length < 6) {
      throw new UserError(`"${id}" is too short for a run id`, {
        code: "run_ambiguous",
        hint: "Use at least the first 6 characters of the id: assay history lists them",
      });
    }
    const found = this.#db.all<HashedRow>(
      `SELECT ${runColumns} FROM runs WHERE run_id >= ? AND run_id < ? ORDER BY run_id LIMIT 11`,
      prefix,
      // Above every character of an id.
      `${prefix}~`,
    );
    if (found.length > 1) throw ambiguous(id, found.map((row) => row.run_id));
    return found[0] && this.#run(found[0]);
  }

  attempt(reference: Reference): { readonly run: Run; readonly attempt: Attempt } | undefined {
    const found = this.#find(reference);
    if (!found) return undefined;
    const run = this.#run(this.#row(found.run_id)!);
    return { run, attempt: run.attempts.find((each) => each.attempt_id === found.attempt_id)! };
  }

  async events(attemptId: string, options: EventQuery = {}): Promise<readonly Event[]> {
    const { problems = false, index, limit = Infinity } = options;
    if (limit === 0) return [];
    const reader = await readerFor(this.#index, "attempts.attempt_id = ?", [attemptId]);
    if (index !== undefined) return this.#event(reader, attemptId, index, problems);
    const events: Event[] = [];
    for (const batch of this.#batches(reader, attemptId, problems, () => limit - events.length)) {
      for (const event of batch) events.push(event);
      if (events.length >= limit) break;
    }
    return events.length > limit ? events.slice(0, limit) : events;
  }

  async eventPages(attemptId: string): Promise<EventPages> {
    const reader = await readerFor(this.#index, "attempts.attempt_id = ?", [attemptId]);
    return ({ problems = false } = {}) => this.#batches(reader, attemptId, problems);
  }

  lastEvent(attemptId: string): number {
    return this.#db.get<{ last: number }>(
      `SELECT first + count - 1 AS last
       FROM event_batches JOIN attempts ON attempts.id = event_batches.attempt
       WHERE attempt_id = ? ORDER BY first DESC LIMIT 1`,
      attemptId,
    )?.last ?? 0;
  }

  #attempt(attemptId: string): { readonly key: number; readonly path: string } | undefined {
    const row = this.#db.get<{ id: number; run_id: string }>(
      "SELECT id, run_id FROM attempts WHERE attempt_id = ?",
      attemptId,
    );
    const { layout } = this.#index;
    return row && { key: row.id, path: layout.eventsFile(row.run_id, attemptId) };
  }

  #row(runId: string): HashedRow | undefined {
    return this.#db.get(`SELECT ${runColumns} FROM runs WHERE run_id = ?`, runId);
  }

  #run(row: HashedRow): Run {
    const record: RunRecord = JSON.parse(checkedRun(row).record);
    const rows = this.#db.all<Parameters<typeof checkedAttempt>[0]>(
      "SELECT attempt_id, run_id, record, hash FROM attempts WHERE run_id = ? ORDER BY id",
      row.run_id,
    );
    const attempts = new Map(rows.map((each) => [each.attempt_id, checkedAttempt(each)]));
    if (row.state !== "running") {
      return {
        ...record,
        attempts: record.attempts.map((id) => attemptOf(attempts, id, row.run_id)),
      };
    }
    // The record was written when the run started: anything since is in the attempts.
    const run: Run = { ...record, attempts: [...attempts.values()] };
    return this.#isAlive(row.run_id) ? run : interruptedRun(run);
  }

  #find(reference: Reference): { run_id: string; attempt_id: string } | undefined {
    const columns = "SELECT attempts.run_id, attempts.attempt_id FROM";
    const byAge = `${columns} runs CROSS JOIN attempts ON attempts.run_id = runs.run_id`;
    const newest = "ORDER BY runs.seq DESC, runs.run_id DESC, attempts.attempt_id DESC LIMIT 1";
    switch (reference.form) {
      case "serial":
        return this.#db.get(
          `${columns} attempts WHERE name = ? AND serial = ?`,
          reference.name,
          reference.serial,
        );
      case "newest": {
        const skip = reference.back - 1;
        return reference.name === undefined
          ? this.#db.get(`${byAge} WHERE serial IS NOT NULL ${newest} OFFSET ?`, skip)
          : this.#db.get(
            `${columns} attempts WHERE name = ? AND serial IS NOT NULL
             ORDER BY serial DESC LIMIT 1 OFFSET ?`,
            reference.name,
            skip,
          );
      }
      case "failed":
        return this.#db.get(
          `${byAge} JOIN outcomes ON outcomes.attempt = attempts.id
           WHERE outcomes.verdict = 'fail' ${newest}`,
        );
      case "run":
        throw this.#isRun(reference);
    }
  }

  #isRun(reference: Reference & { readonly form: "run" }): UserError {
    const refs = this.run(reference.runId)?.attempts.map((attempt) => attempt.ref) ?? [];
    return new UserError(`"${formatReference(reference)}" names a run, not one command of it`, {
      code: "reference_invalid",
      hint: refs.length > 0 ? `Name one of ${refs.join(", ")}` : "Name an attempt, such as test:12",
    });
  }

  *#batches(
    reader: EventsReader,
    attemptId: string,
    problems: boolean,
    limit = () => Infinity,
  ): Iterable<readonly Event[]> {
    const attempt = this.#attempt(attemptId);
    if (!attempt) return;
    const { key, path } = attempt;
    const rows = this.#db.all<EventBatch>(
      `SELECT first, start, bytes, packed${problems ? ", problems" : ""} FROM event_batches
       WHERE attempt = ? ${problems ? "AND problems IS NOT NULL" : ""} ORDER BY first`,
      key,
    );
    for (const row of rows) {
      yield problems ? readProblems(reader, path, row, limit()) : readBatch(reader, path, row);
    }
  }

  #event(
    reader: EventsReader,
    attemptId: string,
    index: number,
    problems: boolean,
  ): readonly Event[] {
    const attempt = this.#attempt(attemptId);
    const row = attempt && this.#db.get<EventBatch>(
      `SELECT first, start, bytes, packed FROM event_batches
       WHERE attempt = ? AND first <= ? ORDER BY first DESC LIMIT 1`,
      attempt.key,
      index,
    );
    if (!row) return [];
    const events = readBatch(reader, attempt.path, row);
    return events.filter((event) => event.index === index && (!problems || isProblem(event)));
  }
}

/** Reads the events of the attempts for which the condition holds: what they need of it is loaded. */
export async function readerFor(
  { io, db }: StoreIndex,
  condition: string,
  values: readonly string[],
): Promise<EventsReader> {
  const packed = db.get(
    `SELECT 1 FROM event_batches JOIN attempts ON attempts.id = event_batches.attempt
     WHERE packed = 1 AND ${condition} LIMIT 1`,
    ...values,
  );
  return packed ? { fs: io.fs, gzip: await io.gzip() } : { fs: io.fs };
}

function attemptOf(attempts: Map<string, Attempt>, attemptId: string, runId: string): Attempt {
  const attempt = attempts.get(attemptId);
  if (attempt) return attempt;
  throw new UserError(`Cannot read run ${runId}: its attempt ${attemptId} is not in the index`, {
    code: "store_damaged",
    hint: "run assay store rebuild",
  });
}

function ambiguous(id: string, found: readonly string[]): UserError {
  const shown = found.slice(0, 10).join(", ") + (found.length > 10 ? ", …" : "");
  return new UserError(`"${id}" is ambiguous: it matches ${shown}`, {
    code: "run_ambiguous",
    hint: "Use more of the id",
  });
}

// The newest runs as read from their folders: nothing is opened, created or repaired.

/** A larger `run.json` is not read. */
const maxBytes = 4 * 1024 * 1024;

/** Newest first; runs whose record cannot be read are left out. */
export async function recentRuns(io: Io, root: string, limit: number): Promise<readonly Run[]> {
  const layout = layoutOf(root);
  if (!await io.fs.stat(layout.runs)) return [];
  const names = (await io.fs.list(layout.runs)).map(({ name }) => name);
  // A ULID begins with its time, which is near enough for a list; their order is that of `seq`.
  const newest = names.sort().reverse().slice(0, limit);
  const runs = await Promise.all(newest.map((id) => read(io, join(layout.runs, id, "run.json"))));
  return runs.filter((run) => run !== undefined).sort((a, b) => b.seq - a.seq);
}

async function read(io: Io, path: string): Promise<Run | undefined> {
  try {
    const info = await io.fs.stat(path);
    if (!info?.isFile || info.size > maxBytes) return undefined;
    const run = JSON.parse(await io.fs.readText(path));
    return Array.isArray(run?.attempts) ? run : undefined;
  } catch {
    // It is being written, or is not ours: skip it.
    return undefined;
  }
}
