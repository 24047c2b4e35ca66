/** A file that a report is written to: checked before the run, written when it is over. */

import { basename, dirname, join, relative, resolve } from "@std/path";
import { messageOf, UserError } from "../errors.ts";
import type { FileWriter, Io } from "../io.ts";
import { isInProject } from "../report/reporters/_text.ts";

/** Characters that are written at once. */
const chunkSize = 64 * 1024;

/** How long a pipe may wait for its reader, in milliseconds. */
const readerMs = 5_000;

/** A file that a report is to be written to. */
export interface Target {
  /** As it was given. */
  readonly given: string;
  /** The folder, without links. */
  readonly folder: string;
  readonly path: string;
  /** A device or a pipe that is there already: written into, never replaced. */
  readonly isSpecial: boolean;
}

/**
 * The file that is meant, its folder made.
 *
 * @throws {UserError} when no report can be there
 */
export async function targetOf(io: Io, root: string, given: string): Promise<Target> {
  const path = resolve(io.cwd, given);
  refuseOwn(root, path, given);
  try {
    const info = await io.fs.stat(path);
    if (info?.isDirectory) throw new Error("it is a folder");
    await io.fs.mkdir(dirname(path));
    const folder = await io.fs.realPath(dirname(path));
    refuseOwn(root, join(folder, basename(path)), given);
    const isSpecial = info !== undefined && !info.isFile;
    return { given, folder, path: isSpecial ? path : join(folder, basename(path)), isSpecial };
  } catch (error) {
    throw error instanceof UserError ? error : unwritable(given, messageOf(error));
  }
}

/** Evidence, configuration and the repository are no place for a report. */
function refuseOwn(root: string, path: string, given: string): void {
  for (const [name, owner] of [[".assay", "assay's own"], [".git", "git's own"]] as const) {
    const own = relative(join(root, name), path);
    if (own !== "" && !isInProject(own)) continue;
    throw unwritable(given, `what is in ${name}/ is ${owner}`, `name a file outside of ${name}/`);
  }
}

/**
 * Writes nothing into a file beside the target, and takes both away: whatever becomes of this call, nobody takes
 * what an earlier one left for its report.
 */
export async function tryTarget(io: Io, target: Target): Promise<void> {
  if (target.isSpecial) return;
  try {
    await replaced(io, target, [], () => io.fs.remove(target.path));
  } catch (error) {
    throw unwritable(target.given, messageOf(error));
  }
}

/** Writes a new file beside the target and lets `finish` have it; nothing is left of it when that fails. */
async function replaced(
  io: Io,
  { path }: Target,
  text: Iterable<string>,
  finish: (temporary: string) => Promise<void>,
): Promise<void> {
  const mark = Array.from(io.random(6), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const temporary = `${path}.${mark}.tmp`;
  try {
    await writeInto(io, temporary, text);
    await finish(temporary);
  } finally {
    await io.fs.remove(temporary);
  }
}

async function writeInto(
  io: Io,
  path: string,
  text: Iterable<string>,
  open: (path: string) => Promise<FileWriter> = io.fs.openWrite,
): Promise<void> {
  const encoder = new TextEncoder();
  const file = await open(path);
  try {
    for (const chunk of inChunks(text)) await file.write(encoder.encode(chunk));
  } finally {
    file.close();
  }
}

/** A pipe opens when somebody reads it, which may be never. */
async function openSpecial(io: Io, { path, given }: Target): Promise<FileWriter> {
  const timer = new AbortController();
  const late = io.sleep(readerMs, timer.signal).then(() => undefined, () => undefined);
  const file = await Promise.race([io.fs.openSpecial(path), late]);
  timer.abort();
  if (file) return file;
  throw unwritable(given, `nobody read it for ${readerMs / 1000} s`);
}

/** The same text in pieces that are worth a call. */
export function* inChunks(text: Iterable<string>): Generator<string> {
  let chunk = "";
  for (const piece of text) {
    chunk += piece;
    if (chunk.length < chunkSize) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

/** Writes the report: who reads the file meanwhile sees the old one or the new one. */
export async function writeTarget(io: Io, target: Target, text: Iterable<string>): Promise<void> {
  if (target.isSpecial) {
    return await writeInto(io, target.path, text, () => openSpecial(io, target));
  }
  // A command of the run may have put a link in the folder's place.
  await io.fs.mkdir(target.folder);
  if (await io.fs.realPath(target.folder) !== target.folder) {
    throw unwritable(target.given, "its folder was replaced by a link while the commands ran");
  }
  await replaced(io, target, text, (temporary) => io.fs.rename(temporary, target.path));
}

/** The error that a report cannot be written; without `given`: to standard output. */
export function unwritable(given: string | undefined, why: string, hint?: string): UserError {
  // Deno names the call and its paths after the reason, ours is the one that was given.
  const reason = why.replace(/: \w+ '.*$/s, "");
  return new UserError(`Cannot write the report ${given ?? "to standard output"}: ${reason}`, {
    code: "report_unwritable",
    hint: hint ?? "name a file in a folder that can be written; standard output: leave =FILE out",
  });
}
