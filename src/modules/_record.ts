/** The record of a built graph: what it was built from, and the hash of every file that came of it. */

import * as v from "valibot";
import { join } from "@std/path";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { cacheFolder, damaged, readSealed } from "./_cache.ts";
import type { BuiltModule } from "./types.ts";

/**
 * Names the transform: its own revision and the library whose output it is (which code is left when types are
 * taken out is the language's to say, not the runtime's). A graph that another transform built is built again.
 */
export const transform = "2+es-module-lexer-3.0.5";

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const schema = v.strictObject({
  version: v.literal(1),
  transform: v.string(),
  url: v.string(),
  /** One of the outputs. */
  entry: v.string(),
  modules: v.array(v.strictObject({
    url: v.string(),
    sha256: hash,
    bytes: v.number(),
    type: v.optional(v.picklist(["js", "ts", "json"])),
    local: v.boolean(),
  })),
  redirects: v.record(v.string(), v.string()),
  nodeModules: v.optional(v.array(v.string())),
  /** By the name of the file in the graph's folder. */
  outputs: v.record(v.string(), hash),
});

/** What is written beside a built graph. */
export interface BuildRecord {
  readonly version: 1;
  readonly transform: string;
  /** The entry as configured, resolved. */
  readonly url: string;
  readonly entry: string;
  /** Sorted by address. */
  readonly modules: readonly BuiltModule[];
  /** Sorted. */
  readonly redirects: Readonly<Record<string, string>>;
  /** Sorted; absent when none. */
  readonly nodeModules?: readonly string[];
  readonly outputs: Readonly<Record<string, string>>;
}

/** What identifies a graph: two that have it in common are built the same. */
export interface GraphIdentity {
  readonly url: string;
  readonly modules: readonly Omit<BuiltModule, "bytes" | "local">[];
  readonly redirects: Readonly<Record<string, string>>;
}

/**
 * The key of a graph. What `data:` addresses hold is part of the modules that name them, so that the lock,
 * which does not list them, knows enough to tell the key.
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

/** Where a graph and what belongs to it are. */
export function graphPaths(io: Io, key: string) {
  const folder = join(cacheFolder(io), "graphs", key);
  return {
    folder,
    record: join(folder, "build.json"),
    manifest: join(folder, "manifest.json"),
    modules: join(folder, "modules"),
  };
}

/** Reads the record of a graph; nothing when it was never built. */
export async function readRecord(
  io: Io,
  key: string,
): Promise<{ readonly record: BuildRecord; readonly sha256: string } | undefined> {
  const file = graphPaths(io, key).record;
  const found = await readSealed(io, file);
  if (found === undefined) return undefined;
  const record = parseRecord(file, found.text);
  const identity = await graphKey(io, record);
  if (identity !== key || record.transform !== transform) throw damaged(file, key, identity);
  return { record, sha256: found.sha256 };
}

function parseRecord(file: string, text: string): BuildRecord {
  const result = v.safeParse(schema, jsonOf(text));
  if (result.success) return result.output as BuildRecord;
  throw new UserError(`The cached file ${file} is no record of a build`, {
    code: "module_cache_damaged",
    hint: "Somebody or something changed it. --reload fetches and builds the modules again",
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON is no record either, and is told as such.
    return undefined;
  }
}

/** What the lock says of a build. */
export function builtMark(recordSha256: string): string {
  return `${transform}:${recordSha256}`;
}

/** Whether the lock has a mark of this transform, and another one. */
export function contradicts(built: string | undefined, recordSha256: string): boolean {
  return built?.startsWith(`${transform}:`) === true && built !== builtMark(recordSha256);
}

/** Whether a file of the project is part of a graph: then its content is not the lock's business. */
export function holdsFiles(modules: readonly { readonly url: string }[]): boolean {
  return modules.some(({ url }) => url.startsWith("file:"));
}
