/** Restores what a dead hook run had set aside, before a verb looks at the project. */

import { UserError } from "../errors.ts";
import { errorCode, type Io } from "../io.ts";
import { endOrphans } from "../run/orphans.ts";
import { openStore } from "../store/mod.ts";
import { plural } from "../text/words.ts";
import { type HookPlaces, type Pending, readJournal, scratchName } from "./journal.ts";
import { type Collision, restore, type Restored, sweep } from "./restore.ts";

export type Recovery =
  | { readonly state: "nothing" }
  /** A hook run is active. */
  | { readonly state: "busy" }
  | { readonly state: "restored"; readonly restored: Restored; readonly top: string };

/** Takes the lock of the working tree's hook runs; `undefined`: one is active. */
export async function takeHookLock(io: Io, { folder, lock }: HookPlaces) {
  await io.fs.mkdir(folder);
  return await io.fs.tryLock(lock);
}

/**
 * Restores what a dead hook run had set aside.
 *
 * @param root of the project whose commands the dead run may have left running
 */
export async function recover(
  io: Io,
  pending: Pending,
  root?: string,
): Promise<Recovery> {
  const lock = await takeHookLock(io, pending.places);
  if (!lock) return { state: "busy" };
  try {
    return await recoverLocked(io, pending, root);
  } finally {
    lock.release();
  }
}

/** The same for the holder of the lock. */
export async function recoverLocked(
  io: Io,
  { places, top }: Pending,
  root?: string,
): Promise<Recovery> {
  const kept = await readJournal(io, places);
  if (!kept) {
    await sweepAll(io, places);
    return { state: "nothing" };
  }
  if (root !== undefined) await endLeft(io, root);
  const journal = { ...kept, ...top === undefined ? {} : { top } };
  const restored = await restore(io, places, journal);
  return { state: "restored", restored, top: journal.top };
}

/** Removes leftovers of sessions that were interrupted while starting or ending. */
async function sweepAll(io: Io, places: HookPlaces): Promise<void> {
  for (const { name, isDirectory } of await io.fs.list(places.folder)) {
    if (!isDirectory || name === scratchName) continue;
    try {
      await sweep(io, places, name);
    } catch (error) {
      // No journal says what it is, so assay must not remove it.
      if (errorCode(error) !== "ENOTEMPTY") throw error;
    }
  }
}

/** What the dead run started may still be writing. Its record is in the store, which may not exist. */
async function endLeft(io: Io, root: string): Promise<void> {
  if (!await io.fs.stat(`${root}/.assay/assay.db`)) return;
  try {
    const store = await openStore(io, root, { readOnly: true });
    try {
      await endOrphans(io, root, store);
    } finally {
      store.close();
    }
  } catch (error) {
    // Verbs that need the store report that it cannot be opened: the user's files come first.
    if (!(error instanceof UserError)) throw error;
  }
}

/**
 * Restores it for a verb that works on the project, with a message on standard error.
 *
 * @throws {UserError} when the same paths were written since: then both versions are kept, to be looked at
 */
export async function recoverFirst(
  io: Io,
  pending: Pending,
  root: string,
  isQuiet: boolean,
): Promise<Recovery> {
  const recovery = await recover(io, pending, root);
  // Inside the hook, verbs see what is tested; all others must wait: the tree is in use.
  if (recovery.state === "busy" && io.env("ASSAY") === undefined) {
    throw new UserError(
      "A hook run is active here: the working tree holds what it tests, not all of your files",
      { code: "hook_busy", hint: "wait until it has ended, then try again" },
    );
  }
  if (recovery.state !== "restored") return recovery;
  if (!isQuiet) io.stderr.write(`assay: ${backText(recovery.restored)}\n`);
  refuseCollisions(recovery.restored.collisions, recovery.top);
  return recovery;
}

export function backText({ paths }: Pick<Restored, "paths">): string {
  return `restored ${plural(paths, "path")} that an interrupted hook run had set aside`;
}

/** Ends the verb when something newer than what was set aside was written. */
export function refuseCollisions(collisions: readonly Collision[], top: string): void {
  const newer = collisions.filter(({ outcome }) => outcome === "newer");
  if (newer.length === 0) return;
  throw new UserError(newer.map((each) => collisionText(each, top)).join("\n"), {
    code: "set_aside_conflict",
    hint: "nothing is lost: compare the two versions and keep what you want",
  });
}

export function collisionText({ path, outcome, kept }: Collision, top: string): string {
  const shown = kept?.startsWith(`${top}/`) ? kept.slice(top.length + 1) : kept;
  if (outcome === "moved_aside") {
    return `${path} was changed while the commands ran: your version is back, the other is ${shown}`;
  }
  return shown === undefined
    ? `${path} was written while it was set aside: it stays`
    : `${path} was written while your version was set aside: it stays, your version is ${shown}`;
}
