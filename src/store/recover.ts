import { dirname } from "@std/path";
import { messageOf, UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Run } from "../model.ts";
import type { Layout } from "./_layout.ts";
import { indexRun, type StoreIndex } from "./_rows.ts";
import { guarded, isBusy, mustRebuild } from "../failure.ts";
import { bringBackAll } from "./aside.ts";
import { Query } from "./query.ts";
import { interruptedRun, readRunFile, withJournal, writeRunFile } from "./run_file.ts";
import { DatabaseSync } from "node:sqlite";

/**
 * Writes a dead run's `run.json` and restores what it had moved aside. Its lock stays, for whoever ends the processes
 * that it left (`run/orphans.ts`).
 */
export async function recordInterrupted(io: Io, layout: Layout, run: Run): Promise<void> {
  const dir = layout.runDir(run.run_id);
  await guarded(`write ${dir}`, async () => {
    await io.fs.mkdir(dir);
    await bringBackAll(io, dirname(layout.dir), dir);
    await writeRunFile(io, layout, run);
  });
}

/**
 * Records every run whose process died before it ended as `interrupted`. What its `run.json` says comes
 * first: a process that died after writing that it had finished, and before the index knew, did finish.
 *
 * @returns what could not be recorded: such a run is shown as interrupted all the same
 */
export async function settleDeadRuns(index: StoreIndex): Promise<string[]> {
  const rows = index.db.all<{ run_id: string }>("SELECT run_id FROM runs WHERE state = 'running'");
  const warnings: string[] = [];
  for (const { run_id } of rows) {
    if (isHeld(index.layout.runLock(run_id))) continue;
    try {
      await settle(index, run_id);
    } catch (error) {
      if (!(error instanceof UserError) || mustRebuild(error)) throw error;
      warnings.push(messageOf(error));
    }
  }
  return warnings;
}

async function settle(index: StoreIndex, runId: string): Promise<void> {
  const { io, db, layout } = index;
  const reading = await readRunFile(io, layout.runFile(runId), runId);
  // It may have ended between the look at its row and the look at its lock, or another process may
  // have recovered it: then the row says so by now.
  const row = db.get<{ state: string }>("SELECT state FROM runs WHERE run_id = ?", runId);
  if (row?.state !== "running") return;
  if ("run" in reading && reading.run.state !== "running") {
    await indexRun(index, reading.run);
    return;
  }
  const known = new Query(index, () => true).run(runId);
  if (!known) return;
  const interrupted = interruptedRun(await withJournal(io, layout, known));
  await recordInterrupted(io, layout, interrupted);
  // From its folder: the index may hold less of an attempt's events than its file.
  await indexRun(index, interrupted);
}

/**
 * Whether a living process holds the lock file that {@linkcode Fs.tryLock} took. It checks by reading, so that
 * it never takes the lock, needs no write permission, and leaves no file behind.
 */
export function isHeld(lockPath: string): boolean {
  let probe: DatabaseSync;
  try {
    probe = new DatabaseSync(lockPath, { readOnly: true });
  } catch {
    // There is no such file: the run ended, or was killed before it took the lock.
    return false;
  }
  try {
    // The option `timeout: 0` is taken for the default of five seconds.
    probe.exec("PRAGMA busy_timeout = 0");
    probe.prepare("SELECT 1 FROM sqlite_schema").get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    probe.close();
  }
}
