/**
 * A report from before is moved out of the way of the command that is to write it, and comes back when there is
 * none in its place after it. Its path says where it belongs: should assay die meanwhile, the process that records that
 * restores it.
 *
 * @module
 */

import { basename, dirname, join } from "@std/path";
import { errorCode, type Io } from "../io.ts";

/** An attempt's private folder for assay, in the run's. */
export function filesFolder(runDir: string, attemptId: string): string {
  return `${runDir}/.files-${attemptId}`;
}

/** The nearest existing folder above a path, with its links followed; `undefined`: unknown. */
export async function folderAbove(
  io: Io,
  path: string,
): Promise<{ readonly folder: string; readonly real: string } | undefined> {
  const folder = dirname(path);
  if (await io.fs.lstat(folder) === undefined) return await folderAbove(io, folder);
  const real = await io.fs.realPath(folder).catch(() => undefined);
  return real === undefined ? undefined : { folder, real };
}

/** A path with the links among its folders followed, as far as these exist. */
export async function realPlace(io: Io, path: string): Promise<string> {
  const above = await folderAbove(io, path);
  return above === undefined ? path : join(above.real, path.slice(above.folder.length));
}

/**
 * Moves a project file (absolute paths) aside, unless it is not a file, a link leads to it, or it cannot be moved:
 * it may be a mount, or its folder may belong to another user.
 *
 * @returns whether it was moved
 */
export async function moveAside(
  io: Io,
  root: string,
  path: string,
  filesDir: string,
): Promise<boolean> {
  if (!(await io.fs.lstat(path))?.isFile) return false;
  if ((await folderAbove(io, path))?.real !== dirname(path)) return false;
  const to = asideIn(filesDir) + path.slice(root.length);
  await io.fs.mkdir(dirname(to));
  return await moved(io, path, to);
}

/**
 * Restores what was moved aside, if anything, unless something is in its place now.
 *
 * @param died the attempt did not end: an empty file is what assay had put there for a sandbox, or a report not begun
 * @returns where it is kept when it cannot be restored
 */
export async function bringBack(
  io: Io,
  root: string,
  filesDir: string,
  died = false,
): Promise<string | undefined> {
  const name = await fileIn(io, asideIn(filesDir));
  if (name === undefined) return undefined;
  const [from, to] = [asideIn(filesDir) + name, root + name];
  const now = await io.fs.lstat(to);
  if (now !== undefined && !(died && now.isFile && now.size === 0)) {
    await io.fs.remove(from);
    return undefined;
  }
  const above = await folderAbove(io, to);
  if (above !== undefined && above.real === above.folder) {
    await io.fs.mkdir(dirname(to)).catch(() => {});
    if (await moved(io, from, to)) return undefined;
  }
  const kept = `${dirname(filesDir)}/before-${basename(filesDir).replace(/^\.files-/, "")}-${
    basename(to)
  }`;
  await io.fs.rename(from, kept);
  return kept;
}

/** Restores what a dead run had moved aside. */
export async function bringBackAll(io: Io, root: string, runDir: string): Promise<void> {
  for (const { name } of await io.fs.list(runDir)) {
    if (name.startsWith(".files-")) await bringBack(io, root, `${runDir}/${name}`, true);
  }
}

function asideIn(filesDir: string): string {
  return `${filesDir}/aside`;
}

/** The one file in a folder, however deep. */
async function fileIn(io: Io, folder: string, name = ""): Promise<string | undefined> {
  const info = await io.fs.lstat(folder + name);
  if (!info?.isDirectory) return info?.isFile ? name : undefined;
  const [first] = await io.fs.list(folder + name);
  return first && await fileIn(io, folder, `${name}/${first.name}`);
}

async function moved(io: Io, from: string, to: string): Promise<boolean> {
  try {
    await io.fs.rename(from, to).catch(async (error) => {
      if (errorCode(error) !== "EXDEV") throw error;
      await io.fs.copy(from, to);
      await io.fs.removeOne(from);
    });
    return true;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
