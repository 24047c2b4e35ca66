import { dirname } from "@std/path";
import { UserError } from "../errors.ts";
import type { FileLock, FileWriter, Gzip, Io } from "../io.ts";
import type { Attempt, Event, Run } from "../model.ts";
import type { RunEvent } from "../schema/journal.ts";
import type { Layout } from "./_layout.ts";
import {
  batchesAtOnce,
  putAttempt,
  putBatch,
  putRun,
  raiseMark,
  seqMark,
  type StoreIndex,
} from "./_rows.ts";
import { readCounters, withStoreLock, writeCounters } from "./counters.ts";
import type { Db } from "./db.ts";
import { guarded, storeFailure } from "../failure.ts";
import { encodeEvents, type EventBatch, packedEnding } from "./events_file.ts";
import { adoptFolders } from "./rebuild.ts";
import { jsonText } from "../text/clean.ts";
import { isReferable } from "./reference.ts";
import { writeRunFile } from "./run_file.ts";
import type { RunWriter } from "./types.ts";

interface Stored {
  attempt: Attempt;
  readonly key: number;
  events?: LinesFile;
  /** Compresses them; absent: they are few. */
  gzip?: Gzip;
  /** How many events it has. */
  last: number;
  /** Batches that are in the file and not yet in the index. */
  pending: EventBatch[];
}

/** The writer of a run of this process, as the store holds it. */
export interface OwnRun extends RunWriter {
  /** Releases the run's lock: a run that has not ended is interrupted from now on. */
  abandon(): void;
  /** Puts into the index what was added of events, for those who want to read it before its attempt ends. */
  putPending(): void;
}

/**
 * Creates the run: its lock, its numbers, its row, its folder. The lock comes before the row, so that nothing
 * can see the run and take it for dead, and the row before the folder, so that a folder without a row is
 * one that the index has lost. Should the process die before `run.json` is written, whatever finds the row writes it.
 */
