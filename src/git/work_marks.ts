/** Finds which existing files changed while commands ran; new files do not count. */

import { relative } from "@std/path";
import type { FileInfo, Io } from "../io.ts";
import { gitIn, type GitMode, readStatus, statusArguments, type WorkStatus } from "./git.ts";

/** The files that differ from the commit, as they were when they were looked at. */
export interface WorkMarks {
  /** Of the working tree, an absolute path. */
  readonly top: string;
  /** Size, times and inode by the path from the top; a file that is gone has an empty mark. */
  readonly tracked: ReadonlyMap<string, string>;
  readonly untracked: ReadonlyMap<string, string>;
  /** Variables that name git's repository and index; absent: those found from the root. */
  readonly env?: Readonly<Record<string, string>>;
  /** The mode in which git was started. */
  readonly mode?: GitMode;
}

/**
 * When a file was last changed, in milliseconds since 1970. The runtime gives the inode's time in whole seconds:
 * the file's own time is taken unless it was set to another.
 */
export function changeTime({ mtimeMs, ctimeMs }: FileInfo): number | null {
  if (ctimeMs === null || mtimeMs === null) return mtimeMs;
  const second = Math.floor(ctimeMs / 1000);
  return Math.floor(mtimeMs / 1000) === second ? mtimeMs : second * 1000 + 999;
}

/** Records the state of each file that differs from the commit. */
export async function markWork(
  io: Io,
  top: string,
  { tracked, untracked }: Pick<WorkStatus, "tracked" | "untracked">,
): Promise<WorkMarks> {
  const marksOf = async (paths: readonly string[]) =>
    new Map(
      await Promise.all(paths.map(async (path) => [path, await markOf(io, top, path)] as const)),
    );
  return { top, tracked: await marksOf(tracked), untracked: await marksOf(untracked) };
}

async function markOf(io: Io, top: string, path: string): Promise<string> {
  const info = await io.fs.lstat(`${top}/${path}`);
  return info ? [info.size, info.mtimeMs, info.ctimeMs, info.ino].join(" ") : "";
}

/**
 * The files that were changed, removed or put back since `before`, relative to the root and sorted. New
 * files do not count: caches and reports appear while commands run. `written`: as for lineage.
 *
 * @returns `undefined` when git can no longer tell: a command may have removed its folder
 */
export async function changedSince(
  io: Io,
  root: string,
  before: WorkMarks,
  written: readonly string[],
  mode = before.mode,
): Promise<string[] | undefined> {
  const { code, stdout } = await gitIn(io, root, mode)(statusArguments, before.env);
  if (code !== 0) return undefined;
  const now = await markWork(io, before.top, readStatus(stdout));
  const changed = new Set<string>();
  for (const [path, mark] of now.tracked) {
    // A file that was untracked and is tracked now was added, which changes nothing on disk.
    if ((before.tracked.get(path) ?? before.untracked.get(path)) !== mark) changed.add(path);
  }
  for (const [path, mark] of [...before.tracked, ...before.untracked]) {
    if (mark !== await markOf(io, before.top, path)) changed.add(path);
  }
  const patterns = written.map(patternOf);
  return [...changed]
    .map((path) => relative(root, `${before.top}/${path}`))
    .filter((path) => !patterns.some((pattern) => pattern.test(path)))
    .toSorted();
}

function patternOf(written: string): RegExp {
  const parts = written.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`);
}
