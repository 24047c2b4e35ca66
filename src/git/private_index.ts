/**
 * A private copy of the user's index: git may write into it what it learns about files, and nothing is hidden in it.
 *
 * @module
 */

import { guarded } from "../failure.ts";
import type { Io } from "../io.ts";
import type { Git } from "./git.ts";
import { type GitIndex, type IndexLink, readIndex } from "./index_file.ts";

/** What is read of a repository whose index is copied. */
export interface IndexPlace {
  /** Of the working tree. */
  readonly top: string;
  readonly index: string;
  /** Bytes of an object's name. */
  readonly hashBytes: number;
}

export interface PrivateIndex extends Pick<IndexPlace, "hashBytes"> {
  readonly file: string;
  /** Repositories within the repository that it pins. */
  readonly links: readonly IndexLink[];
  /** As in {@linkcode GitIndex}. */
  readonly hasAttributes: boolean;
  /** Whether a path begins with these characters. */
  holds(prefix: string): boolean;
  /**
   * When it was copied, by the clock of the file system and in seconds since 1970: what changes from now on has this
   * time or a later one.
   */
  readonly second: number;
}

/** Copies the index to `file`, in a folder that is there. Without an index, git is to see an empty one. */
export async function copyIndex(
  io: Io,
  git: Git,
  { top, index, hashBytes }: IndexPlace,
  file: string,
): Promise<PrivateIndex> {
  const read = await readIt(io, git, { top, index, hashBytes }, file);
  if (read) await showHidden(io, top, read);
  const write = (path: string, data: Uint8Array) =>
    guarded(`create ${path}`, () => io.fs.writeAtomic(path, data));
  if (read) await write(file, read.copy);
  // Only its time is of interest.
  else await write(`${file}.time`, new Uint8Array());
  const mtimeMs = (await io.fs.stat(read ? file : `${file}.time`))?.mtimeMs ?? 0;
  const second = Math.floor(mtimeMs / 1000);
  const { links, hasAttributes, holds } = read ?? noIndex;
  return { file, hashBytes, second, links, hasAttributes, holds };
}

const noIndex = { links: [], hasAttributes: false, holds: () => false };

async function readIt(
  io: Io,
  git: Git,
  { index, hashBytes }: IndexPlace,
  file: string,
): Promise<GitIndex | undefined> {
  const info = await io.fs.stat(index);
  if (!info) return undefined;
  const bytes = await io.fs.readBytes(index);
  // Which entries can be trusted goes by the time of the original.
  const facts = { hashBytes, mtimeMs: info.mtimeMs };
  const read = readIndex(bytes, facts);
  if (read) return read;
  // A split or sparse index: git makes it whole.
  await guarded(`create ${file}`, () => io.fs.writeAtomic(file, bytes));
  const { code, why } = await git(["update-index", "--no-split-index", "--force-write-index"], {
    GIT_INDEX_FILE: file,
  });
  const joined = code === 0 ? readIndex(await io.fs.readBytes(file), facts) : undefined;
  if (!joined) throw new Error(`git cannot copy its index: ${code === 0 ? "unknown kind" : why}`);
  return joined;
}

/** Makes git look at existing files that the index says to skip. */
async function showHidden(io: Io, top: string, { skipped }: GitIndex): Promise<void> {
  // Most of a sparse checkout lies below few folders that do not exist.
  const folders = new Map<string, Promise<boolean>>([["", Promise.resolve(true)]]);
  const isThere = async (path: string): Promise<boolean> =>
    await hasFolder(path.slice(0, Math.max(0, path.lastIndexOf("/")))) &&
    // A name that cannot be asked for is left to git.
    (path.includes("\ufffd") || await io.fs.lstat(`${top}/${path}`) !== undefined);
  const hasFolder = (path: string): Promise<boolean> => {
    const answer = folders.get(path) ?? isThere(path);
    folders.set(path, answer);
    return answer;
  };
  await Promise.all(skipped.map(async (entry) => {
    if (await isThere(entry.path)) entry.show();
  }));
}
