/** Finds a graph that was built before: it only reads and hashes, and parses nothing. */

import { dirname, join } from "@std/path";
import type { Io } from "../io.ts";
import { isWithin } from "../text/paths.ts";
import type { LockedPlugin, ModuleSettings, PluginManifest } from "../plugin_setting.ts";
import { cacheFolder, damaged, readSealed, writeSealed } from "./_cache.ts";
import {
  type BuildRecord,
  type BuiltGraph,
  builtMark,
  checkOutputs,
  contradicts,
  graphKey,
  graphPaths,
  holdsFiles,
  type KeptGraph,
  readRecord,
  transform,
} from "./_record.ts";
import { checkAddress, isLocal, toPath, zoneOf } from "./_resolve.ts";

export interface CachedRequest {
  readonly io: Io;
  /** The entry, resolved. */
  readonly url: string;
  readonly settings: ModuleSettings;
  readonly locked: LockedPlugin | undefined;
  /** Where imported files may lie. */
  readonly folders: readonly string[];
}

/**
 * The graph as it was built, if its sources still match the project and the lock.
 *
 * @throws {UserError} `module_cache_damaged` when one of its files differs from what was written.
 */
export async function cachedGraph(request: CachedRequest): Promise<BuiltGraph | undefined> {
  const { io, locked } = request;
  const key = await keyOf(request);
  const kept = key === undefined ? undefined : await readRecord(io, key);
  if (kept === undefined) return undefined;
  const { record, sha256 } = kept;
  if (record.url !== request.url || !isAsLocked(record, locked)) return undefined;
  if (!isAllowed(record, request.settings) || !await areFilesAsBuilt(request, record)) {
    return undefined;
  }
  const paths = graphPaths(io, kept.key);
  if (!holdsFiles(record.modules) && contradicts(locked?.built, sha256)) {
    throw damaged(paths.record, locked!.built!.slice(transform.length + 1), sha256);
  }
  await checkOutputs(io, paths.modules, record.outputs);
  return await builtGraph(io, kept, locked);
}

export async function builtGraph(
  io: Io,
  { key, record, sha256 }: KeptGraph,
  locked: LockedPlugin | undefined,
): Promise<BuiltGraph> {
  const paths = graphPaths(io, key);
  const manifest = await readManifest(io, key, locked);
  return {
    entry: join(paths.modules, record.entry),
    folder: paths.modules,
    key,
    modules: record.modules,
    redirects: record.redirects,
    ...(record.nodeModules === undefined ? {} : { nodeModules: record.nodeModules }),
    ...(holdsFiles(record.modules) ? {} : { built: builtMark(sha256) }),
    ...(manifest === undefined ? {} : { manifest }),
  };
}

/** The remembered manifest; dropped if the lock records a different one. */
async function readManifest(
  io: Io,
  key: string,
  locked: LockedPlugin | undefined,
): Promise<PluginManifest | undefined> {
  const file = graphPaths(io, key).manifest;
  const found = await readSealed(io, file);
  if (found === undefined) return undefined;
  const manifest = JSON.parse(found.text) as PluginManifest;
  if (locked?.manifest === undefined) return manifest;
  return await manifestHash(io, manifest) === locked.manifest ? manifest : undefined;
}

export async function writeManifest(
  io: Io,
  key: string,
  manifest: PluginManifest,
): Promise<void> {
  await writeSealed(io, graphPaths(io, key).manifest, JSON.stringify(manifest));
}

export async function manifestHash(io: Io, manifest: PluginManifest): Promise<string> {
  return await io.sha256(new TextEncoder().encode(JSON.stringify(manifest)));
}

/**
 * A remote entry's key follows from the lock. What a local one imports is known only from its text, so
 * its last build is noted.
 */
