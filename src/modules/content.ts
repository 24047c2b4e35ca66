/** What trust covers: everything that decides which plugin code runs, and with which permissions. */

import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { isGranted, type LockedPlugin } from "../plugin_setting.ts";
import type { ModuleSettings, PluginSetting } from "../plugin_setting.ts";
import { isTable } from "../text/values.ts";
import { toFileUrl } from "./_resolve.ts";
import { localModules } from "./build.ts";
import { readLock } from "./lock.ts";
import { namedInProject, shown } from "./_refusal.ts";

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const pluginSchema = v.strictObject({
  /** Hash of its `[[plugin]]` table. */
  table: hash,
  /** Hash of what the lock pins; absent when it pins nothing, as for plugins made only of project files. */
  lock: v.exactOptional(hash),
  /** Hashes of the files it is made of, by path below the root or by address. */
  modules: v.record(v.string(), hash),
});

export type PluginContent = v.InferOutput<typeof pluginSchema>;

export const contentSchema = v.strictObject({
  /** Of the registries and hosts of `[modules]`. */
  sources: hash,
  /** By `url` as configured. */
  plugins: v.record(v.string(), pluginSchema),
});

/** Hash of everything; the same wherever the project is located. */
export type Content = v.InferOutput<typeof contentSchema>;

/** Whether a plugin may do what an unreviewed one must not: anything outside its own worker. */
export function needsTrust({ permissions, isolation }: Grant): boolean {
  return isolation === "none" || Object.values(permissions).some(isGranted);
}

type Grant = Pick<PluginSetting, "permissions" | "isolation">;

/**
 * Reads it. Nothing is fetched, written or run.
 *
 * @param problems Receives what cannot be read, by the plugin's `url`; without it the error is thrown.
 */
export async function contentOf(
  io: Io,
  root: string,
  plugins: readonly PluginSetting[],
  settings: ModuleSettings,
  problems?: Map<string, UserError>,
): Promise<Content> {
  const { plugins: locked } = await readLock(io, root);
  const { allow, jsr, npm } = settings;
  const sources = await digestOf(io, { allow, jsr, npm });
  const entries = plugins.map(async (plugin) => {
    const { url, permissions, options, isolation } = plugin;
    const modules = await localModules(io, root, url, settings, locked[url]).catch((error) => {
      if (!(error instanceof UserError)) throw error;
      const named = namedInProject(error, toFileUrl(`${root}/`));
      if (!problems) throw named;
      problems.set(url, named);
      return [];
    });
    return [url, {
      table: await digestOf(io, { url, permissions, options, isolation }),
      ...await lockHash(io, locked[url]),
      modules: Object.fromEntries(modules.map((each) => [nameOf(root, each.url), each.sha256])),
    }] as const;
  });
  return { sources, plugins: Object.fromEntries(await Promise.all(entries)) };
}

export async function relocked(io: Io, root: string, content: Content): Promise<Content> {
  const { plugins: locked } = await readLock(io, root);
  const entries = Object.entries(content.plugins).map(async ([url, { lock: _, ...rest }]) =>
    [url, { ...rest, ...await lockHash(io, locked[url]) }] as const
  );
  return { ...content, plugins: Object.fromEntries(await Promise.all(entries)) };
}

/** Covers what decides which code runs: the first load, which writes the rest, does not change what is trusted. */
async function lockHash(
  io: Io,
  { modules = {}, redirects = {} }: Partial<LockedPlugin> = {},
): Promise<{ lock?: string }> {
  const pins = { modules, redirects };
  return Object.keys({ ...modules, ...redirects }).length === 0
    ? {}
    : { lock: await digestOf(io, pins) };
}

export function nameOf(root: string, url: string): string {
  const top = toFileUrl(`${root}/`);
  return url.startsWith(top) ? `./${url.slice(top.length)}` : url;
}

/** Hash of the value, whatever the order of its keys. */
export async function digestOf(io: Io, value: unknown): Promise<string> {
  return await io.sha256(new TextEncoder().encode(canonical(value)));
}

/** JSON with sorted keys: equal values have equal text. */
function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, each) =>
      isTable(each)
        ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => a < b ? -1 : 1))
        : each,
  );
}

/** What changed in a plugin: its parts, a line each. */
export function pluginChanges(
  before: PluginContent | undefined,
  now: PluginContent | undefined,
): string[] {
  if (!before || !now) return before ? ["it is gone"] : now ? ["it is new"] : [];
  const files = [...new Set([...Object.keys(before.modules), ...Object.keys(now.modules)])].sort();
  return [
    ...before.table === now.table ? [] : ["its [[plugin]] table changed"],
    ...before.lock === now.lock ? [] : ["what the lock pins of it changed"],
    ...files.filter((file) => before.modules[file] !== now.modules[file]).map((file) =>
      `${file} ${
        before.modules[file] === undefined
          ? "is new"
          : now.modules[file] === undefined
          ? "is gone"
          : "changed"
      }`
    ),
  ];
}

/** Everything that changed, a line each: `./p.ts: its [[plugin]] table changed`. */
export function changesOf(before: Content, now: Content): string[] {
  const urls = [...new Set([...Object.keys(before.plugins), ...Object.keys(now.plugins)])];
  return [
    ...before.sources === now.sources ? [] : ["[modules]: where modules may come from changed"],
    ...urls.flatMap((url) =>
      pluginChanges(before.plugins[url], now.plugins[url]).map((line) =>
        line.startsWith(`${url} `) ? line : `${shown(url)}: ${line}`
      )
    ),
  ];
}
