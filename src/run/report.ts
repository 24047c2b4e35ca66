/** Stages "collect" and "parse": finds a command's report, keeps it as evidence. */

import { dirname, extname, join, relative } from "@std/path";
import { errorCode, type FileInfo, type Io } from "../io.ts";
import type { Artifact } from "../model.ts";
import { folderAbove, moveAside, realPlace } from "../store/aside.ts";
import { ulid } from "../ulid.ts";
import { isWithin } from "../text/paths.ts";
import type { ReportFacts } from "../verdict/types.ts";
import type { ReportCounts } from "./counts.ts";

/** A report file as it was before the command ran, to tell a fresh one from a stale one. */
export interface Before {
  /** Absolute path. */
  readonly path: string;
  /** The same with the links of its folders followed. */
  readonly place: string;
  /** An older report was moved aside. */
  readonly moved: boolean;
  /** A file that could not be moved aside, and the hash of its content. */
  readonly info: FileInfo | undefined;
  readonly sha256: string | undefined;
  /** A file that was made after that and before the command started, by the clock of the report's file system. */
  readonly marker: FileInfo | undefined;
}

/** Larger reports are not read, and not copied. */
const maxReportBytes = 4 * 1024 ** 3;

/** Clears the report's path before the command runs, and makes room for it in the run's folder. */
export async function lookBefore(
  io: Io,
  root: string,
  path: string,
  { runDir, filesDir }: { readonly runDir: string; readonly filesDir: string },
): Promise<Before> {
  if (path.startsWith(`${runDir}/`)) await io.fs.mkdir(dirname(path));
  const place = await realPlace(io, path);
  const moved = place !== root && isWithin(place, root) &&
    await moveAside(io, root, place, filesDir);
  const info = moved ? undefined : await io.fs.lstat(path);
  const sha256 = info?.isFile ? await hashOf(io, path) : undefined;
  return { path, place, moved, info, sha256, marker: await mark(io, root, path, filesDir) };
}

