/** Named locks: commands that share one never run at the same time, in this run or another. */

import { join } from "@std/path";
import type { FileLock, Io } from "../io.ts";

const pollMs = 50;

/** Waits for the lock; `undefined` when it was not free within `timeoutMs`. */
export async function takeLock(
  io: Io,
  root: string,
  name: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<FileLock | undefined> {
  const dir = join(root, ".assay", "locks");
  await io.fs.mkdir(dir);
  const path = join(dir, `${encodeURIComponent(name)}.lock`);
  const deadline = io.monotonic() + timeoutMs;
  for (;;) {
    const lock = await io.fs.tryLock(path);
    if (lock || io.monotonic() >= deadline || signal.aborted) return lock;
    // A cancelled wait ends it: the loop sees the signal.
    await io.sleep(pollMs, signal).catch(() => {});
  }
}
