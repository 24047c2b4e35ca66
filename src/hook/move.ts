/** Moves files so that nothing existing is ever replaced, and every step leaves at least one whole copy. */

import { errorCode, type FileInfo, type Io, isNotFound, textOf } from "../io.ts";
import { parentOf } from "../text/paths.ts";
import { helperArgv, programEnvironment, programOf } from "../process/programs.ts";
import type { Mark } from "./journal.ts";

/** What is at a path from the top. If a folder on the way is a link, nothing is. */
export async function lstatInside(
  io: Io,
  top: string,
  path: string,
): Promise<FileInfo | undefined> {
  const parts = path.split("/");
  for (let length = 1; length < parts.length; length++) {
    const info = await io.fs.lstat(`${top}/${parts.slice(0, length).join("/")}`);
    if (!info?.isDirectory) return undefined;
  }
  return await io.fs.lstat(`${top}/${path}`);
}

/**
 * Moves a file or link from where others write to an unused path of assay's own: whatever is
 * there at that moment, whole.
 *
 * @param session names the copy if one is needed
 * @throws when it is modified while being copied to another file system
 */
export async function moveOut(
  io: Io,
  from: string,
  to: string,
  session: string,
): Promise<void> {
  try {
    return await io.fs.rename(from, to);
  } catch (error) {
    if (errorCode(error) !== "EXDEV") throw error;
  }
  const before = await io.fs.lstat(from);
  const copy = copyName(to, session);
  await copyExactly(io, from, copy);
  await io.fs.rename(copy, to);
  await io.fs.sync(parentOf(to));
  const now = await io.fs.lstat(from);
  if (!isUntouched(before, now)) throw new Error(`${from} is being written`);
  await io.fs.removeOne(from);
}

/**
 * Moves a file or link from a path of assay's own to an unused path, atomically where the file system can.
 *
 * @param session names the copy if one is needed
 * @returns false: the target exists, nothing was moved
 */
export async function moveInto(
  io: Io,
  from: string,
  to: string,
  session: string,
): Promise<boolean> {
  const placed = await place(io, from, to) ?? await copyInto(io, from, to, session);
  if (placed) await io.fs.removeOne(from);
  return placed;
}

/** Gives it its second name; `undefined`: another file system, or one without hard links. */
async function place(io: Io, from: string, to: string): Promise<boolean | undefined> {
  try {
    await io.fs.link(from, to);
    return true;
  } catch (error) {
    if (isNotFound(error)) throw error;
    if (errorCode(error) !== "EEXIST") return undefined;
    // Two names of one file: a move interrupted between its two steps.
    return isSame(await io.fs.lstat(from), await io.fs.lstat(to));
  }
}

export function isSame(a: FileInfo | undefined, b: FileInfo | undefined): boolean {
  return a !== undefined && b !== undefined && a.ino !== null && a.ino === b.ino && a.dev === b.dev;
}

/** Whether it is the same file, not written in between. */
export function isUntouched(a: FileInfo | undefined, b: FileInfo | undefined): boolean {
  return isSame(a, b) && a!.size === b!.size && a!.mtimeMs === b!.mtimeMs &&
    a!.ctimeMs === b!.ctimeMs;
}

/** The name of a copy on its way to its target. */
export function copyName(to: string, session: string): string {
  return `${to}.assay-${session}`;
}

/** By a copy next to the target, which is whole and on disk before it gets its name. */
async function copyInto(io: Io, from: string, to: string, session: string): Promise<boolean> {
  if (await io.fs.lstat(to) !== undefined) return false;
  const copy = copyName(to, session);
  await copyExactly(io, from, copy);
  let placed = await place(io, copy, to);
  if (placed === undefined && await io.fs.lstat(to) === undefined) {
    await io.fs.rename(copy, to);
    placed = true;
  } else await io.fs.removeOne(copy);
  if (placed) await io.fs.sync(parentOf(to));
  return placed === true;
}

/** Content, mode and times to the nanosecond, which no function of the runtime can set. */
async function copyExactly(io: Io, from: string, to: string): Promise<void> {
  await io.fs.removeOne(to);
  const argv = [...await helperArgv(io, await programOf(io, "cp")), "-pP", "--", from, to];
  const env = await programEnvironment(io);
  const child = io.spawn(argv, { cwd: parentOf(to), env, group: false });
  const [, said, { code }] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    child.status,
  ]);
  if (code !== 0) throw new Error(`cannot copy ${from}: ${said.trim() || `exit code ${code}`}`);
  if (!(await io.fs.lstat(to))?.isSymlink) await io.fs.sync(to);
}

/** What identifies a file or link; `undefined` for anything else. */
export async function markOf(io: Io, path: string): Promise<Mark | undefined> {
  const info = await io.fs.lstat(path);
  if (info?.isSymlink) {
    const target = new TextEncoder().encode(await io.fs.readLink(path));
    return { kind: "link", sha256: await io.sha256(target), executable: false };
  }
  if (!info?.isFile) return undefined;
  const { sha256 } = await io.fs.sha256(path);
  return { kind: "file", sha256, executable: ((info.mode ?? 0) & 0o100) !== 0 };
}

export function isLike(a: Mark | undefined, b: Mark | undefined): boolean {
  return a !== undefined && b !== undefined && a.kind === b.kind && a.sha256 === b.sha256 &&
    a.executable === b.executable;
}
