/** What of a working tree is not what is going to be committed: looked at, nothing is touched. */

import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { StatusEntry, WorkStatus } from "../git/git.ts";
import type { Emptied, Entry } from "./journal.ts";
import { lstatInside } from "./move.ts";

/** What is to be set aside, and what is said of the rest. */
export interface Survey {
  readonly entries: readonly Entry[];
  readonly emptied: readonly Emptied[];
  readonly made: readonly string[];
  /** Untracked files that stay where they are, from the top. */
  readonly kept: readonly string[];
  readonly warnings: readonly string[];
}

/** What decides on untracked files. */
export interface SurveyOptions {
  /** Whether an untracked path stays. */
  keeps(path: string): boolean;
}

/** Surveys the working tree at `top` by what git says of it. Throws a UserError for what cannot be set aside. */
export async function survey(
  io: Io,
  top: string,
  { entries: tracked, untracked, nested }: WorkStatus,
  { keeps }: SurveyOptions,
): Promise<Survey> {
  refuseUnmerged(tracked);
  const differing = tracked.filter(({ work, isSubmodule }) => work !== "." && !isSubmodule);
  const moved = new Set<string>();
  const put = new Set<string>();
  const folders: string[] = [];
  for (const { path, work } of differing) {
    // "A": only the intent to add it is in the index, which commits nothing.
    if (work !== "A") put.add(path);
    const info = await lstatInside(io, top, path);
    if (!info) continue;
    if (info.isDirectory) await filesBelow(io, top, path, moved, folders);
    else moved.add(path);
  }
  const needed = new Set([...put].flatMap(foldersOf));
  const files = untracked.filter((path) => !path.endsWith("/") && !moved.has(path));
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
    warnings: [...submoduleWarnings(tracked), ...nestedWarnings(nested)],
  };
}

function refuseUnmerged(tracked: readonly StatusEntry[]): void {
  const unmerged = tracked.filter(({ isUnmerged }) => isUnmerged);
  if (unmerged.length === 0) return;
  throw new UserError(`Cannot test what is staged: ${unmerged[0]!.path} is not merged yet`, {
    code: "unmerged",
    hint: "resolve the conflict and git add the file",
  });
}

/** Git's output was read as UTF-8: a path that is none is not known any more. */
function refuseUnnameable(paths: readonly string[]): void {
  const [path] = paths.filter((each) => each.includes("\ufffd"));
  if (path === undefined) return;
  throw new UserError(`Cannot set ${JSON.stringify(path)} aside: its name is no UTF-8`, {
    code: "path_not_utf8",
    hint: "commit it, ignore it, or rename it; nothing was touched",
  });
}

/** Adds all files and links in a folder that stands in the place of a tracked file, ignored ones too, and all folders. */
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
  return new UserError(`Cannot put what is staged in the place of ${path}: it is ${what}`, {
    code: "in_the_way",
    hint: "move it away, or stage its removal; nothing was touched",
  });
}

/** The folders that hold nothing else, the deepest first: left empty they could still be found by a test. */
async function emptiedBy(
  io: Io,
  top: string,
  moved: ReadonlySet<string>,
  { needed, folders }: {
    readonly needed: ReadonlySet<string>;
    /** Folders in the place of tracked files, which may be empty already. */
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

/** The folders above a path, from the top. */
function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** The folders that are not there for what is put, the deepest first. */
async function madeFor(io: Io, top: string, needed: ReadonlySet<string>): Promise<string[]> {
  const made: string[] = [];
  for (const path of needed) {
    if (!(await lstatInside(io, top, path))?.isDirectory) made.push(path);
  }
  return made.toSorted((a, b) => b.length - a.length);
}

function submoduleWarnings(tracked: readonly StatusEntry[]): string[] {
  return tracked.filter(({ work, isSubmodule }) => isSubmodule && work !== ".").map(({ path }) =>
    `the submodule ${path} is tested as it is on disk, which is not what is staged`
  );
}

function nestedWarnings(nested: readonly string[]): string[] {
  return nested.map((path) =>
    `${path} is a repository of its own that is not tracked: it stays where it is`
  );
}

/** Where a project keeps its configuration of assay, whether git tracks it or not. */
const ownFolders = [".assay", ".codeloop", ".bird"];

/** Whether a path from the top belongs to the configuration of the project at `prefix` (`""`: the top). */
export function isConfiguration(prefix: string, path: string): boolean {
  return ownFolders.some((name) => path.startsWith(`${prefix}${name}/`));
}
