/** Reads and writes `.assay/lock.json`, which pins the contents of plugins. */

import { join } from "@std/path";
import * as v from "valibot";
import { messageOf, UserError } from "../errors.ts";
import { type Io, isNotFound } from "../io.ts";
import { issueText } from "../text/issues.ts";
import type {
  LockedPlugin,
  PluginManifest,
  PluginPermissions,
  PluginSetting,
} from "../plugin_setting.ts";
import { manifestHash } from "./_cached_graph.ts";
import { type BuiltGraph, byFirst } from "./_record.ts";

export const lockFile = ".assay/lock.json";

export interface Lock {
  readonly version: 1;
  /** By their address as configured. */
  readonly plugins: Readonly<Record<string, LockedPlugin>>;
}

const hash = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/, "expected a SHA-256 in 64 lower-case hexadecimal digits"),
);

const granted = v.optional(
  v.union([v.boolean(), v.array(v.string())], "must be true, false or a list of strings"),
);

export const grants = v.entriesFromList(
  ["read", "write", "net", "env", "run", "sys", "ffi"],
  granted,
);

const permissions = v.strictObject(grants);

/** What is shown without loading the plugin; the rest is kept as it is. */
const provides = v.strictObject({
  description: v.optional(v.string()),
  permissions: v.optional(permissions),
  extensions: v.array(v.looseObject({ name: v.string(), configKey: v.string() })),
  engines: v.array(v.looseObject({ name: v.string(), capabilities: v.array(v.string()) })),
  annotators: v.array(v.looseObject({ name: v.string(), eager: v.boolean() })),
  parsers: v.array(v.looseObject({ format: v.string() })),
  runners: v.array(v.looseObject({ id: v.string(), command: v.string() })),
});

/** The lock's definition; {@linkcode readLock} reads with it. */
export const lockSchema = v.strictObject({
  version: v.literal(1, "expected 1, the version of the lock this assay reads"),
  plugins: v.record(
    v.string(),
    v.strictObject({
      name: v.string(),
      version: v.optional(v.string()),
      permissions,
      isolation: v.optional(v.literal("none", 'expected "none", or no such key for a worker')),
      modules: v.record(
        v.string(),
        v.strictObject({
          sha256: hash,
          bytes: v.pipe(v.number(), v.integer(), v.minValue(0)),
          type: v.optional(v.picklist(["js", "ts", "json"])),
        }),
      ),
      redirects: v.record(v.string(), v.string()),
      provides,
      built: v.optional(
        v.pipe(v.string(), v.regex(/:[0-9a-f]{64}$/, "expected transform:SHA-256")),
      ),
      manifest: v.optional(hash),
    }),
  ),
});

/**
 * Reads the lock of a project; an empty one when there is none.
 *
 * @throws {UserError} `lock_invalid` with file, line and key.
 */
export async function readLock(io: Io, root: string): Promise<Lock> {
  const text = await readText(io, root);
  if (text === undefined) return { version: 1, plugins: {} };
  const result = v.safeParse(lockSchema, parse(text));
  // Of what a plugin provides, only what is shown without loading it was checked; `config` checks runners.
  if (result.success) return result.output as unknown as Lock;
  const [issue] = result.issues;
  const keys = (issue.path ?? []).map(({ key }) => String(key));
  const why = issue.type !== "strict_object" || issue.expected === "Object"
    ? issueText(issue)
    : `${issue.expected === "never" ? "unknown" : "missing"} key "${keys.at(-1)}"`;
  throw invalid(`${keys.join(" → ")}: ${why}`, lineOf(text, keys), keys.join("."));
}

/** Writes the lock, sorted, if it differs from the file. Returns whether it wrote. */
export async function writeLock(io: Io, root: string, lock: Lock): Promise<boolean> {
  const text = `${JSON.stringify(sorted(lock), undefined, 2)}\n`;
  if (await readText(io, root) === text) return false;
  try {
    await io.fs.mkdir(join(root, ".assay"));
    await io.fs.writeAtomic(join(root, lockFile), text);
  } catch (error) {
    throw new UserError(`Cannot write ${lockFile}: ${messageOf(error)}`, {
      code: "lock_unwritable",
      file: lockFile,
      hint: "Check who owns the file; with --frozen nothing is written",
      cause: error,
    });
  }
  return true;
}

export async function lockedPlugin(
  io: Io,
  graph: BuiltGraph,
  manifest: PluginManifest,
  { permissions, isolation }: Pick<PluginSetting, "permissions" | "isolation">,
): Promise<LockedPlugin> {
  const remote = graph.modules.filter(({ local }) => !local);
  const { name, version, ...provides } = manifest;
  return {
    name,
    ...(version === undefined ? {} : { version }),
    permissions,
    ...(isolation === "none" ? { isolation } : {}),
    modules: Object.fromEntries(remote.map(({ url, local: _, ...module }) => [url, module])),
    redirects: graph.redirects,
    provides,
    ...(graph.built === undefined
      ? {}
      : { built: graph.built, manifest: await manifestHash(io, manifest) }),
  };
}

