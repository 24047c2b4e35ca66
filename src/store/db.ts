import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { isBusy, storeFailure } from "../failure.ts";

/** How long others may hold a database before that is an error, in milliseconds. */
export const busyLimitMs = 30_000;

/** Blocks this thread. SQLite is synchronous, so waiting for it must be too. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** One connection to the index: statements prepared once, transactions, and errors that say what to do. */
export class Db {
  readonly #handle: DatabaseSync;
  readonly #path: string;
  readonly #now: () => number;
  readonly #statements = new Map<string, StatementSync>();

  /** `now` is a clock in milliseconds that never goes back; `path` is for messages. */
  constructor(handle: DatabaseSync, path: string, now: () => number) {
    this.#handle = handle;
    this.#path = path;
    this.#now = now;
  }

  exec(sql: string): void {
    this.#patiently(() => this.#handle.exec(sql));
  }

  run(sql: string, ...values: SQLInputValue[]): void {
    this.#patiently(() => this.#prepare(sql).run(...values));
  }

  get<Row>(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#patiently(() => this.#prepare(sql).get(...values)) as Row | undefined;
  }

  all<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#patiently(() => this.#prepare(sql).all(...values)) as Row[];
  }

  /** Row by row: what is not asked for is not read. */
  *each<Row>(sql: string, ...values: SQLInputValue[]): Iterable<Row> {
    // A statement of its own: the caller may ask the same again meanwhile.
    const rows = this.#patiently(() => this.#handle.prepare(sql).iterate(...values));
    try {
      yield* rows as Iterable<Row>;
    } catch (error) {
      throw storeFailure(error, `use ${this.#path}`);
    }
  }

  /**
   * Runs `body` wholly or not at all. It takes the write lock at once: a transaction that began by
   * reading could be refused it later, when waiting no longer helps.
   */
  transaction<T>(body: () => T): T {
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = body();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#handle.close();
  }

  #rollback(): void {
    try {
      this.#handle.exec("ROLLBACK");
    } catch {
      // After a full disk SQLite has rolled back by itself; the error that matters is being thrown.
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#handle.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** SQLite waits by itself, except where it fears a deadlock: there it says "locked" at once. */
  #patiently<T>(body: () => T): T {
    let deadline: number | undefined;
    for (;;) {
      try {
        return body();
      } catch (error) {
        deadline ??= this.#now() + busyLimitMs;
        if (!isBusy(error) || this.#now() > deadline) {
          throw storeFailure(error, `use ${this.#path}`);
        }
        pause(2 + Math.random() * 8);
      }
    }
  }
}
