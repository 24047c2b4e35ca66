/** Ends what dead runs left running, before their leftovers write into the next run's evidence. */

import { type Io, isNotFound } from "../io.ts";
import { layoutOf } from "../store/_layout.ts";
import { filesFolder } from "../store/aside.ts";
import { isHeld } from "../store/recover.ts";
import type { Store } from "../store/types.ts";
import { plural } from "../text/words.ts";
import { temporaryFolder } from "./places.ts";
import { killStragglers } from "../process/stop.ts";

/**
 * Kills the processes of runs that died and removes their temporary folders. The lock of such a run is there until
 * that is done: whoever records that it was interrupted leaves it. Returns warnings.
 */
export async function endOrphans(io: Io, root: string, store: Store): Promise<string[]> {
  const { locks, runDir, runLock } = layoutOf(root);
  const warnings: string[] = [];
  for (const runId of await lockedRuns(io, locks)) {
    if (isHeld(runLock(runId))) continue;
    let killed = 0;
    const run = store.run(runId);
    // The original of a copied folder may be running: its processes are not ours.
    const own = run?.root === root ? run.attempts : [];
    for (const { state, attempt_id } of own) {
      if (state !== "interrupted") continue;
      killed += await killStragglers(io, attempt_id);
      const folder = temporaryFolder(io, attempt_id);
      if (await io.fs.lstat(folder)) await io.fs.remove(folder);
      await io.fs.remove(filesFolder(runDir(runId), attempt_id));
    }
    for (const ending of ["", "-journal"]) await io.fs.remove(runLock(runId) + ending);
    if (killed === 0) continue;
    const processes = plural(killed, "process", "processes");
    warnings.push(`stopped ${processes} left running by the interrupted run ${runId}`);
  }
  return warnings;
}

/** Runs that have a lock: those that are running, and those that died. */
async function lockedRuns(io: Io, locks: string): Promise<string[]> {
  try {
    const names = (await io.fs.list(locks)).map(({ name }) => /^run-(\w+)\.lock$/.exec(name)?.[1]);
    return names.filter((runId) => runId !== undefined);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}
