/**
 * Makes the working tree what is going to be committed: differences are surveyed first, then moved into the
 * git folder, where the user's versions wait.
 *
 * @module
 */

import { UserError } from "../errors.ts";
import type { StatusEntry, WorkStatus } from "../git/git.ts";
import { errorCode, type Io } from "../io.ts";
import {
  type Emptied,
  type Entry,
  type HookPlaces,
  type Journal,
  sessionPlaces,
  writeJournal,
} from "./journal.ts";
import { lstatInside, markOf, moveInto, moveOut } from "./move.ts";
import type { Repository } from "./target.ts";

/** What to set aside, and facts about the rest. */
export interface Survey {
  readonly entries: readonly Entry[];
  readonly emptied: readonly Emptied[];
  readonly made: readonly string[];
  /** Untracked files that stay where they are, relative to the top. */
  readonly kept: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Surveys the working tree at `top` by what git reports.
 *
 * @param keeps whether an untracked path stays
 * @throws {UserError} for what cannot be set aside
 */
export async function survey(
  io: Io,
  top: string,
  { entries: tracked, untracked, nested }: WorkStatus,
  keeps: (path: string) => boolean,
): Promise<Survey> {
  refuseUnmerged(tracked);
  const differing = tracked.filter(({ work, isSubmodule }) => work !== "." && !isSubmodule);
  const moved = new Set<string>();
  const put = new Set<string>();
  const folders: string[] = [];
  for (const { path, work } of differing) {
    // "A": an intent to add, which commits nothing.
    if (work !== "A") put.add(path);
    const info = await lstatInside(io, top, path);
    if (!info) continue;
    if (info.isDirectory) await filesBelow(io, top, path, moved, folders);
    else moved.add(path);
  }
  const needed = new Set([...put].flatMap(foldersOf));
  // Git does not list what was removed from the index alone and is ignored.
  const left: string[] = [];
  for (const { path, index } of tracked) {
    if (index === "D" && await isFileThere(io, top, path)) left.push(path);
  }
  const files = [...new Set([...untracked, ...left])]
    .filter((path) => !path.endsWith("/") && !moved.has(path));
  const kept = files.filter((path) => !needed.has(path) && keeps(path));
  const stays = new Set(kept);
  for (const path of files) if (!stays.has(path)) moved.add(path);
  const paths = [...new Set([...moved, ...put])].toSorted();
  refuseUnnameable(paths);
  const emptied = await emptiedBy(io, top, moved, { needed, folders });
  const full = folders.find((path) => !emptied.some((each) => each.path === path));
  if (full !== undefined) throw inTheWay(full, "a folder that holds more than files");
  return {
    entries: paths.map((path) => ({ path, moved: moved.has(path), put: put.has(path) })),
    emptied,
    made: await madeFor(io, top, needed),
    kept,
    warnings: [
      ...nested.map((path) => `${path} is an untracked repository: it was left in place`),
    ],
  };
}

/** By this very name: where case does not matter, another name finds the file too. */
async function isFileThere(io: Io, top: string, path: string): Promise<boolean> {
  const info = await lstatInside(io, top, path);
  if (!info || info.isDirectory) return false;
  const at = path.lastIndexOf("/") + 1;
  return (await io.fs.list(`${top}/${path.slice(0, at)}`)).some(({ name }) =>
    name === path.slice(at)
  );
}

function refuseUnmerged(tracked: readonly StatusEntry[]): void {
  const unmerged = tracked.filter(({ isUnmerged }) => isUnmerged);
  if (unmerged.length === 0) return;
  throw new UserError(`Cannot test what is staged: ${unmerged[0]!.path} is unmerged`, {
    code: "unmerged",
    hint: "resolve the conflict, then git add the file",
  });
}

/** Git's output was read as UTF-8: other names are lost. */
function refuseUnnameable(paths: readonly string[]): void {
  const [path] = paths.filter((each) => each.includes("\ufffd"));
  if (path === undefined) return;
  throw new UserError(`Cannot set ${JSON.stringify(path)} aside: its name is not UTF-8`, {
    code: "path_not_utf8",
    hint: "commit it, ignore it, or rename it; nothing was touched",
  });
}

/** Adds all files (ignored ones too), links and folders in a folder that replaces a tracked file. */
async function filesBelow(
  io: Io,
  top: string,
  folder: string,
  files: Set<string>,
  folders: string[],
): Promise<void> {
  folders.push(folder);
  for (const { name, isDirectory } of await io.fs.list(`${top}/${folder}`)) {
    const path = `${folder}/${name}`;
    if (name === ".git") throw inTheWay(folder, "a repository");
    if (isDirectory) await filesBelow(io, top, path, files, folders);
    else {
      const info = await io.fs.lstat(`${top}/${path}`);
      if (!info?.isFile && !info?.isSymlink) throw inTheWay(path, "neither a file nor a link");
      files.add(path);
    }
  }
}

function inTheWay(path: string, what: string): UserError {
  return new UserError(`Cannot check out what is staged over ${path}: it is ${what}`, {
    code: "in_the_way",
    hint: "move it away, or stage its removal; nothing was touched",
  });
}

/** The folders that hold nothing else, the deepest first: a test could still find them if left empty. */
async function emptiedBy(
  io: Io,
  top: string,
  moved: ReadonlySet<string>,
  { needed, folders }: {
    readonly needed: ReadonlySet<string>;
    /** Folders that replace tracked files, which may be empty already. */
    readonly folders: readonly string[];
  },
): Promise<Emptied[]> {
  const candidates = new Set([...folders, ...[...moved].flatMap(foldersOf)]);
  const emptied = new Map<string, number>();
  for (const path of [...candidates].toSorted((a, b) => b.length - a.length)) {
    if (needed.has(path)) continue;
    const info = await lstatInside(io, top, path);
    if (!info?.isDirectory) continue;
    const names = await io.fs.list(`${top}/${path}`);
    const goes = names.every(({ name }) =>
      moved.has(`${path}/${name}`) || emptied.has(`${path}/${name}`)
    );
    if (goes) emptied.set(path, (info.mode ?? 0o755) & 0o7777);
  }
  return [...emptied].map(([path, mode]) => ({ path, mode }));
}

function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** The missing folders for what is put, the deepest first. */
async function madeFor(io: Io, top: string, needed: ReadonlySet<string>): Promise<string[]> {
  const made: string[] = [];
  for (const path of needed) {
    if (!(await lstatInside(io, top, path))?.isDirectory) made.push(path);
  }
  return made.toSorted((a, b) => b.length - a.length);
}

/** Where a project keeps its configuration of assay, whether git tracks it or not. */
const ownFolders = [".assay", ".codeloop", ".bird"];

/** Whether a path from the top belongs to the configuration of the project at `prefix` (`""`: the top). */
export function isConfiguration(prefix: string, path: string): boolean {
  return ownFolders.some((name) => path.startsWith(`${prefix}${name}/`));
}

/** Arguments of one call of git, in characters: far below any system's limit. */
const argumentsLimit = 60_000;

/**
 * Sets aside what the survey found. Each step is recorded before it is done, so that however this process ends, it
 * leaves what {@linkcode restore} can put back; so does an error thrown here.
 */
export async function setAside(
  io: Io,
  repository: Pick<Repository, "top" | "git">,
  places: HookPlaces,
  request: Pick<Journal, "hook" | "session" | "entries" | "emptied" | "made">,
): Promise<Journal> {
  const { top } = repository;
  const journal: Journal = {
    schema: "assay.hook-journal/1",
    top,
    started_at: new Date(io.now()).toISOString(),
    ...request,
  };
  const { own, aside, asides, trashes, folder, folders, puts } = sessionPlaces(places, journal);
  for (const each of [asides, trashes, folders, puts]) await io.fs.mkdir(each);
  await io.fs.sync(own);
  await writeJournal(io, places, journal);
  for (const [index, { path, moved }] of journal.entries.entries()) {
    if (moved) await moveOut(io, `${top}/${path}`, aside(index), journal.session);
  }
  for (const [index, { path }] of journal.emptied.entries()) {
    await takeFolder(io, `${top}/${path}`, folder(index));
  }
  if (!journal.entries.some(({ put }) => put)) return journal;
  return await putAll(io, repository, places, journal);
}

/** Moved rather than removed where possible: a user's shell may be in it. */
async function takeFolder(io: Io, from: string, to: string): Promise<void> {
  try {
    await io.fs.rename(from, to);
  } catch (error) {
    if (errorCode(error) !== "EXDEV") throw error;
    return await io.fs.removeOne(from);
  }
  if ((await io.fs.list(to)).length === 0) return;
  await io.fs.rename(to, from);
  throw busy(from);
}

function busy(path: string): UserError {
  return new UserError(`Cannot test what is staged: ${path} is being written`, {
    code: "work_tree_busy",
    hint: "try again when nothing else writes here",
  });
}

async function putAll(
  io: Io,
  repository: Pick<Repository, "top" | "git">,
  places: HookPlaces,
  bare: Journal,
): Promise<Journal> {
  const { top } = repository;
  const { puts } = sessionPlaces(places, bare);
  await checkOut(repository, puts, bare.entries.filter(({ put }) => put).map(({ path }) => path));
  const entries = await Promise.all(bare.entries.map(async (entry) => {
    if (!entry.put) return entry;
    const mark = await markOf(io, `${puts}/${entry.path}`);
    if (mark !== undefined) return { ...entry, mark };
    throw new UserError(`Cannot test what is staged: git did not write ${entry.path}`, {
      code: "checkout_failed",
    });
  }));
  const journal = { ...bare, entries };
  await writeJournal(io, places, journal);
  for (const path of journal.made.toReversed()) await io.fs.mkdir(`${top}/${path}`);
  for (const { path, put } of entries) {
    if (!put || await moveInto(io, `${puts}/${path}`, `${top}/${path}`, journal.session)) continue;
    throw busy(path);
  }
  return journal;
}

/** Writes the index's files as a checkout would: line endings, filters, modes. */
async function checkOut(
  { git }: Pick<Repository, "git">,
  folder: string,
  paths: readonly string[],
): Promise<void> {
  for (const batch of batches(paths)) {
    const { code, why } = await git(["checkout-index", `--prefix=${folder}/`, "--", ...batch]);
    if (code === 0) continue;
    throw new UserError(`Cannot test what is staged: git cannot write it: ${why}`, {
      code: "checkout_failed",
    });
  }
}

function batches(paths: readonly string[]): string[][] {
  const all: string[][] = [];
  let length = argumentsLimit;
  for (const path of paths) {
    if (length + path.length > argumentsLimit) {
      all.push([]);
      length = 0;
    }
    all.at(-1)!.push(path);
    length += path.length + 1;
  }
  return all;
}
