/**
 * Restores what was set aside. It may be interrupted anywhere and repeated: what is on disk decides each step,
 * not what was recorded.
 *
 * @module
 */

import { messageOf, UserError } from "../errors.ts";
import { errorCode, type FileInfo, type Io } from "../io.ts";
import { type Entry, type HookPlaces, type Journal, sessionPlaces } from "./journal.ts";
import { copyName, isLike, isSame, lstatInside, markOf, moveInto, moveOut } from "./move.ts";

/** The outcome for one path that was changed while the user's version was away. */
export interface Collision {
  readonly path: string;
  /**
   * `moved_aside`: the user's version is back, the other is kept at `kept`. `newer`: what was written since stays,
   * and the version that was set aside, if there was any, is kept at `kept`.
   */
  readonly outcome: "moved_aside" | "newer";
  /** Absolute. */
  readonly kept?: string;
}

export interface Restored {
  /** Number of paths that differed from what was tested. */
  readonly paths: number;
  readonly collisions: readonly Collision[];
}

/** What to do with a file that was changed where assay had put one, or written where one had been. */
export interface Policy {
  /** Where to keep it so that the user's version can come back; `undefined`: it is newer, and stays. */
  place(path: string, info: FileInfo): Promise<string | undefined>;
}

/** After a dead run it is unknown who wrote what. */
export const keepNewer: Policy = { place: () => Promise.resolve(undefined) };

/** Restores everything and removes the journal. */
export async function restore(
  io: Io,
  places: HookPlaces,
  journal: Journal,
  policy: Policy = keepNewer,
): Promise<Restored> {
  const restoring = new Restoring(io, places, journal, policy);
  const { entries, emptied, made, top } = journal;
  for (const [index, entry] of entries.entries()) await restoring.clear(index, entry);
  for (const path of made) await restoring.removeFolder(path);
  for (const index of [...emptied.keys()].toReversed()) await restoring.bringFolder(index);
  const failed: string[] = [];
  for (const [index, entry] of entries.entries()) {
    try {
      await restoring.bringBack(index, entry);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      failed.push(`${entry.path}: ${messageOf(error)}`);
    }
  }
  // The journal stays: what is not restored yet is restored next time.
  if (failed.length > 0) throw notRestored(failed);
  await io.fs.sync(top);
  await restoring.end();
  return { paths: entries.length, collisions: restoring.collisions };
}

function notRestored([first, ...more]: readonly string[]): UserError {
  const others = more.length > 0 ? ` (and ${more.length} more)` : "";
  return new UserError(`Cannot put back ${first}${others}; everything else is back`, {
    code: "not_back",
    hint: "nothing is lost: make its folder writable, then run assay hook restore",
  });
}

class Restoring {
  readonly collisions: Collision[] = [];
  readonly #io: Io;
  readonly #places: HookPlaces;
  readonly #journal: Journal;
  readonly #policy: Policy;
  readonly #session: ReturnType<typeof sessionPlaces>;

  constructor(io: Io, places: HookPlaces, journal: Journal, policy: Policy) {
    this.#io = io;
    this.#places = places;
    this.#journal = journal;
    this.#policy = policy;
    this.#session = sessionPlaces(places, journal);
  }