export async function startRun(
  context: StoreIndex,
  run: Omit<Run, "seq">,
  names: readonly string[],
): Promise<OwnRun> {
  const { io, db, layout } = context;
  await guarded(
    `create ${layout.locks}`,
    () => Promise.all([io.fs.mkdir(layout.locks), ignoreOwn(io, layout)]),
  );
  const lockPath = layout.runLock(run.run_id);
  const lock = await guarded(`create ${lockPath}`, () => io.fs.tryLock(lockPath));
  if (!lock) throw new Error(`run ${run.run_id} is already running`);
  try {
    const { started, serials } = await withStoreLock(io, layout, async () => {
      const { seq, serials, warnings } = await takeNumbers(context, names);
      // Whatever the caller passed: until it ends, a run is not green.
      const started: Run = {
        ...run,
        seq,
        state: "running",
        recommendation: "blocked",
        attempts: [],
        warnings: [...run.warnings, ...warnings],
      };
      db.transaction(() => {
        for (const [name, taken] of serials) raiseMark(db, name, taken.at(-1)!);
        putRun(db, started);
      });
      return { started, serials };
    });
    const dir = layout.runDir(run.run_id);
    await guarded(`create ${dir}`, () => io.fs.mkdir(dir)).catch((error) => {
      db.run("DELETE FROM runs WHERE run_id = ?", run.run_id);
      throw error;
    });
    await writeRunFile(io, layout, started);
    const journal = await LinesFile.open(io, layout.journal(run.run_id));
    return new Writer(context, started, serials, lock, journal);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The numbers of a new run. The caller holds the store's lock. */
interface Numbers {
  readonly seq: number;
  /** Of each name, ascending. */
  readonly serials: ReadonlyMap<string, number[]>;
  readonly warnings: readonly string[];
}

/** Numbers never given out before, even if counters.json or the index was lost. */
async function takeNumbers(
  { io, db, layout }: StoreIndex,
  names: readonly string[],
): Promise<Numbers> {
  const counters = await readCounters(io, layout);
  if (!(counters instanceof Map)) await adoptFolders({ io, db, layout });
  const marks = new Map(
    db.all<{ name: string; last: number }>("SELECT name, last FROM marks")
      .map(({ name, last }) => [name, last]),
  );
  const raise = (name: string, last: number) =>
    marks.set(name, Math.max(last, marks.get(name) ?? 0)).get(name)!;
  if (counters instanceof Map) counters.forEach((last, name) => raise(name, last));
  const next = (name: string) => raise(name, (marks.get(name) ?? 0) + 1);
  const seq = next(seqMark);
  const serials = new Map<string, number[]>();
  for (const name of names) serials.set(name, [...serials.get(name) ?? [], next(name)]);
  await writeCounters(io, layout, marks);
  const warnings = counters !== undefined && "problem" in counters
    ? [
      `${layout.counters} could not be read (${counters.problem}): it was rebuilt from the index and the run folders`,
    ]
    : [];
  return { seq, serials, warnings };
}

/**
 * Evidence is not source code: git ignores it, and so do formatters and linters that read
 * `.gitignore`. The file ignores itself; an existing one is the user's.
 */
async function ignoreOwn(io: Io, { dir }: Layout): Promise<void> {
  const path = `${dir}/.gitignore`;
  if (await io.fs.lstat(path)) return;
  await io.fs.mkdir(dir);
  await io.fs.writeText(path, "/runs/\n/assay.db*\n/counters.json*\n/locks/\n/tmp/\n/.gitignore\n");
}

/** A first batch as large as this begins a report that is worth compressing. */
const manyEvents = 1_000;

class Writer implements OwnRun {
  readonly dir: string;
  readonly run: Run;
  readonly #context: StoreIndex;
  readonly #serials: Numbers["serials"];
  readonly #lock: FileLock;
  readonly #journal: LinesFile;
  readonly #attempts = new Map<string, Stored>();
  #failure: unknown;
  #ended = false;

  constructor(
    context: StoreIndex,
    run: Run,
    serials: Numbers["serials"],
    lock: FileLock,
    journal: LinesFile,
  ) {
    const { layout } = context;
    this.#context = context;
    this.run = run;
    this.#serials = serials;
    this.#lock = lock;
    this.dir = layout.runDir(run.run_id);
    this.#journal = journal;
  }

  startAttempt(given: Attempt & { readonly pid?: number }): { readonly ref: string } {
    const { pid, ...attempt } = given;
    if (!isReferable(attempt.name)) {
      throw new UserError(`"${attempt.name}" cannot be the name of a runner or command`, {
        code: "name_invalid",
        hint: "Use letters, digits, _ - . and /",
      });
    }
    const serial = this.#serials.get(attempt.name)?.shift();
    if (serial === undefined) throw new Error(`the run was started without ${attempt.name}`);
    const running: Attempt = { ...attempt, ref: `${attempt.name}:${serial}`, state: "running" };
    return this.#storing((db) => {
      const key = putAttempt(db, this.run.run_id, running, { pid });
      this.#attempts.set(attempt.attempt_id, { attempt: running, key, last: 0, pending: [] });
      return { ref: running.ref };
    });
  }

  async addEvents(attemptId: string, events: readonly Event[]): Promise<void> {
    if (events.length === 0) return;
    await this.#storing(async () => {
      const stored = this.#storedOf(attemptId);
      const { io, layout } = this.#context;
      if (!stored.events) {
        const path = layout.eventsFile(this.run.run_id, attemptId);
        if (events.length >= manyEvents) stored.gzip = await io.gzip();
        stored.events = await LinesFile.open(io, stored.gzip ? path + packedEnding : path);
      }
      const { last, gzip, events: { size } } = stored;
      const { lines, batch } = encodeEvents(events, last + 1, size, gzip);
      stored.events.append(lines);
      stored.events.check();
      stored.last += events.length;
      stored.pending.push(batch);
      if (stored.pending.length >= batchesAtOnce) this.putPending();
    });
  }

  journal(event: RunEvent): void {
    this.#journal.append(`${jsonText(event)}\n`);
  }

  finishAttempt(attempt: Attempt): void {
    this.#storing((db) => db.transaction(() => this.#put(attempt)));
  }

  putPending(): void {
    const waiting = [...this.#attempts.values()].filter(({ pending }) => pending.length > 0);
    if (waiting.length === 0) return;
    this.#storing((db) =>
      db.transaction(() => waiting.forEach((stored) => this.#putBatches(stored)))
    );
  }

  async finishRun(given: Run, closed?: RunEvent): Promise<void> {
    const state = given.state === "running" ? "finished" : given.state;
    const run: Run = { ...given, seq: this.run.seq, state };
    for (const { events } of this.#attempts.values()) events?.close();
    this.#journal.check();
    if (this.#failure !== undefined) throw this.#failure;
    const { io, layout } = this.#context;
    await writeRunFile(io, layout, run);
    this.#storing((db) =>
      db.transaction(() => {
        for (const stored of this.#attempts.values()) this.#putBatches(stored);
        for (const attempt of run.attempts) if (this.#isNews(attempt)) this.#put(attempt);
        putRun(db, run);
      })
    );
    if (closed) this.journal(closed);
    this.#journal.close();
    this.abandon();
    await guarded("remove the run's lock", () => io.fs.remove(layout.runLock(run.run_id)));
  }

  abandon(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lock.release();
  }

  /** Remembers a failure: even if a caller catches it, the run cannot end well. */
  #storing<T>(body: (db: Db) => T): T {
    const failed = (error: unknown) => {
      this.#failure ??= error;
      throw error;
    };
    try {
      const result = body(this.#context.db);
      return result instanceof Promise ? result.catch(failed) as T : result;
    } catch (error) {
      return failed(error);
    }
  }

  #storedOf(attemptId: string): Stored {
    const stored = this.#attempts.get(attemptId);
    if (!stored) throw new Error(`attempt ${attemptId} was not started`);
    return stored;
  }

  /** Stores an attempt as it now is; one that was never started gets its row here, without a serial. */
  #put(attempt: Attempt): void {
    putAttempt(this.#context.db, this.run.run_id, attempt);
    const stored = this.#attempts.get(attempt.attempt_id);
    if (!stored) return;
    stored.attempt = attempt;
    this.#putBatches(stored);
  }

  #putBatches(stored: Stored): void {
    for (const batch of stored.pending) putBatch(this.#context.db, stored.key, batch);
    stored.pending = [];
  }

  #isNews(attempt: Attempt): boolean {
    const stored = this.#attempts.get(attempt.attempt_id)?.attempt;
    return stored !== attempt && JSON.stringify(stored) !== JSON.stringify(attempt);
  }
}

const encoder = new TextEncoder();

/**
 * A file of lines. Each is in the file when {@linkcode append} returns: whatever happens to the process, what came after
 * can rely on it.
 */
export class LinesFile {
  readonly #path: string;
  readonly #file: FileWriter;
  #failure: unknown;
  /** Bytes in it. */
  size = 0;

  constructor(path: string, file: FileWriter) {
    this.#path = path;
    this.#file = file;
  }

  static async open(io: Io, path: string): Promise<LinesFile> {
    const file = await guarded(`write ${path}`, async () => {
      await io.fs.mkdir(dirname(path));
      return await io.fs.openWrite(path);
    });
    return new LinesFile(path, file);
  }

  /** What goes wrong is kept for {@linkcode close}, and nothing is written after a gap. */
  append(lines: string | Uint8Array): void {
    if (this.#failure !== undefined) return;
    const bytes = typeof lines === "string" ? encoder.encode(lines) : lines;
    try {
      this.#file.writeNow(bytes);
      this.size += bytes.length;
    } catch (error) {
      this.#failure = storeFailure(error, `write ${this.#path}`);
    }
  }

  /** Throws what went wrong since it was opened. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  close(): void {
    this.#file.close();
    this.check();
  }
}
