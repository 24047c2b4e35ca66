/**
 * Plugins that are code, from their addresses to objects the pipeline can call:
 *
 * ```
 * lock ─► build (fetch, check, strip types, cache) ─► manifest (remembered, or asked of the plugin) ─► proxy
 * ```
 *
 * A worker starts when something of its plugin is first called.
 *
 * @module
 */

import { UserError, UserErrors } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Plugin } from "../plugin.ts";
import type {
  LockedPlugin,
  ModuleMode,
  ModuleSettings,
  PluginManifest,
  PluginSetting,
} from "../plugin_setting.ts";
import { writeManifest } from "./_cached_graph.ts";
import { buildGraph, type BuiltGraph } from "./build.ts";
import { checkGrants, type ModuleHost, moduleHost } from "./host.ts";
import { beyond, type Lock, lockedPlugin, lockFile, readLock, writeLock } from "./lock.ts";

export interface LoadedModule {
  readonly setting: PluginSetting;
  readonly manifest: PluginManifest;
  readonly plugin: Plugin;
  readonly graph: BuiltGraph;
  /** Starts what its first call would have to wait for. */
  warm(): void;
}

export interface LoadedModules {
  readonly modules: readonly LoadedModule[];
  /** Writes what was loaded to the lock, keeping other plugins; returns whether it changed. */
  commitLock(): Promise<boolean>;
  end(): void;
}

/** How modules are fetched, and which changes are accepted. */
export interface LoadMode extends ModuleMode {
  /**
   * Plugins, by their `url` as configured, whose changed content and permissions are accepted. If given,
   * `reload` applies only to these.
   */
  readonly accept?: readonly string[];
  /** Throws if a built plugin is not what may run; none of it has run by then. */
  readonly approve?: (setting: PluginSetting, graph: BuiltGraph) => void;
  /** Time limit of a call, in milliseconds; loading a plugin is one. */
  readonly callTimeoutMs?: number;
}

const defaultCallMs = 10_000;

/**
 * Loads the configured plugins. Writes only to the cache: the lock waits for
 * {@linkcode LoadedModules.commitLock}, called once the whole configuration was found valid.
 *
 * @throws {UserErrors} with everything that is refused, one per plugin.
 */
export async function loadModules(
  io: Io,
  root: string,
  plugins: readonly PluginSetting[],
  settings: ModuleSettings,
  mode: LoadMode,
): Promise<LoadedModules> {
  const ends: (() => void)[] = [];
  const loading = { io, root, settings, mode, lock: await readLock(io, root), ends };
  const end = () => ends.forEach((each) => each());
  // All refusals happen before any plugin code runs.
  const graphs = await ofEach(plugins, (setting) => builtModule(loading, setting));
  try {
    const modules = await ofEach(
      plugins,
      (setting, index) => loadModule(loading, setting, graphs[index]!),
    );
    return { modules, end, commitLock: () => commitLock(io, root, modules, mode) };
  } catch (error) {
    end();
    throw error;
  }
}

/** Does it for all plugins at once; throws everything that is refused. */
async function ofEach<T>(
  plugins: readonly PluginSetting[],
  act: (setting: PluginSetting, index: number) => Promise<T>,
): Promise<T[]> {
  const settled = await Promise.allSettled(plugins.map(act));
  const refused = settled.flatMap((each, index) =>
    each.status === "rejected" ? placed(each.reason, plugins[index]!) : []
  );
  if (refused.length > 0) throw refused.length === 1 ? refused[0] : new UserErrors(refused);
  return settled.map((each) => (each as PromiseFulfilledResult<T>).value);
}

interface Loading {
  readonly io: Io;
  readonly root: string;
  readonly settings: ModuleSettings;
  readonly mode: LoadMode;
  readonly lock: Lock;
  /** Receives what ends a plugin's worker. */
  readonly ends: (() => void)[];
}

async function builtModule(
  { io, root, settings, mode, lock }: Loading,
  setting: PluginSetting,
): Promise<BuiltGraph> {
  const { url, permissions } = setting;
  const accepted = mode.accept?.includes(url) ?? false;
  const locked = accepted ? undefined : lock.plugins[url];
  if (!accepted && mode.frozen) checkLocked(setting, locked);
  if (setting.isolation === "worker") await checkGrants(io, { url, permissions, root });
  const reload = mode.reload && (accepted || mode.accept === undefined);
  const graph = await buildGraph(io, root, url, settings, { ...mode, reload }, locked);
  mode.approve?.(setting, graph);
  return graph;
}

async function loadModule(
  { io, root, mode, ends }: Loading,
  setting: PluginSetting,
  graph: BuiltGraph,
): Promise<LoadedModule> {
  const { url, isolation } = setting;
  const callTimeoutMs = mode.callTimeoutMs ?? defaultCallMs;
  const host = moduleHost(io, { ...graph, ...setting, root, callTimeoutMs });
  ends.push(() => host.end());
  // Without isolation, what it provides may depend on anything: it is asked each time.
  const known = isolation === "worker" ? graph.manifest : undefined;
  const manifest = known ?? await described(host, url, callTimeoutMs);
  if (!known && isolation === "worker") await writeManifest(io, graph.key, manifest);
  return { setting, graph, manifest, plugin: host.plugin(manifest), warm: () => host.warm() };
}

async function described(host: ModuleHost, url: string, callTimeoutMs: number) {
  const signal = AbortSignal.timeout(callTimeoutMs);
  return await host.describe(signal).catch((error) => {
    if (!signal.aborted) throw error;
    const why =
      `the module was not loaded within ${callTimeoutMs / 1000} s: what it does when it is ` +
      "imported did not end";
    const hint = "see what is at its top level, such as a loop or an await; if it needs longer, " +
      "raise call_timeout under [extensions] in .assay/config.toml";
    throw new UserError(`${url}: ${why}`, { code: "plugin_load", hint, cause: error });
  });
}

/** What the lock must contain when nothing may be added to it. */
function checkLocked(setting: PluginSetting, locked: LockedPlugin | undefined): void {
  const { url } = setting;
  const hint = "run assay plugin check on your own machine, without --frozen, a digest or CI " +
    `set, and commit ${lockFile}, which it writes`;
  if (!locked) {
    throw new UserError(`The plugin ${url} is not in ${lockFile}, and nothing may be added to it`, {
      code: "module_not_locked",
      hint,
    });
  }
  const more = beyond(setting, locked);
  if (more.length === 0) return;
  throw new UserError(
    `The plugin ${url} is granted more than ${lockFile} says it was: ${more.join(", ")}`,
    { code: "plugin_permission_changed", hint: `take the grant back, or ${hint}` },
  );
}

async function commitLock(
  io: Io,
  root: string,
  modules: readonly LoadedModule[],
  { frozen }: ModuleMode,
): Promise<boolean> {
  if (frozen) return false;
  const entries = modules.map(async ({ setting, graph, manifest }) =>
    [setting.url, await lockedPlugin(io, graph, manifest, setting)] as const
  );
  const plugins = Object.fromEntries(await Promise.all(entries));
  return await writeLock(io, root, { version: 1, plugins });
}

/** A refusal; if it has no place of its own, with the place where the plugin is configured. */
function placed(reason: unknown, { file, line }: PluginSetting): UserError[] {
  if (reason instanceof UserErrors) return [...reason.errors];
  if (!(reason instanceof UserError)) throw reason;
  if (reason.place.file !== undefined) return [reason];
  const { code, hint } = reason;
  return [new UserError(reason.message, { code, hint, file, line, cause: reason })];
}