/** What the lock says, by the plugins' `url` as configured. */
export async function lockedPlugins(
  io: Io,
  root: string,
): Promise<Readonly<Record<string, LockedPlugin>>> {
  return (await readLock(io, root)).plugins;
}

/** What a plugin is granted beyond the lock, a line each; everything if the lock has no entry. */
export function beyond(
  { permissions, isolation }: Pick<PluginSetting, "permissions" | "isolation">,
  locked: LockedPlugin | undefined,
): string[] {
  return [
    ...widened(permissions, locked?.permissions ?? {}),
    ...isolation === "none" && locked?.isolation !== "none"
      ? ['isolation = "none" (assay\'s own process, with all its permissions)']
      : [],
  ];
}

/** Removes a plugin from the lock; returns whether it was there. */
export async function forgetPlugin(io: Io, root: string, url: string): Promise<boolean> {
  const { version, plugins } = await readLock(io, root);
  const { [url]: known, ...others } = plugins;
  if (known) await writeLock(io, root, { version, plugins: others });
  return known !== undefined;
}

/** What a plugin provides, a line each, such as `extension greeting`. */
export function providedLines(manifest: LockedPlugin["provides"]): string[] {
  return [
    ...manifest.extensions.map(({ name, configKey }) =>
      `extension ${name}${configKey === name ? "" : ` (table ${configKey})`}`
    ),
    ...manifest.engines.map(({ name, capabilities }) =>
      `engine ${name}: ${capabilities.join(", ")}`
    ),
    ...manifest.annotators.map(({ name, eager }) => `annotator ${name}${eager ? " (eager)" : ""}`),
    ...manifest.parsers.map(({ format }) => `parser ${format}`),
    ...manifest.runners.map(({ id, command }) => `runner ${id}: ${command}`),
  ];
}

async function readText(io: Io, root: string): Promise<string | undefined> {
  try {
    return await io.fs.readText(join(root, lockFile));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw new UserError(`Cannot read ${lockFile}: ${messageOf(error)}`, {
      code: "lock_invalid",
      file: lockFile,
      cause: error,
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const conflict = /^(?:<{7}|={7}|>{7})/m.exec(text);
    const said = /position (\d+)/.exec(messageOf(error))?.[1];
    const offset = conflict?.index ?? (said === undefined ? text.length : Number(said));
    const line = text.slice(0, offset).split("\n").length;
    const why = conflict ? "it contains merge conflict markers" : "it is not JSON";
    throw invalid(`line ${line}: ${why}`, line, undefined, error);
  }
}

function invalid(
  why: string,
  line: number | undefined,
  key: string | undefined,
  cause?: unknown,
): UserError {
  return new UserError(`Cannot read ${lockFile}: ${why}`, {
    code: "lock_invalid",
    file: lockFile,
    line,
    key,
    cause,
    hint: "Restore it from version control, or write it again: assay plugin update",
  });
}

/** The line of the deepest of the nested keys found in the text. */
function lineOf(text: string, keys: readonly string[]): number | undefined {
  let offset = 0;
  let line: number | undefined;
  for (const key of keys) {
    const found = text.indexOf(JSON.stringify(key), offset);
    if (found < 0) continue;
    offset = found;
    line = text.slice(0, found).split("\n").length;
  }
  return line;
}

/** Tables sorted by key; the keys of a plugin and a module keep their written order. */
function sorted({ plugins }: Lock): Lock {
  const inOrder = mapSorted(plugins, (plugin) => ({
    ...plugin,
    permissions: mapSorted({ ...plugin.permissions }, (grant) => grant),
    modules: mapSorted(plugin.modules, (module) => module),
    redirects: mapSorted(plugin.redirects, (to) => to),
  }));
  return { version: 1, plugins: inOrder };
}

function mapSorted<T, Made>(
  table: Readonly<Record<string, T>>,
  make: (value: T) => Made,
): Record<string, Made> {
  const entries = Object.entries(table).sort(([a], [b]) => byFirst([a], [b]));
  return Object.fromEntries(entries.map(([key, value]) => [key, make(value)]));
}

// What a plugin is granted beyond what it was granted before.

/** The grants of `now` that `before` does not hold, such as `net: api.example.com`. */
export function widened(now: PluginPermissions, before: PluginPermissions): string[] {
  const names = Object.keys(now) as (keyof PluginPermissions)[];
  return names.flatMap((name) => {
    const [wanted, had] = [now[name] ?? false, before[name] ?? false];
    if (had === true || wanted === false) return [];
    if (wanted === true) return [`${name}: all`];
    const known = had === false ? [] : had;
    return wanted.filter((each) => !known.includes(each)).map((each) => `${name}: ${each}`);
  });
}
