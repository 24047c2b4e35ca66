/** What a hook run that died set aside comes back before a verb looks at the project. */

import { UserError } from "../errors.ts";
import { pendingJournal } from "../hook/journal.ts";
import type { Recovery } from "../hook/recover.ts";
import type { Collision, Restored } from "../hook/restore.ts";
import type { Io } from "../io.ts";
import { plural } from "../text/words.ts";
import type { Call } from "./types.ts";

/**
 * Puts it back, and says so on standard error.
 *
 * @throws {UserError} when somebody wrote in the same places since: both versions are there then, to be looked at
 */
export async function recoverFirst(
  { io, verb, json }: Pick<Call, "io" | "verb" | "json">,
  root: string,
): Promise<Recovery> {
  const pending = verb.needs.includes("run") ? await pendingJournal(io, root) : undefined;
  if (!pending) return { state: "nothing" };
  const { recover } = await import("../hook/recover.ts");
  const recovery = await recover(io, pending.places, pending.top, () => endLeft(io, root));
  // What runs inside of the hook looks at what is tested; for all others the tree is not theirs at the moment.
  if (recovery.state === "busy" && io.env("ASSAY") === undefined) throw busy();
  if (recovery.state !== "restored") return recovery;
  if (!json) io.stderr.write(`assay: ${backText(recovery.restored)}\n`);
  refuseCollisions(recovery.restored.collisions, recovery.top);
  return recovery;
}

function busy(): UserError {
  return new UserError(
    "A hook run is at work here: what is on disk is what it tests, not all of yours",
    {
      code: "hook_busy",
      hint: "wait until it has ended, then do it again",
    },
  );
}

/** What the dead run started may still be writing. Its record is of the store, which need not be there. */
export async function endLeft(io: Io, root: string): Promise<void> {
  if (!await io.fs.stat(`${root}/.assay/assay.db`)) return;
  const { openStore } = await import("../store/mod.ts");
  const { endOrphans } = await import("../run/orphans.ts");
  try {
    const store = await openStore(io, root, { readOnly: true });
    try {
      await endOrphans(io, store);
    } finally {
      store.close();
    }
  } catch (error) {
    // A store that cannot be opened is told of by whoever needs it: the user's files come first.
    if (!(error instanceof UserError)) throw error;
  }
}

/** How much is back. */
export function backText({ paths }: Pick<Restored, "paths">): string {
  return `what a hook run that ended too early had set aside is back (${plural(paths, "path")})`;
}

/** Ends the verb when something was written that is newer than what was set aside. */
export function refuseCollisions(collisions: readonly Collision[], top: string): void {
  const newer = collisions.filter(({ outcome }) => outcome === "newer");
  if (newer.length === 0) return;
  throw new UserError(newer.map((each) => collisionText(each, top)).join("\n"), {
    code: "set_aside_conflict",
    hint: "nothing is lost: compare the two versions, keep what you want, then go on",
  });
}

/** What became of one path, in a sentence. */
export function collisionText({ path, outcome, kept }: Collision, top: string): string {
  const shown = kept?.startsWith(`${top}/`) ? kept.slice(top.length + 1) : kept;
  if (outcome === "gave_way") {
    return `${path} was changed while the commands ran: yours is back, the other version is ${shown}`;
  }
  return shown === undefined
    ? `${path} was written while it was to be gone: it stays`
    : `${path} was written while yours was set aside: it stays, yours is ${shown}`;
}
