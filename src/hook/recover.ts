/** Finds what a hook run that died left set aside, and puts it back. */

import { dirname, join, resolve } from "@std/path";
import { errorCode, type FileLock, type Io } from "../io.ts";
import { type HookPlaces, hookPlaces, readJournal } from "./journal.ts";
import { restore, type Restored, sweep } from "./restore.ts";

/** What came of looking. */
export type Recovery =
  | { readonly state: "nothing" }
  /** A hook run is at work. */
  | { readonly state: "busy" }
  | { readonly state: "restored"; readonly restored: Restored; readonly top: string };

/** Where there is a journal of the working tree around `start`; git is not asked, for every verb looks. */
export async function pendingJournal(io: Io, start: string): Promise<HookPlaces | undefined> {
  const named = io.env("GIT_DIR");
  for (const gitDir of [named && resolve(io.cwd, named), await gitDirAbove(io, start)]) {
    if (!gitDir) continue;
    const places = hookPlaces(gitDir);
    if (await io.fs.lstat(places.journal)) return places;
  }
  return undefined;
}

/** The git folder of the working tree a folder lies in: `.git` itself, or what the file of that name says. */
async function gitDirAbove(io: Io, start: string): Promise<string | undefined> {
  for (let folder = start;; folder = dirname(folder)) {
    const git = join(folder, ".git");
    const info = await io.fs.stat(git);
    if (info?.isDirectory) return git;
    if (info?.isFile) {
      const [, path] = /^gitdir: (.+?)\r?\n?$/.exec(await io.fs.readText(git)) ?? [];
      return path && resolve(folder, path);
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** Takes the lock of the working tree's hook runs; `undefined`: one is at work. */
export async function takeHookLock(io: Io, { folder, lock }: HookPlaces) {
  await io.fs.mkdir(folder);
  return await io.fs.tryLock(lock);
}

/**
 * Puts back what a dead hook run left.
 *
 * @param before done first, when there is something: what the dead run started may still be writing
 */
export async function recover(
  io: Io,
  places: HookPlaces,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<Recovery> {
  const lock = await takeHookLock(io, places);
  if (!lock) return { state: "busy" };
  try {
    return await recoverLocked(io, places, lock, before);
  } finally {
    lock.release();
  }
}

/** The same for the holder of the lock. */
export async function recoverLocked(
  io: Io,
  places: HookPlaces,
  _lock: FileLock,
  before: () => Promise<void>,
): Promise<Recovery> {
  const journal = await readJournal(io, places);
  if (!journal) {
    await sweepAll(io, places);
    return { state: "nothing" };
  }
  await before();
  const restored = await restore(io, places, journal);
  return { state: "restored", restored, top: journal.top };
}

/** Removes what is left of sessions that ended between two steps of their end or before their beginning. */
async function sweepAll(io: Io, places: HookPlaces): Promise<void> {
  for (const { name, isDirectory } of await io.fs.list(places.folder)) {
    if (!isDirectory) continue;
    try {
      await sweep(io, places, name);
    } catch (error) {
      // No journal says what it is: then it is not for assay to remove.
      if (errorCode(error) !== "ENOTEMPTY") throw error;
    }
  }
}