/** `undefined`: it cannot be read. */
async function hashOf(io: Io, path: string): Promise<string | undefined> {
  try {
    return (await io.fs.sha256(path)).sha256;
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

/** Makes the marker outside the project where that is the same file system. */
async function mark(
  io: Io,
  root: string,
  path: string,
  filesDir: string,
): Promise<FileInfo | undefined> {
  const folder = (await folderAbove(io, path))?.real;
  const isOwn = folder !== undefined && isWithin(folder, root);
  const isHidden = !isOwn ||
    (await io.fs.lstat(folder))?.dev === (await io.fs.lstat(filesDir))?.dev;
  const marker = isHidden ? `${filesDir}/marker` : `${folder}/.assay-${ulid(io)}`;
  try {
    await io.fs.writeNew(marker, "");
    return await io.fs.lstat(marker);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  } finally {
    if (!isHidden) await io.fs.removeOne(marker);
  }
}

/** Why a report file cannot be used as evidence, or the path to read it from. */
type Found =
  | { readonly path: string }
  | { readonly state: "missing" | "stale" | "malformed"; readonly message: string };

/** Finds the report after the command ended. */
export async function findReport(
  io: Io,
  root: string,
  before: Before,
  isSandboxed: boolean,
): Promise<Found> {
  const name = relative(root, before.path);
  const link = await io.fs.lstat(before.path);
  // A circular link leads nowhere.
  const info = link && await io.fs.stat(before.path).catch(() => undefined);
  if (!info) {
    return before.moved
      ? { state: "stale", message: `${name} is from before this run` }
      : { state: "missing", message: name };
  }
  const real = await io.fs.realPath(before.path);
  if (!isWithin(real, root)) {
    const message = `${name} leads outside the project (${real})`;
    return { state: "missing", message };
  }
  if (!info.isFile) return { state: "malformed", message: `${name} is not a file` };
  if (isSandboxed && real !== before.path) {
    // It would be read with assay's rights, which the sandbox does not limit.
    const message = `${name} leads to ${
      relative(root, real)
    }; a sandboxed command writes it itself`;
    return { state: "malformed", message };
  }
  if (info.size > maxReportBytes) {
    return { state: "malformed", message: `${name} has ${info.size} bytes, more than 4 GiB` };
  }
  if (before.info && sameFile(before.info, link)) {
    const message = link.isSymlink
      ? `${name} is a link from before this run: set result_file to what it points to`
      : `${name} is from before this run`;
    return { state: "stale", message };
  }
  if (before.info?.isFile && before.info.ino === info.ino && before.info.dev === info.dev) {
    // Its times say when it was touched, not what was written.
    const isOther = before.sha256 !== undefined && before.sha256 !== await hashOf(io, real);
    if (isOther) return { path: real };
    const message = `${name} is from before this run and could not be moved aside: ` +
      "make the command remove it first, or use a result_file in a folder that assay may write";
    return { state: "stale", message };
  }
  const why = whyOld(info, before);
  return why === undefined ? { path: real } : { state: "stale", message: `${name} ${why}` };
}

/**
 * Why a file is from before the attempt. To be fresh, it must be another file than before: created since, unlike any
 * link to an old one or file moved here. Where the file system keeps no creation time, it must have no
 * other name, and its content and inode must have changed since.
 */
function whyOld(info: FileInfo, { marker }: Before): string | undefined {
  if (marker === undefined) {
    return "may be older than the attempt: assay cannot create a file next to it to compare";
  }
  if (info.dev !== marker.dev) return "is on another file system than its folder was";
  if (isEarlier(info.mtimeMs, marker.mtimeMs)) {
    return "was last modified before the attempt started";
  }
  if (marker.birthtimeMs !== null) {
    return isEarlier(info.birthtimeMs, marker.birthtimeMs)
      ? "was made before the attempt started"
      : undefined;
  }
  if (info.nlink !== null && info.nlink > 1) {
    return "has another name, and this file system does not record when it was made";
  }
  return isEarlier(info.ctimeMs, marker.ctimeMs) ? "is older than the attempt" : undefined;
}

function isEarlier(time: number | null, marker: number | null): boolean {
  return marker !== null && (time === null || time < marker);
}

/** Whether it is still the same file with the same content, as far as size and times tell. */
export function sameFile(before: FileInfo, after: FileInfo): boolean {
  return before.ino === after.ino && before.dev === after.dev && before.size === after.size &&
    before.mtimeMs === after.mtimeMs && before.ctimeMs === after.ctimeMs;
}

/**
 * Copies the report into the attempt's folder, so that what is parsed is what is kept. A report the
 * command wrote into the run's folder stays where it is as evidence.
 */
export async function keepReport(
  io: Io,
  root: string,
  path: string,
  runDir: string,
  attemptDir: string,
): Promise<Artifact> {
  const kept = isWithin(path, runDir) ? path : join(attemptDir, `report${extname(path)}`);
  if (kept !== path) {
    await io.fs.mkdir(attemptDir);
    await io.fs.copy(path, kept);
  }
  return await artifactOf(io, root, "report", kept);
}

/** A kept file with its hash. */
export async function artifactOf(
  io: Io,
  root: string,
  name: string,
  path: string,
): Promise<Artifact> {
  const { sha256, bytes } = await io.fs.sha256(path);
  return { name, path: relative(root, path), sha256, bytes };
}

/** The state of a report that was parsed. */
export function stateOf(counts: ReportCounts): Pick<ReportFacts, "state" | "message"> {
  if (counts.broken) {
    const { reason, message, line, column } = counts.broken;
    const place = line === undefined ? "" : `line ${line}${column ? `, column ${column}` : ""}: `;
    return { state: reason, message: place + message };
  }
  if (!counts.complete) return { state: "truncated", message: "it ends early" };
  return { state: "read", message: undefined };
}
