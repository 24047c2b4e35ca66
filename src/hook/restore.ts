/**
 * Puts back what was set aside. It may be broken off anywhere and done again: what is there decides on each step,
 * not what was noted of it.
 *
 * @module
 */

import { messageOf, UserError } from "../errors.ts";
import { errorCode, type FileInfo, type Io } from "../io.ts";
import { type Entry, type HookPlaces, type Journal, sessionPlaces } from "./journal.ts";
import { copyName, isLike, isSame, lstatInside, markOf, moveInto, takeAway } from "./move.ts";

/** What became of one path that was changed while the user's version was away. */
export interface Collision {
  readonly path: string;
  /**
   * `gave_way`: the user's version is back, the other is kept at `kept`. `newer`: what was written since stays,
   * and the version that was set aside, if there was any, is kept at `kept`.
   */
  readonly outcome: "gave_way" | "newer";
  /** Absolute. */
  readonly kept?: string;
}

export interface Restored {
  /** How many paths differed from what was tested. */
  readonly paths: number;
  readonly collisions: readonly Collision[];
}

/** What is to become of a file that somebody changed where assay had put one, or wrote where one had been. */
export interface Policy {
  /** Where to keep it so that the user's version can come back; `undefined`: it is newer, and stays. */
  place(path: string, info: FileInfo): Promise<string | undefined>;
}

/** After a run that died it is not known who wrote what. */
export const newerStays: Policy = { place: () => Promise.resolve(undefined) };

/** Puts everything back and removes the journal. */
export async function restore(
  io: Io,
  places: HookPlaces,
  journal: Journal,
  policy: Policy = newerStays,
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
  // The journal stays: what is not back yet comes back the next time.
  if (failed.length > 0) throw notBack(failed);
  await io.fs.sync(top);
  await restoring.end();
  return { paths: entries.length, collisions: restoring.collisions };
}

function notBack([first, ...more]: readonly string[]): UserError {
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

  /** Takes away what stands in the place of the user's version, if it is assay's or may go. */
  async clear(index: number, entry: Entry): Promise<void> {
    const [aside, trash] = [this.#session.aside(index), this.#session.trash(index)];
    const own = entry.moved ? await this.#io.fs.lstat(aside) : undefined;
    const { session } = this.#journal;
    const { path, mark } = entry;
    // Copies that were broken off; what they were made from is still there.
    for (const place of [aside, trash, this.#at(path)]) {
      await this.#io.fs.removeOne(copyName(place, session));
    }
    if (entry.moved && !own) return;
    if (await this.#io.fs.lstat(trash)) await this.#settle(entry, trash, aside);
    const now = await lstatInside(this.#io, this.#journal.top, path);
    if (!now || now.isDirectory || isSame(own, now)) return;
    // Nothing was put there yet, and nothing of the user's is to come back.
    if (!mark && !own) return;
    await takeAway(this.#io, this.#at(path), trash, session);
    await this.#settle(entry, trash, aside, now);
  }

  /** Decides on what was taken from a path: it is assay's own or the same as what comes back, or it is kept. */
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
      this.collisions.push({ path, outcome: "gave_way", kept });
      return;
    }
    // Should somebody have written there in the meantime, this one is kept beside it.
    const isBack = await moveInto(this.#io, trash, this.#at(path), this.#journal.session);
    const beside = isBack ? undefined : await this.#keepBeside(path, trash);
    if (moved && isBack) return;
    this.collisions.push({ path, outcome: "newer", ...beside ? { kept: beside } : {} });
  }

  /** Takes away a folder that was made, unless somebody keeps something in it. */
  async removeFolder(path: string): Promise<void> {
    const info = await lstatInside(this.#io, this.#journal.top, path);
    if (!info?.isDirectory) return;
    if ((await this.#io.fs.list(this.#at(path))).length > 0) return;
    await this.#io.fs.removeOne(this.#at(path));
  }

  /** Puts a folder back; one that was made again meanwhile is left. */
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

  /** Whether the folder that a path lies in is there. */
  async #hasFolder(path: string): Promise<boolean> {
    const slash = path.lastIndexOf("/");
    const folder = path.slice(0, Math.max(0, slash));
    return slash < 0 ||
      (await lstatInside(this.#io, this.#journal.top, folder))?.isDirectory === true;
  }

  /**
   * Puts the user's version in its place, or beside what is there now. Where another version stood, it is new
   * again: what was built from that one must not look up to date.
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
    const kept = await this.#keepBeside(path, aside);
    this.collisions.push({ path, outcome: "newer", kept });
  }

  /** Only the owner of a file may set its time; it comes back all the same. */
  async #renew(path: string): Promise<void> {
    try {
      await this.#io.fs.touch(path);
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }

  /** Moves a file to a name beside its path that nobody has; returns it. */
  async #keepBeside(path: string, from: string): Promise<string> {
    const base = await this.#beside(path);
    for (let number = 1;; number++) {
      const name = `${base}.set-aside${number === 1 ? "" : `-${number}`}`;
      if (await moveInto(this.#io, from, name, this.#journal.session)) return name;
    }
  }

  /** The path in the nearest folder that is there. */
  async #beside(path: string): Promise<string> {
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
 * Removes the folder of a session that is over. What may be of the user's is removed only as an empty folder:
 * an error is thrown where it is not.
 */
export async function sweep(io: Io, places: HookPlaces, session: string): Promise<void> {
  const { own, puts, asides, trashes, folders } = sessionPlaces(places, { session });
  await io.fs.remove(puts);
  for (const folder of [trashes, asides, folders, own]) await io.fs.removeOne(folder);
}
