/**
 * The journal of what a hook run sets aside: written before anything is touched, gone when everything is back.
 * It is in the working tree's git folder, next to the files themselves.
 *
 * @module
 */

import { messageOf, UserError } from "../errors.ts";
import { type Io, isNotFound } from "../io.ts";
import { dirname, join, resolve } from "@std/path";

export interface HookPlaces {
  readonly folder: string;
  readonly journal: string;
  /** Held by a hook run for as long as it lives. */
  readonly lock: string;
}

export function hookPlaces(gitDir: string): HookPlaces {
  const folder = join(gitDir, "assay", "hook");
  return { folder, journal: join(folder, "journal.json"), lock: join(folder, "lock") };
}

export function sessionPlaces({ folder }: HookPlaces, { session }: { readonly session: string }) {
  const own = join(folder, session);
  const [asides, trashes, folders] = ["aside", "trash", "folders"].map((name) =>
    join(own, name)
  ) as [string, string, string];
  return {
    own,
    folders,
    /** A folder that held nothing else. */
    folder: (index: number) => join(folders, String(index)),
    asides,
    /** The user's version of an entry. */
    aside: (index: number) => join(asides, String(index)),
    trashes,
    /** What was taken from an entry's path and is still to be checked. */
    trash: (index: number) => join(trashes, String(index)),
    /** The index's content is here, by path. */
    puts: join(own, "put"),
  };
}

/** Name of the folder next to the journal where the objects of a tree are created. */
export const scratchName = "objects";

/** What identifies a file of assay. */
export interface Mark {
  readonly kind: "file" | "link";
  /** Of the content, or of the link's target. */
  readonly sha256: string;
  readonly executable: boolean;
}

/** One path whose user's version differs from what is tested. Its number is its index in the list. */
export interface Entry {
  /** Relative to the top. */
  readonly path: string;
  /** The user's version is moved away, to `aside/NUMBER`. */
  readonly moved: boolean;
  /** The index's version is put in its place. */
  readonly put: boolean;
  /** What was put; absent until known, which is before it is put. */
  readonly mark?: Mark;
}

/** A folder that only holds what is moved away. */
export interface Emptied {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
}

/** What is set aside. Each part records what may be, not what is: restoring everything is right at any time. */
export interface Journal {
  readonly schema: "assay.hook-journal/1";
  readonly top: string;
  readonly hook: string;
  readonly started_at: string;
  /** Name of the folder next to the journal that holds the files. */
  readonly session: string;
  readonly entries: readonly Entry[];
  /** Removed; the deepest first. */
  readonly emptied: readonly Emptied[];
  /** Folders created for what is put, the deepest first. */
  readonly made: readonly string[];
}

/** Writes it; it is on disk when this returns. */
export async function writeJournal(
  io: Io,
  { journal: path, folder }: HookPlaces,
  journal: Journal,
): Promise<void> {
  const fresh = `${path}.new`;
  await io.fs.writeText(fresh, JSON.stringify(journal));
  await io.fs.sync(fresh);
  await io.fs.rename(fresh, path);
  await io.fs.sync(folder);
}

/** Reads it; `undefined`: nothing is set aside. */
export async function readJournal(io: Io, places: HookPlaces): Promise<Journal | undefined> {
  let text: string;
  try {
    text = await io.fs.readText(places.journal);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  try {
    const journal = JSON.parse(text) as Journal;
    if (journal.schema === "assay.hook-journal/1") return journal;
    throw new Error(`its schema is ${JSON.stringify(journal.schema)}`);
  } catch (error) {
    throw new UserError(`Cannot read ${places.journal}: ${messageOf(error)}`, {
      code: "journal_unreadable",
      hint: `what was set aside is in ${places.folder}: move it back by hand, ` +
        "then remove the journal",
    });
  }
}

export interface Pending {
  readonly places: HookPlaces;
  /** Its working tree's current path; absent: the one in the journal. */
  readonly top?: string;
}

/** The journal of the working tree around `start`. Every verb looks for it, so git is not called. */
export async function pendingJournal(io: Io, start: string): Promise<Pending | undefined> {
  const named = io.env("GIT_DIR");
  const found = await gitDirAbove(io, start);
  for (const { gitDir, top } of [...named ? [{ gitDir: resolve(io.cwd, named) }] : [], found]) {
    if (!gitDir) continue;
    const places = hookPlaces(gitDir);
    if (!await io.fs.lstat(places.journal)) continue;
    return { places, ...top && !await namesWorkTree(io, gitDir) ? { top } : {} };
  }
  return undefined;
}

/** Whether the repository's configuration names its working tree: `core.worktree`. */
async function namesWorkTree(io: Io, gitDir: string): Promise<boolean> {
  const config = join(gitDir, "config");
  return (await io.fs.stat(config))?.isFile === true &&
    /^\s*worktree\s*=/m.test(await io.fs.readText(config));
}

/** The git folder of the working tree around a folder: `.git` itself, or what the file of that name says. */
async function gitDirAbove(
  io: Io,
  start: string,
): Promise<{ readonly gitDir?: string; readonly top?: string }> {
  for (let folder = start;; folder = dirname(folder)) {
    const git = join(folder, ".git");
    const info = await io.fs.stat(git);
    if (info?.isDirectory) return { gitDir: git, top: folder };
    if (info?.isFile) {
      const [, path] = /^gitdir: (.+?)\r?\n?$/.exec(await io.fs.readText(git)) ?? [];
      return path ? { gitDir: resolve(folder, path), top: folder } : {};
    }
    if (dirname(folder) === folder) return {};
  }
}
