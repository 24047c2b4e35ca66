/** Finds what a hook run set aside. Every verb looks, so this is small and asks nobody. */

import { dirname, join, resolve } from "@std/path";
import type { Io } from "../io.ts";
import { type HookPlaces, hookPlaces } from "./places.ts";

/** A journal that was found. */
export interface Pending {
  readonly places: HookPlaces;
  /** The working tree it is of, as it lies now; absent: where the journal says. */
  readonly top?: string;
}

/** The journal of the working tree around `start`; git is not asked, for every verb looks. */
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

/** Whether the repository itself says where its working tree is: `core.worktree`. */
async function namesWorkTree(io: Io, gitDir: string): Promise<boolean> {
  const config = join(gitDir, "config");
  return (await io.fs.stat(config))?.isFile === true &&
    /^\s*worktree\s*=/m.test(await io.fs.readText(config));
}

/** The git folder of the working tree a folder lies in: `.git` itself, or what the file of that name says. */
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
