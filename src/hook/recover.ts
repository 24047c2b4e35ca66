/** Puts back what a hook run that died left set aside. */

import { errorCode, type Io } from "../io.ts";
import { readJournal } from "./journal.ts";
import type { HookPlaces } from "./repository.ts";
import { restore, type Restored, sweep } from "./restore.ts";

/** What came of looking. */
export type Recovery =
  | { readonly state: "nothing" }
  /** A hook run is at work. */
  | { readonly state: "busy" }
  | { readonly state: "restored"; readonly restored: Restored; readonly top: string };

/** Takes the lock of the working tree's hook runs; `undefined`: one is at work. */
export async function takeHookLock(io: Io, { folder, lock }: HookPlaces) {
  await io.fs.mkdir(folder);
  return await io.fs.tryLock(lock);
}

/**
 * Puts back what a dead hook run left.
 *
 * @param top the working tree as it lies now: it may have been moved or copied since
 * @param before done first, when there is something: what the dead run started may still be writing
 */
export async function recover(
  io: Io,
  places: HookPlaces,
  top?: string,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<Recovery> {
  const lock = await takeHookLock(io, places);
  if (!lock) return { state: "busy" };
  try {
    return await recoverLocked(io, places, top, before);
  } finally {
    lock.release();
  }
}

/** The same for the holder of the lock. */
export async function recoverLocked(
  io: Io,
  places: HookPlaces,
  top?: string,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<Recovery> {
  const kept = await readJournal(io, places);
  if (!kept) {
    await sweepAll(io, places);
    return { state: "nothing" };
  }
  await before();
  const journal = { ...kept, ...top === undefined ? {} : { top } };
  const restored = await restore(io, places, journal);
  return { state: "restored", restored, top: journal.top };
}

/** Where the objects of a tree are made. */
export const scratchName = "objects";

/** Removes what is left of sessions that ended between two steps of their end or before their beginning. */
async function sweepAll(io: Io, places: HookPlaces): Promise<void> {
  for (const { name, isDirectory } of await io.fs.list(places.folder)) {
    if (!isDirectory || name === scratchName) continue;
    try {
      await sweep(io, places, name);
    } catch (error) {
      // No journal says what it is: then it is not for assay to remove.
      if (errorCode(error) !== "ENOTEMPTY") throw error;
    }
  }
}