  #at(path: string): string {
    return `${this.#journal.top}/${path}`;
  }

  /** Removes what is in the place of the user's version, if it is assay's or may go. */
  async clear(index: number, entry: Entry): Promise<void> {
    const [aside, trash] = [this.#session.aside(index), this.#session.trash(index)];
    const own = entry.moved ? await this.#io.fs.lstat(aside) : undefined;
    const { session } = this.#journal;
    const { path, mark } = entry;
    // Interrupted copies; their originals still exist.
    for (const place of [aside, trash, this.#at(path)]) {
      await this.#io.fs.removeOne(copyName(place, session));
    }
    if (entry.moved && !own) return;
    if (await this.#io.fs.lstat(trash)) await this.#settle(entry, trash, aside);
    const now = await lstatInside(this.#io, this.#journal.top, path);
    if (!now || now.isDirectory || isSame(own, now)) return;
    // Nothing was put there yet, and there is nothing of the user's to restore.
    if (!mark && !own) return;
    await moveOut(this.#io, this.#at(path), trash, session);
    await this.#settle(entry, trash, aside, now);
  }

  /** Decides on what was taken from a path: it is assay's own, or the same as what is restored, or it is kept. */
  async #settle(
    { path, mark, moved }: Entry,
    trash: string,
    aside: string,
    then?: FileInfo,
  ): Promise<void> {
    const { fs } = this.#io;
    const found = await markOf(this.#io, trash);
    if (isLike(found, mark) || moved && isLike(found, await markOf(this.#io, aside))) {
      return await fs.removeOne(trash);
    }
    const info = then ?? await fs.lstat(trash);
    const kept = info && await this.#policy.place(path, info);
    if (kept !== undefined && await moveInto(this.#io, trash, kept, this.#journal.session)) {
      this.collisions.push({ path, outcome: "moved_aside", kept });
      return;
    }
    // If something was written there in the meantime, this one is kept next to it.
    const isBack = await moveInto(this.#io, trash, this.#at(path), this.#journal.session);
    const copy = isBack ? undefined : await this.#keepNextTo(path, trash);
    if (moved && isBack) return;
    this.collisions.push({ path, outcome: "newer", ...copy ? { kept: copy } : {} });
  }

  /** Removes a folder that assay created, unless it holds something. */
  async removeFolder(path: string): Promise<void> {
    const info = await lstatInside(this.#io, this.#journal.top, path);
    if (!info?.isDirectory) return;
    if ((await this.#io.fs.list(this.#at(path))).length > 0) return;
    await this.#io.fs.removeOne(this.#at(path));
  }

  /** Restores a folder; one that was recreated meanwhile is left. */
  async bringFolder(index: number): Promise<void> {
    const { fs } = this.#io;
    const { path, mode } = this.#journal.emptied[index]!;
    const [kept, place] = [this.#session.folder(index), this.#at(path)];
    const isKept = await fs.lstat(kept) !== undefined;
    const info = await lstatInside(this.#io, this.#journal.top, path);
    if (!info && await this.#hasFolder(path)) {
      if (isKept) return await fs.rename(kept, place);
      await fs.mkdir(place);
      await fs.chmod(place, mode);
    } else if (isKept) await fs.removeOne(kept);
    else if (info?.isDirectory) await fs.chmod(place, mode);
  }

  /** Whether the folder of a path exists. */
  async #hasFolder(path: string): Promise<boolean> {
    const slash = path.lastIndexOf("/");
    const folder = path.slice(0, Math.max(0, slash));
    return slash < 0 ||
      (await lstatInside(this.#io, this.#journal.top, folder))?.isDirectory === true;
  }

  /**
   * Puts the user's version in its place, or next to what is there now. Where it replaces another version, it counts as
   * new: what was built from that one must not look up to date.
   */
  async bringBack(index: number, { path, moved, mark }: Entry): Promise<void> {
    const aside = this.#session.aside(index);
    const own = moved ? await this.#io.fs.lstat(aside) : undefined;
    if (!own) return;
    if (mark && own.isFile) await this.#renew(aside);
    const { session } = this.#journal;
    if (await this.#hasFolder(path) && await moveInto(this.#io, aside, this.#at(path), session)) {
      return;
    }
    const kept = await this.#keepNextTo(path, aside);
    this.collisions.push({ path, outcome: "newer", kept });
  }

  /** Only the owner of a file may set its time; it is restored all the same. */
  async #renew(path: string): Promise<void> {
    try {
      await this.#io.fs.touch(path);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }

  /** Moves a file to an unused name next to its path; returns that. */
  async #keepNextTo(path: string, from: string): Promise<string> {
    const base = await this.#nameNextTo(path);
    for (let number = 1;; number++) {
      const name = `${base}.set-aside${number === 1 ? "" : `-${number}`}`;
      if (await moveInto(this.#io, from, name, this.#journal.session)) return name;
    }
  }

  /** The path in the nearest existing folder. */
  async #nameNextTo(path: string): Promise<string> {
    const parts = path.split("/");
    for (let length = parts.length - 1; length > 0; length--) {
      const folder = parts.slice(0, length).join("/");
      if ((await lstatInside(this.#io, this.#journal.top, folder))?.isDirectory) {
        return this.#at(`${folder}/${parts.slice(length).join("_")}`);
      }
    }
    return this.#at(parts.join("_"));
  }

  /** The journal goes first: from then on nothing is set aside. */
  async end(): Promise<void> {
    const { fs } = this.#io;
    await fs.removeOne(this.#places.journal);
    await fs.sync(this.#places.folder);
    await sweep(this.#io, this.#places, this.#journal.session);
  }
}

/**
 * Removes the folder of a session that is over. What may be the user's is only removed as an empty folder:
 * an error is thrown where it is not.
 */
export async function sweep(io: Io, places: HookPlaces, session: string): Promise<void> {
  const { own, puts, asides, trashes, folders } = sessionPlaces(places, { session });
  await io.fs.remove(puts);
  for (const folder of [trashes, asides, folders, own]) await io.fs.removeOne(folder);
}
