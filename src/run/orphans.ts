/** Ends what a dead run left running, before its leftovers write into the next run's evidence. */

import { join } from "@std/path";
import type { Io } from "../io.ts";
import { filesFolder } from "../store/aside.ts";
import type { Store } from "../store/types.ts";
import { plural } from "../text/words.ts";
import { temporaryFolder } from "./places.ts";
import { killStragglers } from "../process/stop.ts";

/** Kills the newest run's processes if that run died, and removes their temporary folders. Returns a warning if any. */
export async function endOrphans(io: Io, store: Store): Promise<string[]> {
  const last = store.latestRun();
  if (last?.state !== "interrupted") return [];
  let killed = 0;
  for (const { state, attempt_id } of last.attempts) {
    if (state !== "interrupted") continue;
    killed += await killStragglers(io, attempt_id);
    const folder = temporaryFolder(io, attempt_id);
    if (await io.fs.lstat(folder)) await io.fs.remove(folder);
    await io.fs.remove(filesFolder(join(last.root, ".assay", "runs", last.run_id), attempt_id));
  }
  if (killed === 0) return [];
  return [
    `stopped ${
      plural(killed, "process", "processes")
    } left running by the interrupted run ${last.run_id}`,
  ];
}
