/** Finds which existing files changed while commands ran; new files do not count. */

import { relative } from "@std/path";
import { guarded } from "../failure.ts";
import type { FileInfo, Io } from "../io.ts";
import { ulid } from "../ulid.ts";
import { gitIn, type GitMode } from "./git.ts";
import { changedFrom } from "./index_file.ts";
import { joined } from "./tree_id.ts";
import type { PrivateIndex } from "./private_index.ts";

/** The files as they were when they were looked at. */
export interface WorkMarks {
  /** Of the working tree, an absolute path. */
  readonly top: string;
  /**
   * A git index that knows each of them, by the times, inode and size at which its content was seen. It is held in
   * memory, where no command reaches it.
   */
  readonly index: Uint8Array;
  readonly hashBytes: number;
  /** As in {@linkcode PrivateIndex}. */
  readonly second: number;
  /** Tracked files that were missing. */
  readonly gone: readonly string[];
  /** Variables that name git's repository; absent: the one found from the root. */
  readonly env?: Readonly<Record<string, string>>;
  /** The mode in which git was started. */
  readonly mode?: GitMode;
  /** Those of submodules. */
  readonly within?: readonly WorkMarks[];
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

/** Records the state that a private index knows. */
export async function markWork(
  io: Io,
  top: string,
  { file, hashBytes, second }: Pick<PrivateIndex, "file" | "hashBytes" | "second">,
  gone: readonly string[],
): Promise<WorkMarks> {
  const index = await io.fs.stat(file) ? await io.fs.readBytes(file) : new Uint8Array();
  return { top, index, hashBytes, second, gone };
}

/**
 * The files that were changed or removed since `before`, also those that are as they were again, relative to the root
 * and sorted. New files do not count: caches and reports appear while commands run. `written`: as for lineage.
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
  const scratch = `${root}/.assay/tmp/marks-${ulid(io)}`;
  try {
    await guarded(`create ${scratch}`, () => io.fs.mkdir(scratch));
    const changed = await changedIn(io, before, scratch, mode);
    const patterns = written.map(patternOf);
    return changed?.map((path) => relative(root, path))
      .filter((path) => !patterns.some((pattern) => pattern.test(path)))
      .toSorted();
  } finally {
    await io.fs.remove(scratch);
  }
}

/** The absolute paths. */
async function changedIn(
  io: Io,
  { top, index, hashBytes, second, gone, env = {}, within = [], mode: own }: WorkMarks,
  scratch: string,
  mode = own,
): Promise<string[] | undefined> {
  const git = gitIn(io, top, mode);
  const file = `${scratch}/index`;
  await io.fs.writeAtomic(file, index);
  // The file is younger than all it names, so git goes by times alone and compares no content.
  const { code, stdout } = await git(
    ["diff-files", "--name-only", "--ignore-submodules=all", "--no-renames", "-z"],
    { ...env, GIT_INDEX_FILE: file },
  );
  if (code !== 0) return undefined;
  const changed = new Set(stdout.split("\0").slice(0, -1));
  const young = changedFrom(index, hashBytes, second)
    .filter(({ path }) => !changed.has(decoder.decode(path)));
  if (young.length > 0) {
    // Not every git compares more than seconds, but each writes down all it is given.
    const fresh = `${scratch}/young`;
    const nul = new Uint8Array(1);
    const names = joined(young.flatMap(({ path }) => [path, nul]));
    const { code } = await git(
      ["update-index", "--info-only", "--add", "--remove", "-z", "--stdin"],
      { ...env, GIT_INDEX_FILE: fresh },
      names,
    );
    if (code !== 0) return undefined;
    const bytes = await io.fs.stat(fresh) ? await io.fs.readBytes(fresh) : new Uint8Array();
    const now = new Map(
      changedFrom(bytes, hashBytes, 0).map(({ path, stat }) => [keyOf(path), keyOf(stat)]),
    );
    for (const { path, stat } of young) {
      if (now.get(keyOf(path)) !== keyOf(stat)) changed.add(decoder.decode(path));
    }
  }
  for (const path of gone) {
    const info = await io.fs.lstat(`${top}/${path}`);
    if (info && !info.isDirectory) changed.add(path);
  }
  const all = [...changed].map((path) => `${top}/${path}`);
  for (const [number, marks] of within.entries()) {
    const inner = `${scratch}/${number}`;
    await io.fs.mkdir(inner);
    const inside = await changedIn(io, marks, inner, undefined);
    if (inside === undefined) return undefined;
    all.push(...inside);
  }
  return all;
}

const decoder = new TextDecoder();

/** Bytes as a string, which can be compared. */
function keyOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** Matches what a path of `written` does. */
export function patternOf(written: string): RegExp {
  const parts = written.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]*")}$`);
}