async function keyOf({ io, url, locked }: CachedRequest): Promise<string | undefined> {
  if (isLocal(url)) return (await readSealed(io, await noteFile(io, url)))?.text;
  if (locked === undefined) return undefined;
  const modules = Object.entries(locked.modules).map(([url, module]) => ({ url, ...module }));
  return await graphKey(io, { url, modules, redirects: locked.redirects });
}

export async function noteEntry(io: Io, url: string, key: string): Promise<void> {
  if (isLocal(url)) await writeSealed(io, await noteFile(io, url), key);
}

async function noteFile(io: Io, url: string): Promise<string> {
  const id = await io.sha256(new TextEncoder().encode(`${transform}\n${url}`));
  return join(cacheFolder(io), "entries", id);
}

/** Whether the lock pins exactly the remote modules of the record, to the same content. */
function isAsLocked(
  { modules, redirects }: BuildRecord,
  locked: LockedPlugin | undefined,
): boolean {
  const remote = modules.filter(({ local }) => !local);
  const pinned = locked?.modules ?? {};
  return sameEntries(redirects, locked?.redirects ?? {}, (a, b) => a === b) &&
    sameEntries(
      Object.fromEntries(remote.map((module) => [module.url, module])),
      pinned,
      (a, b) => a.sha256 === b.sha256 && a.type === b.type,
    );
}

function sameEntries<A, B>(
  a: Readonly<Record<string, A>>,
  b: Readonly<Record<string, B>>,
  same: (a: A, b: B) => boolean,
): boolean {
  const entries = Object.entries(a);
  return entries.length === Object.keys(b).length &&
    entries.every(([key, value]) => Object.hasOwn(b, key) && same(value, b[key]!));
}

/** If the settings no longer allow it, load it again: that reports what is wrong. */
function isAllowed({ modules, redirects }: BuildRecord, settings: ModuleSettings): boolean {
  const { allow, maxModules, maxBytes } = settings;
  if (modules.length > maxModules || modules.some(({ bytes }) => bytes > maxBytes)) return false;
  const addresses = [...modules.map(({ url }) => url), ...Object.values(redirects)];
  try {
    for (const url of addresses) checkAddress(url, zoneOf(url, true), allow, { url });
    return true;
  } catch {
    // Loading it again reports the reason.
    return false;
  }
}

/** Whether the files are the ones that were built, in places where they may be. */
async function areFilesAsBuilt(
  { io, folders }: CachedRequest,
  { url: entry, modules }: BuildRecord,
): Promise<boolean> {
  for (const { url, sha256 } of modules) {
    if (!url.startsWith("file:")) continue;
    if (url !== entry && !await mayImport(io, url, folders)) return false;
    const path = toPath(url);
    if (await io.fs.stat(path) === undefined) return false;
    if ((await io.fs.sha256(path)).sha256 !== sha256) return false;
  }
  return true;
}

// Which files on this machine a plugin's modules may be. The loader reads with assay's own permissions and hands the
// plugin what it reads: without a limit, one `import` of JSON would be a permission that was never granted.

/**
 * The folders a plugin's files may be in, links followed: the project's root, and that of the
 * plugin's own entry, which the user may have put anywhere.
 */
export async function localFolders(
  io: Io,
  root: string,
  entry: string,
): Promise<readonly string[]> {
  const folders = entry.startsWith("file:") ? [root, dirname(toPath(entry))] : [root];
  const real = folders.map(async (folder) => {
    try {
      return [await io.fs.realPath(folder)];
    } catch {
      // A missing folder contains nothing; reading the entry reports what is wrong.
      return [];
    }
  });
  return (await Promise.all(real)).flat();
}

/** Whether an imported file is still where it may be. */
async function mayImport(
  io: Io,
  url: string,
  folders: readonly string[],
): Promise<boolean> {
  try {
    const path = await io.fs.realPath(toPath(url));
    return folders.some((folder) => isWithin(path, folder));
  } catch {
    // Loading it reports why it cannot be read.
    return false;
  }
}
