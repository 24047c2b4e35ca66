/** Finds what a hook run set aside. Every verb looks, so this is small and asks nobody. */

import { dirname, join, resolve } from "@std/path";
import type { Io } from "../io.ts";
import { type HookPlaces, hookPlaces } from "./places.ts";

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
