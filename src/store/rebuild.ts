import { isNotFound } from "../io.ts";
import type { Io } from "../io.ts";
import { UserError } from "../errors.ts";
import type { Run } from "../model.ts";
import { type Layout, layoutOf } from "./_layout.ts";
import { indexRun, raiseMark, seqMark, type StoreIndex } from "./_rows.ts";
import { connect, create, readRows } from "./connect.ts";
import { readCounters, withStoreLock } from "./counters.ts";
import type { Db } from "./db.ts";
import { guarded, mustRebuild } from "../failure.ts";
import type { SQLInputValue } from "node:sqlite";
import { isHeld, recordInterrupted } from "./recover.ts";
import { interruptedRun, isNumber, readRunFile, withJournal } from "./run_file.ts";
import type { RebuildResult } from "./types.ts";
import { isUlid } from "../ulid.ts";

/**
 * Rebuilds the index from the run folders, which hold the truth. A usable index is updated in place while
 * others use it, and keeps marks and annotations; one that cannot be used is set aside.
 */
export async function rebuildStore(io: Io, root: string): Promise<RebuildResult> {
  const layout = layoutOf(root);
  await guarded(`create ${layout.dir}`, () => io.fs.mkdir(layout.dir));
  try {
    return await withIndex(io, layout, (db) => {
      checkSound(db, layout);
      return withStoreLock(io, layout, () => reindex({ io, db, layout }));
    });
  } catch (error) {
    if (!mustRebuild(error)) throw error;
    return await repair(io, layout, error, true);
  }
}

async function withIndex<T>(
  io: Io,
  { database }: Layout,
  body: (db: Db) => T | Promise<T>,
): Promise<T> {
  const db = await connect(io, database);
  try {
    return await body(db);
  } finally {
    db.close();
  }
}

function checkSound(db: Db, { database }: Layout): void {
  const result = db.get<{ integrity_check: string }>("PRAGMA integrity_check(1)")?.integrity_check;
  if (result === "ok") return;
  const why = result?.replaceAll("\n", " ");
  throw new UserError(`${database} is damaged: ${why}`, { code: "store_damaged" });
}

/**
 * Puts every run folder into the index and removes the runs whose folder is gone. `record: false` only
 * reads the folders, for a place where nothing can be written.
 */
export async function reindex(index: StoreIndex, record = true): Promise<RebuildResult> {
  const ids = await runFolders(index);
  const result = await indexFolders(index, ids, record);
  index.db.run(
    "DELETE FROM runs WHERE state <> 'running' AND run_id NOT IN (SELECT value FROM json_each(?))",
    JSON.stringify(ids),
  );
  return result;
}

/** Puts these run folders into the index, and records those that cannot be read. */
async function indexFolders(
  index: StoreIndex,
  ids: readonly string[],
  record: boolean,
): Promise<RebuildResult> {
  const warnings: string[] = [];
  const unreadable = new Map<string, string>();
  let [runs, attempts] = [0, 0];
  for (const runId of ids) {
    const found = await runOf(index, runId, record);
    if ("problem" in found) {
      warnings.push(`${index.layout.runFile(runId)}: skipped: ${found.problem}`);
      unreadable.set(runId, found.problem);
    } else if (found.run) {
      warnings.push(...await indexRun(index, found.run));
      runs++;
      attempts += found.run.attempts.length;
    }
  }
  if (unreadable.size > 0) await noteUnreadable(index, unreadable);
  return { runs, attempts, warnings };
}

/**
 * Whatever their own `seq` was, runs started from now on are newer: it is capped at the highest that
 * was given out.
 */
async function noteUnreadable(
  { io, db, layout }: StoreIndex,
  unreadable: ReadonlyMap<string, string>,
): Promise<void> {
  const counters = await readCounters(io, layout);
  const given = counters instanceof Map ? counters.get(seqMark)! : 0;
  for (const [runId, problem] of unreadable) {
    db.run(
      `INSERT INTO unreadable
       SELECT ?, max(?, coalesce((SELECT last FROM marks WHERE name = ?), 0)), ?
       WHERE NOT EXISTS (SELECT 1 FROM runs WHERE run_id = ?)
       ON CONFLICT (run_id) DO UPDATE SET problem = excluded.problem`,
      runId,
      given,
      seqMark,
      problem,
      runId,
    );
  }
}

/** The run a folder holds, when it is to be indexed, or why it cannot be read. */
async function runOf(
  { io, db, layout }: StoreIndex,
  runId: string,
  record: boolean,
): Promise<{ readonly run: Run | undefined } | { readonly problem: string }> {
  const reading = await readRunFile(io, layout.runFile(runId), runId);
  if ("problem" in reading) return reading;
  const { run } = reading;
  const original = db.get<{ run_id: string }>(
    `SELECT run_id FROM attempts
     WHERE run_id <> ? AND attempt_id IN (SELECT value FROM json_each(?))`,
    runId,
    JSON.stringify(run.attempts.map(({ attempt_id }) => attempt_id)),
  );
  if (original) return { problem: `it is a copy of run ${original.run_id}` };
  if (run.state !== "running") return { run };
  const complete = await withJournal(io, layout, run);
  if (isHeld(layout.runLock(runId))) {
    // Its process writes to the index itself, unless this index is newer than that process.
    const known = db.get("SELECT 1 FROM runs WHERE run_id = ?", runId) !== undefined;
    return { run: known ? undefined : complete };
  }
  const interrupted = interruptedRun(complete);
  if (record) await recordInterrupted(io, layout, interrupted);
  return { run: interrupted };
}

