import { UserError } from "../errors.ts";
import type { FileLock, Io } from "../io.ts";
import type { Attempt, Event, Run } from "../model.ts";
import type { Layout } from "./_layout.ts";
import { putAttempt, putEvents, putOutcome, putRun, takeSerial } from "./_rows.ts";
import type { Db } from "./db.ts";
import { EventsFile } from "./events_file.ts";
import { guarded } from "./failure.ts";
import { isReferable } from "./reference.ts";
import { RunFile } from "./run_file.ts";
import type { RunWriter } from "./types.ts";

/** An attempt of this run: its record as last stored, its key and serial in the index. */
interface Stored {
  attempt: Attempt;
  readonly key: number;
  readonly serial: number;
  events?: EventsFile;
}

/** Where a run is written. */
export interface WriterContext {
  readonly io: Io;
  readonly db: Db;
  readonly layout: Layout;
}

/** The writer of a run of this process, as the store holds it. */
export interface OwnRun extends RunWriter {
  /** Lets go of the run's lock: a run that has not ended is interrupted from now on. */
  abandon(): void;
}

/**
 * Creates the run: its folder, its lock, its row. The lock comes before the row, so that nobody can see the
 * run and take it for dead. Its first `run.json` is written while the run goes on: should the process
 * die before, who finds the row writes it.
 */
export async function startRun(context: WriterContext, run: Run): Promise<OwnRun> {
  const { io, db, layout } = context;
  const dir = layout.runDir(run.run_id);
  await guarded(
    `create ${dir}`,
    () => Promise.all([io.fs.mkdir(dir), io.fs.mkdir(layout.locks), ignoreOwn(io, layout)]),
  );
  const lockPath = layout.runLock(run.run_id);
  const lock = await guarded(`create ${lockPath}`, () => io.fs.tryLock(lockPath));
  if (!lock) throw new Error(`run ${run.run_id} is under way already`);
  // Whatever the caller thinks of it: until it ends, a run is not green.
  const started: Run = { ...run, state: "running", recommendation: "blocked", runners: [] };
  try {
    putRun(db, started);
  } catch (error) {
    lock.release();
    throw error;
  }
  return new Writer(context, started, lock);
}

/**
 * Evidence is nobody's source: git passes over it, and so do formatters and linters that read
 * `.gitignore`. The file ignores itself; one that is there already is the user's.
 */
async function ignoreOwn(io: Io, { dir }: Layout): Promise<void> {
  const path = `${dir}/.gitignore`;
  if (await io.fs.lstat(path)) return;
  await io.fs.mkdir(dir);
  await io.fs.writeText(path, "/runs/\n/assay.db*\n/locks/\n/tmp/\n/.gitignore\n");
}

class Writer implements OwnRun {
  readonly dir: string;
  readonly #context: WriterContext;
  readonly #run: Run;
  readonly #lock: FileLock;
  readonly #file: RunFile;
  readonly #attempts = new Map<string, Stored>();
  #failure: unknown;
  #ended = false;

  constructor(context: WriterContext, run: Run, lock: FileLock) {
    const { io, layout } = context;
    this.#context = context;
    this.#run = run;
    this.#lock = lock;
    this.dir = layout.runDir(run.run_id);
    this.#file = new RunFile(io, layout.runFile(run.run_id));
    this.#file.request(() => this.#current());
  }

  startAttempt(given: Attempt & { readonly pid?: number }): { readonly ref: string } {
    const { pid, ...attempt } = given;
    if (!isReferable(attempt.id)) {
      throw new UserError(`"${attempt.id}" cannot be the name of a runner or command`, {
        code: "name_invalid",
        hint: "Use letters, digits, _ - . and /",
      });
    }
    return this.#storing((db) => {
      const stored = db.transaction(() => {
        const serial = takeSerial(db, attempt.id);
        const running: Attempt = { ...attempt, ref: `${attempt.id}:${serial}`, state: "running" };
        const key = putAttempt(db, running, { serial, run: this.#run, pid });
        return { attempt: running, key, serial };
      });
      this.#attempts.set(attempt.attempt_id, stored);
      this.#file.request(() => this.#current());
      return { ref: stored.attempt.ref };
    });
  }

  addEvents(attemptId: string, events: readonly Event[]): Promise<void> | void {
    if (events.length === 0) return;
    return this.#storing((db) => {
      const stored = this.#storedOf(attemptId);
      const lines = db.transaction(() => putEvents(db, stored.key, events));
      const { io, layout } = this.#context;
      const runId = this.#run.run_id;
      stored.events ??= new EventsFile(
        io,
        layout.eventsDir(runId),
        layout.eventsFile(runId, attemptId),
      );
      return stored.events.append(lines);
    });
  }

  finishAttempt(attempt: Attempt): void {
    this.#storing((db) => db.transaction(() => this.#put(attempt)));
    // The run's end writes run.json anyway; only when that may be long in coming it is worth one more.
    if (this.#isAnyRunning()) this.#file.request(() => this.#current());
  }

  async finishRun(given: Run): Promise<void> {
    const run: Run = given.state === "running" ? { ...given, state: "finished" } : given;
    for (const { events } of this.#attempts.values()) await events?.close();
    if (this.#failure !== undefined) throw this.#failure;
    await this.#file.write(run);
    this.#storing((db) =>
      db.transaction(() => {
        for (const attempt of run.runners) if (this.#isNews(attempt)) this.#put(attempt);
        putRun(db, run);
      })
    );
    this.abandon();
    const { io, layout } = this.#context;
    await guarded("remove the run's lock", () => io.fs.remove(layout.runLock(run.run_id)));
  }

  abandon(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#lock.release();
  }

  /** Remembers a failure: who catches it upstairs cannot make the run end well. */
  #storing<T>(body: (db: Db) => T): T {
    try {
      return body(this.#context.db);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  #storedOf(attemptId: string): Stored {
    const stored = this.#attempts.get(attemptId);
    if (!stored) throw new Error(`attempt ${attemptId} was not started`);
    return stored;
  }

  /** Stores an attempt as it now is; one that was never started gets its row here, without a serial. */
  #put(attempt: Attempt): void {
    const { db } = this.#context;
    const stored = this.#attempts.get(attempt.attempt_id);
    const key = putAttempt(db, attempt, { serial: stored?.serial ?? null, run: this.#run });
    putOutcome(db, key, attempt);
    if (stored) stored.attempt = attempt;
  }

  #isNews(attempt: Attempt): boolean {
    const stored = this.#attempts.get(attempt.attempt_id)?.attempt;
    return stored !== attempt && JSON.stringify(stored) !== JSON.stringify(attempt);
  }

  #isAnyRunning(): boolean {
    return this.#attempts.values().some(({ attempt }) => attempt.state === "running");
  }

  #current(): Run {
    return { ...this.#run, runners: Array.from(this.#attempts.values(), ({ attempt }) => attempt) };
  }
}
