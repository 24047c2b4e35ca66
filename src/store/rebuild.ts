import type { FileLock, Io } from "../io.ts";
import { isNotFound } from "../io.ts";
import { UserError } from "../errors.ts";
import type { Run } from "../model.ts";
import { interruptedRun } from "./_interrupted.ts";
import { type Layout, layoutOf } from "./_layout.ts";
import { raiseSerial } from "./_rows.ts";
import { connect } from "./connect.ts";
import { busyLimitMs, type Db } from "./db.ts";
import { guarded, isDamaged } from "./failure.ts";
import { indexRun } from "./index_run.ts";
import { isHeld } from "./liveness.ts";
import { recordInterrupted } from "./recover.ts";
import { readRunFile } from "./run_file.ts";
import type { RebuildResult } from "./types.ts";

/**
 * Makes the index anew from the run folders, which hold the truth. A sound index is mended in place while
 * others use it, and keeps serials and annotations; a damaged one is moved aside.
 */
export async function rebuildStore(io: Io, root: string): Promise<RebuildResult> {
  const layout = layoutOf(root);
  await guarded(`create ${layout.dir}`, () => io.fs.mkdir(layout.dir));
  try {
    const db = connect(io, layout.database);
    try {
      checkSound(db, layout);
      return await reindex(io, db, layout);
    } finally {
      db.close();
    }
  } catch (error) {
    if (!isDamaged(error)) throw error;
    return await repair(io, layout);
  }
}

function checkSound(db: Db, { database }: Layout): void {
  const result = db.get<{ quick_check: string }>("PRAGMA quick_check(1)")?.quick_check;
  if (result === "ok") return;
  throw new UserError(`${database} is damaged: ${result}`, { code: "store_damaged" });
}

/**
 * Puts every run folder into the index and takes out the runs whose folder is gone. `record: false` only
 * reads the folders, for a place where nothing can be written.
 */
export async function reindex(
  io: Io,
  db: Db,
  layout: Layout,
  options: { readonly record: boolean } = { record: true },
): Promise<RebuildResult> {
  const warnings: string[] = [];
  const ids = await runFolders(io, layout);
  let [runs, attempts] = [0, 0];
  for (const runId of ids) {
    const run = await runOf(io, db, layout, runId, options.record, warnings);
    if (!run) continue;
    warnings.push(...await indexRun(io, db, layout, run));
    runs++;
    attempts += run.runners.length;
  }
  db.run(
    "DELETE FROM runs WHERE state <> 'running' AND run_id NOT IN (SELECT value FROM json_each(?))",
    JSON.stringify(ids),
  );
  return { runs, attempts, warnings };
}

/** The run a folder holds, when it is to be indexed. */
async function runOf(
  io: Io,
  db: Db,
  layout: Layout,
  runId: string,
  record: boolean,
  warnings: string[],
): Promise<Run | undefined> {
  const path = layout.runFile(runId);
  const reading = await readRunFile(io, path, runId);
  if (reading === undefined || "problem" in reading) {
    warnings.push(`${path}: left out: ${reading?.problem ?? "there is no such file"}`);
    return undefined;
  }
  const { run } = reading;
  if (run.state !== "running") return run;
  if (isHeld(layout.runLock(runId))) {
    // Its process writes to the index itself, unless this one is newer than that process.
    return db.get("SELECT 1 FROM runs WHERE run_id = ?", runId) === undefined ? run : undefined;
  }
  const interrupted = interruptedRun(run);
  if (record) await recordInterrupted(io, layout, interrupted);
  return interrupted;
}

/** Ids of the run folders, oldest first. */
async function runFolders(io: Io, { runs }: Layout): Promise<string[]> {
  try {
    const entries = await guarded(`read ${runs}`, () => io.fs.list(runs));
    return entries.filter((entry) => entry.isDirectory).map((entry) => entry.name).sort();
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** Moves a damaged index aside and makes a new one. Safe when several processes find the damage at once. */
export async function repair(io: Io, layout: Layout): Promise<RebuildResult> {
  await guarded(`create ${layout.locks}`, () => io.fs.mkdir(layout.locks));
  const lock = await waitForLock(io, layout.repairLock);
  try {
    if (isMended(io, layout)) return { runs: 0, attempts: 0, warnings: [] };
    return await guarded(`repair ${layout.database}`, () => replace(io, layout));
  } finally {
    lock.release();
  }
}

async function waitForLock(io: Io, path: string): Promise<FileLock> {
  const deadline = io.monotonic() + busyLimitMs;
  for (;;) {
    const lock = await guarded(`create ${path}`, () => io.fs.tryLock(path));
    if (lock) return lock;
    if (io.monotonic() > deadline) {
      throw new UserError(
        `Cannot repair the store: another process has held ${path} for too long`,
        {
          code: "store_busy",
          hint: "See which other assay is at work, and try again",
        },
      );
    }
    await io.sleep(50);
  }
}

/** Whether another process mended the index while this one waited. */
function isMended(io: Io, layout: Layout): boolean {
  try {
    const db = connect(io, layout.database);
    try {
      checkSound(db, layout);
      return true;
    } finally {
      db.close();
    }
  } catch (error) {
    if (isDamaged(error)) return false;
    throw error;
  }
}

/**
 * The new index is whole before it takes the old one's name in one step: whoever opens the store meanwhile
 * finds the damaged one and waits, and nobody starts counting serials from 1.
 */
async function replace(io: Io, layout: Layout): Promise<RebuildResult> {
  const fresh = `${layout.database}.rebuild`;
  for (const ending of ["", "-wal", "-shm"]) await io.fs.remove(fresh + ending);
  const db = connect(io, fresh);
  const result = await reindex(io, db, layout);
  for (const { name, last } of rescuedSerials(io, layout)) raiseSerial(db, name, last);
  // The last to close puts the log into the database, which can then be moved as one file.
  db.close();
  const time = new Date(io.now()).toISOString().replaceAll(/[-:.]/g, "");
  const aside = `${layout.database}.corrupt-${time}`;
  await io.fs.copy(layout.database, aside);
  for (const ending of ["-wal", "-shm"]) {
    // A log left behind would be read as the new database's own.
    if (await io.fs.stat(layout.database + ending)) {
      await io.fs.rename(layout.database + ending, aside + ending);
    }
  }
  await io.fs.rename(fresh, layout.database);
  const told = `${layout.database} was damaged: it is kept as ${aside}, and a new index was made ` +
    `of ${result.runs} runs`;
  return { ...result, warnings: [told, ...result.warnings] };
}

/** What can still be read of the serials: those of runs whose folders are gone are nowhere else. */
function rescuedSerials(io: Io, layout: Layout): { name: string; last: number }[] {
  try {
    const db = connect(io, layout.database);
    try {
      return db.all("SELECT name, last FROM serials");
    } finally {
      db.close();
    }
  } catch (error) {
    // Damaged beyond reading: the serials of the runs that are there must do.
    if (isDamaged(error)) return [];
    throw error;
  }
}
