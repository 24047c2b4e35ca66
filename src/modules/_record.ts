/** The record of a built graph: what it was built from, and the hash of every resulting file. */

import * as v from "valibot";
import { join } from "@std/path";
import { messageOf, UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { LockedModule, PluginManifest } from "../plugin_setting.ts";
import { cacheFolder, damaged, readSealed } from "./_cache.ts";
import { safeParse } from "./_safe_json.ts";

export interface BuiltModule extends LockedModule {
  /** After every redirect. */
  readonly url: string;
  /** Part of the project (`file:`, `data:`), so not pinned by the lock. */
  readonly local: boolean;
}

/** A plugin's modules, checked, transformed and on disk. */
export interface BuiltGraph {
  /** Absolute path of the entry module as a file that can be imported (JS). */
  readonly entry: string;
  /** Absolute folder that holds the whole built graph and nothing else. */
  readonly folder: string;
  /** SHA-256 that identifies the sources and the transform. */
  readonly key: string;
  /** Every module by final address, sorted. */
  readonly modules: readonly BuiltModule[];
  /** Where an address leads: redirects of servers, and what `jsr:` and `npm:` were resolved to. */
  readonly redirects: Readonly<Record<string, string>>;
  /**
   * Node's modules that the graph imports, such as `node:path`, sorted; absent when none. The runtime
   * loads them with names that a hardened realm no longer has, so a worker loads them before hardening.
   */
  readonly nodeModules?: readonly string[];
  /** What the lock says about the build; absent when a project file is part of the graph. */
  readonly built?: string;
  /** Remembered from the first load of this exact graph. */
  readonly manifest?: PluginManifest;
}

/**
 * Names the transform: its own revision and the library that produces the output (which code remains without
 * types depends on the language, not the runtime). A graph built by another transform is rebuilt.
 */
export const transform = "2+es-module-lexer-3.0.5";

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const schema = v.strictObject({
  version: v.literal(1),
  transform: v.string(),
  /** The entry as configured, resolved. */
  url: v.string(),
  /** One of the outputs. */
  entry: v.string(),
  /** Sorted by address. */
  modules: v.array(v.strictObject({
    url: v.string(),
    sha256: hash,
    bytes: v.number(),
    type: v.exactOptional(v.picklist(["js", "ts", "json"])),
    local: v.boolean(),
  })),
  /** Sorted. */
  redirects: v.record(v.string(), v.string()),
  /** Sorted; absent when none. */
  nodeModules: v.exactOptional(v.array(v.string())),
  /** By the name of the file in the graph's folder. */
  outputs: v.record(v.string(), hash),
});

export type BuildRecord = v.InferOutput<typeof schema>;

/** Identifies a graph: two with equal values are built the same. */
export interface GraphIdentity {
  readonly url: string;
  readonly modules: readonly Omit<BuiltModule, "bytes" | "local">[];
  readonly redirects: Readonly<Record<string, string>>;
}

/**
 * The key of a graph. The contents of `data:` addresses are part of the modules that name them, so the lock,
 * which does not list them, still determines the key.
 */
export async function graphKey(io: Io, identity: GraphIdentity): Promise<string> {
  const modules = identity.modules.filter(({ url }) => !url.startsWith("data:"))
    .map(({ url, sha256, type = "" }) => [url, sha256, type]);
  const redirects = Object.entries(identity.redirects);
  const text = JSON.stringify([
    transform,
    identity.url,
    modules.sort(byFirst),
    redirects.sort(byFirst),
  ]);
  return await io.sha256(new TextEncoder().encode(text));
}

/** The order of everything that is hashed. */
export function byFirst([a]: readonly string[], [b]: readonly string[]): number {
  return a! < b! ? -1 : a! > b! ? 1 : 0;
}

export function graphPaths(io: Io, key: string) {
  const folder = join(cacheFolder(io), "graphs", key);
  return {
    folder,
    record: join(folder, "build.json"),
    manifest: join(folder, "manifest.json"),
    modules: join(folder, "modules"),
  };
}

export interface KeptGraph {
  readonly key: string;
  readonly record: BuildRecord;
  /** Of the record. */
  readonly sha256: string;
}

/** Reads the record of a graph; `undefined` when it was never built. */
export async function readRecord(io: Io, key: string): Promise<KeptGraph | undefined> {
  const file = graphPaths(io, key).record;
  const found = await readSealed(io, file);
  if (found === undefined) return undefined;
  const record = parseRecord(file, found.text);
  const identity = await graphKey(io, record);
  if (identity !== key || record.transform !== transform) throw damaged(file, key, identity);
  return { key, record, sha256: found.sha256 };
}

function parseRecord(file: string, text: string): BuildRecord {
  const result = v.safeParse(schema, safeParse(text));
  if (result.success) return result.output;
  throw new UserError(`The cached file ${file} is not a build record`, {
    code: "module_cache_damaged",
    hint: "--reload fetches and builds the modules again",
  });
}

export function builtMark(recordSha256: string): string {
  return `${transform}:${recordSha256}`;
}

/** Whether the lock records a different transform. */
export function contradicts(built: string | undefined, recordSha256: string): boolean {
  return built?.startsWith(`${transform}:`) === true && built !== builtMark(recordSha256);
}

/** Whether a project file is part of a graph: then the lock does not cover its content. */
export function holdsFiles(modules: readonly { readonly url: string }[]): boolean {
  return modules.some(({ url }) => url.startsWith("file:"));
}

/**
 * Checks every file of a built graph.
 *
 * @throws {UserError} `module_cache_damaged`
 */
export async function checkOutputs(
  io: Io,
  folder: string,
  outputs: Readonly<Record<string, string>>,
): Promise<void> {
  await Promise.all(
    Object.entries(outputs).map(async ([file, expected]) => {
      const path = join(folder, file);
      let found: string;
      try {
        found = (await io.fs.sha256(path)).sha256;
      } catch (error) {
        throw damaged(path, expected, messageOf(error));
      }
      if (found !== expected) throw damaged(path, expected, found);
    }),
  );
}
