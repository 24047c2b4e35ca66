/** Puts back what a hook run that died left set aside, before a verb looks at the project. */

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
 * Puts back what a dead hook run left.
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

/** What the dead run started may still be writing. Its record is in the store, which need not be there. */
async function endLeft(io: Io, root: string): Promise<void> {
  if (!await io.fs.stat(`${root}/.assay/assay.db`)) return;
  try {
    const store = await openStore(io, root, { readOnly: true });
    try {
      await endOrphans(io, store);
    } finally {
      store.close();
    }
  } catch (error) {
    // Whoever needs the store says that it cannot be opened: the user's files come first.
    if (!(error instanceof UserError)) throw error;
  }
}

/**
 * Puts it back for a verb that works on the project, and says so on standard error.
 *
 * @throws {UserError} when somebody wrote in the same places since: both versions are there then, to be looked at
 */
export async function recoverFirst(
  io: Io,
  pending: Pending,
  root: string,
  isQuiet: boolean,
): Promise<Recovery> {
  const recovery = await recover(io, pending, root);
  // What runs inside the hook looks at what is tested; for all others the tree is not theirs at the moment.
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
  if (outcome === "gave_way") {
    return `${path} was changed while the commands ran: your version is back, the other is ${shown}`;
  }
  return shown === undefined
    ? `${path} was written while it was set aside: it stays`
    : `${path} was written while your version was set aside: it stays, your version is ${shown}`;
}
