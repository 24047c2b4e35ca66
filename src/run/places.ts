/** Places on disk that are created for one attempt and removed after it. */

import { dirname, join } from "@std/path";
import { type FileInfo, type Io, isNotFound } from "../io.ts";
import type { SandboxSpec } from "../plugin.ts";
import { filesFolder } from "../store/aside.ts";
import { isWithin } from "../text/paths.ts";
import type { Places, PrepareContext, Prepared, SpecData } from "./types.ts";

/** What the places of an attempt depend on. */
interface PlacesInput {
  readonly spec: SpecData;
  readonly declared: SandboxSpec | undefined;
  readonly resultFile: string | undefined;
}

/** The folder for an attempt's temporary files. */
export function temporaryFolder(io: Io, attemptId: string): string {
  return join(io.env("TMPDIR") || "/tmp", `assay-${attemptId}`);
}

/** Returns where they will be. */
export async function placesOf(
  { spec, declared, resultFile }: PlacesInput,
  { io, project, writer }: PrepareContext,
): Promise<Places> {
  const tmpDir = temporaryFolder(io, spec.attemptId);
  const { filesystem, tmpfs, paths_hidden } = declared ?? {};
  // An empty folder in the place of the machine's must not hide the one for temporary files.
  const isClosed = (filesystem ?? tmpfs ?? paths_hidden) !== undefined;
  const folders = isClosed ? await missingFolders(io, project.root, declared!) : [];
  const report = isClosed && resultFile !== undefined && !resultFile.startsWith(`${spec.liveDir}/`)
    ? await ownFile(io, project.root, resultFile)
    : undefined;
  return {
    filesDir: filesFolder(writer.dir, spec.attemptId),
    usageFile: join(writer.dir, `.usage-${spec.attemptId}`),
    tmpDir,
    liveDir: spec.liveDir,
    folders,
    ...report === undefined ? {} : { resultFile: report },
    env: isClosed ? { TMPDIR: tmpDir } : {},
  };
}

/** Writable paths that do not exist: the command would have to create them in a folder it may not write. */
async function missingFolders(
  io: Io,
  root: string,
  { paths_writable = [] }: SandboxSpec,
): Promise<string[]> {
  const folders: string[] = [];
  for (const path of paths_writable) {
    if (isWithin(path, root) && await io.fs.lstat(path) === undefined) folders.push(path);
  }
  return folders;
}

/** A link could make a sandbox open a file outside the project for writing. */
async function ownFile(io: Io, root: string, path: string): Promise<string | undefined> {
  const folder = await realFolder(io, dirname(path));
  if (folder !== dirname(path) || !isWithin(path, root)) return undefined;
  const info = await io.fs.lstat(path);
  return info === undefined || info.isFile ? path : undefined;
}

/** The path with its links followed, as far as it exists. */
async function realFolder(io: Io, path: string): Promise<string> {
  try {
    return await io.fs.realPath(path);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return join(await realFolder(io, dirname(path)), path.slice(dirname(path).length));
  }
}

/** Removes the places again. */
export interface Made {
  /** Removes an empty report that was never written. Called before the report is looked for. */
  settle(): Promise<void>;
  remove(): Promise<void>;
}

/** Makes the places, those that may be used, and writes the files that engines need. */
export async function makePlaces(
  io: Io,
  { filesDir, tmpDir, liveDir, resultFile, folders, env }: Places,
  { sandboxed, extensions, resultFile: report }: Pick<
    Prepared,
    "sandboxed" | "extensions" | "resultFile"
  >,
): Promise<Made> {
  const hasLive = sandboxed !== undefined || extensions.length > 0;
  const hasFiles = sandboxed !== undefined || report !== undefined;
  if (hasFiles) await io.fs.mkdir(filesDir);
  if (hasLive) await io.fs.mkdir(liveDir);
  for (const [path, bytes] of Object.entries(sandboxed?.files ?? {})) {
    await io.fs.mkdir(dirname(path));
    await io.fs.writeAtomic(path, bytes);
  }
  for (const folder of folders) await io.fs.mkdir(folder);
  if (env.TMPDIR !== undefined) {
    await io.fs.mkdir(dirname(tmpDir));
    await io.fs.mkdirPrivate(tmpDir);
  }
  const empty = resultFile === undefined ? undefined : await emptyFile(io, resultFile);
  return {
    async settle() {
      if (resultFile === undefined || empty === undefined) return;
      const now = await io.fs.lstat(resultFile);
      const isSame = now?.ino === empty.ino && now.size === 0 && now.mtimeMs === empty.mtimeMs;
      if (isSame) await io.fs.remove(resultFile);
    },
    async remove() {
      if (hasFiles) await io.fs.remove(filesDir);
      const live = hasLive ? await io.fs.lstat(liveDir) : undefined;
      const isEmpty = live?.isDirectory && (await io.fs.list(liveDir)).length === 0;
      if (isEmpty) await io.fs.remove(liveDir);
      if (env.TMPDIR !== undefined) await io.fs.remove(tmpDir);
    },
  };
}

/** Creates an empty file if there is none, and returns its state. */
async function emptyFile(io: Io, path: string): Promise<FileInfo | undefined> {
  if (await io.fs.lstat(path) !== undefined) return undefined;
  await io.fs.mkdir(dirname(path));
  await io.fs.writeNew(path, "");
  return await io.fs.lstat(path);
}