/** Ids of the run folders. Other folders are the user's. */
async function runFolders({ io, layout: { runs } }: StoreIndex): Promise<string[]> {
  try {
    const entries = await guarded(`read ${runs}`, () => io.fs.list(runs));
    return entries.map((entry) => entry.name).filter(isUlid).sort();
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/**
 * Adds unknown run folders to the index, which may be older than they are. `record: false`
 * as for {@linkcode reindex}; without it the caller holds the store's lock.
 */
export async function adoptFolders(index: StoreIndex, record = true): Promise<void> {
  const ids = await unknownFolders(index);
  if (ids.length > 0) await indexFolders(index, ids, record);
}

/** Ids of the run folders that the index does not know as runs. A run's row is created before its folder. */
export async function unknownFolders(index: StoreIndex): Promise<string[]> {
  const ids = await runFolders(index);
  const rows = index.db.all<{ run_id: string }>("SELECT run_id FROM runs");
  const known = new Set(rows.map(({ run_id }) => run_id));
  return ids.filter((id) => !known.has(id));
}

/**
 * Replaces an index that cannot be used, as `error` says. Safe when several processes do so at once.
 *
 * @param force even if it looks sound: what is wrong is in its content
 */
export async function repair(
  io: Io,
  layout: Layout,
  error: UserError,
  force = false,
): Promise<RebuildResult> {
  return await withStoreLock(io, layout, async () => {
    // Another process may have been faster.
    if (!force && await isSound(io, layout)) return { runs: 0, attempts: 0, warnings: [] };
    return await guarded(`repair ${layout.database}`, () => replace(io, layout, error));
  });
}

async function isSound(io: Io, layout: Layout): Promise<boolean> {
  try {
    await withIndex(io, layout, (db) => checkSound(db, layout));
    return true;
  } catch (error) {
    if (!mustRebuild(error)) throw error;
    return false;
  }
}

/**
 * The new index is complete before it atomically takes the old one's name: a process that opens the store meanwhile
 * finds the unusable one and waits, and never sees a part of the runs.
 */
async function replace(io: Io, layout: Layout, error: UserError): Promise<RebuildResult> {
  const { database } = layout;
  const fresh = `${database}.rebuild`;
  for (const ending of ["", "-wal", "-shm"]) await io.fs.remove(fresh + ending);
  const db = create(io, fresh);
  await salvage(io, layout, db);
  const result = await reindex({ io, db, layout });
  // The last to close merges the log into the database, which can then be moved as one file.
  db.close();
  const aside = error.code === "store_empty"
    ? undefined
    : await freeName(io, `${database}.${error.code === "store_older" ? "old" : "corrupt"}`);
  const isFolder = (await io.fs.lstat(database))?.isDirectory;
  if (aside !== undefined && isFolder) await io.fs.rename(database, aside);
  else if (aside !== undefined) await io.fs.copy(database, aside);
  for (const ending of ["-wal", "-shm"]) {
    // A log left behind would be read as the new database's own.
    if (aside === undefined) await io.fs.remove(database + ending);
    else if (await io.fs.stat(database + ending)) {
      await io.fs.rename(database + ending, aside + ending);
    }
  }
  await io.fs.rename(fresh, database);
  if (aside === undefined && result.runs + result.warnings.length === 0) return result;
  const kept = aside === undefined ? "" : `the old file is kept as ${aside}, and `;
  const warning = `${error.message}; ${kept}the index was rebuilt from ${result.runs} run folders`;
  return { ...result, warnings: [warning, ...result.warnings] };
}

async function freeName(io: Io, path: string): Promise<string> {
  let number = 1;
  while (await io.fs.lstat(`${path}-${number}`)) number++;
  return `${path}-${number}`;
}

/**
 * Takes from an index that cannot be used what no run folder holds, as far as it can be read: the highest numbers, for
 * runs whose folders are gone, and annotations. Neither has changed since the first schema.
 */
async function salvage(io: Io, { database }: Layout, db: Db): Promise<void> {
  if (!(await io.fs.lstat(database))?.isFile) return;
  const rows = function* <Row>(sql: string): Iterable<Row> {
    try {
      yield* readRows<Row>(io, database, sql);
    } catch {
      // It cannot be read, or not to its end: counters.json and the runs that are there must do.
    }
  };
  db.transaction(() => {
    for (
      const { name, last } of rows<{ name: unknown; last: unknown }>("SELECT name, last FROM marks")
    ) {
      if (typeof name === "string" && isNumber(last)) raiseMark(db, name, last);
    }
    const columns = "attempt_id, event_index, annotator, key, display, record";
    for (const row of rows<Record<string, SQLInputValue>>(`SELECT ${columns} FROM annotations`)) {
      db.run(
        `INSERT OR IGNORE INTO annotations (${columns})
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE json_valid(?6)`,
        ...Object.values(row),
      );
    }
  });
}
