/** A project with its plugins: the built-ins, and the modules its configuration names. */

import type { Claims } from "../config/claims.ts";
import { loadProject } from "../config/load.ts";
import { sameUrl } from "../config/plugin_url.ts";
import type { ExtensionKeys, LoadOptions } from "../config/types.ts";
import { messageOf, PluginError, usageError, UserError } from "../errors.ts";
import type { LoadedModule, LoadedModules } from "../modules/mod.ts";
import { callPlugin } from "../run/call.ts";
import { type LoadedPlugin, pluginsOf } from "../run/mod.ts";
import type { ConfigTable, Extension } from "../plugin.ts";
import type { ModuleMode, PluginSetting } from "../plugin_setting.ts";
import { contributed } from "./_plugin_record.ts";
import { keepGranted } from "./privilege.ts";
import {
  type Call,
  type LoadModules,
  looseOptions,
  type OpenedProject,
  type UnloadedModule,
} from "./types.ts";

/** How long a built-in extension may take to check a table, in milliseconds. */
const builtinCallMs = 10_000;

/**
 * Reads the configuration. The plugins it names are loaded if the call can (their workers end when the
 * verb ends); if it only looks, their records stand in for them.
 */
export async function openProject(call: Call, root: string): Promise<OpenedProject> {
  const { io, builtins } = call;
  let loaded: LoadedModules | undefined;
  let unloaded: readonly UnloadedModule[] = [];
  const options: LoadOptions = {
    ...looseOptions(builtins),
    extensions: keysOf(call, root, [builtinPlugin(call)], builtinCallMs),
    async loadModules(plugins, settings, callTimeoutMs) {
      if (!call.loadModules) {
        const recorded = await import("./_recorded.ts");
        unloaded = await recorded.recordedModules(
          ...[io, root, plugins, settings, givenDigest(call)] as const,
        );
        return recorded.recordedContribution(unloaded, builtinClaims(call));
      }
      loaded = await call.loadModules(root, plugins, settings, {
        ...moduleMode(call),
        callTimeoutMs,
      });
      call.atEnd(loaded.end);
      const { checkClaims } = await import("../config/claims.ts");
      checkClaims(builtinClaims(call), loaded.modules);
      const keys = keysOf(call, root, loaded.modules.map(modulePlugin), callTimeoutMs);
      return { ...keys, ...contributed(loaded.modules) };
    },
  };
  const project = await loadProject(io, root, options);
  const wroteLock = await loaded?.commitLock() ?? false;
  if (wroteLock) {
    io.stderr.write("assay: wrote .assay/lock.json, which pins the plugins\n");
  }
  const modules = loaded?.modules ?? [];
  if (call.loadModules) keepGranted(io, modules.map(({ setting }) => setting));
  const all = [builtinPlugin(call), ...modules.map(modulePlugin)];
  const plugins = pluginsOf(all, project.extensions.order);
  return { project, modules, unloaded, wroteLock, plugins };
}

function builtinPlugin({ builtins }: Call): LoadedPlugin {
  const { version, extensions, engines, annotators, parsers } = builtins;
  return {
    plugin: { name: "assay", version, extensions, engines, annotators, parsers },
    options: {},
    source: "built-in",
  };
}

function modulePlugin({ plugin, setting, graph, warm }: LoadedModule): LoadedPlugin {
  const { options, permissions, url } = setting;
  const digest = JSON.stringify([graph.key, options, permissions]);
  return { plugin, options, source: url, digest, warm };
}

export function builtinClaims({ builtins }: Call): Claims {
  const { extensions, engines, annotators, parsers } = builtins;
  return { name: "assay", extensions, engines, annotators, parsers, runners: [] };
}

function keysOf(
  { io }: Call,
  root: string,
  plugins: readonly LoadedPlugin[],
  timeoutMs: number,
): ExtensionKeys {
  const owned = plugins.flatMap((owner) =>
    (owner.plugin.extensions ?? []).map((extension) => ({ owner, extension }))
  );
  const host = { io, root, timeoutMs, warn: () => {} };
  return {
    keys: owned.map(({ extension }) => extension.configKey),
    names: Object.fromEntries(owned.map(({ extension: { configKey, name } }) => [configKey, name])),
    async validate(key, table) {
      const found = owned.find(({ extension }) => extension.configKey === key);
      if (!found?.extension.validate) return [];
      return await validated(found.owner, found.extension, host, table);
    },
  };
}

async function validated(
  owner: LoadedPlugin,
  extension: Extension,
  host: Parameters<typeof callPlugin>[2],
  table: ConfigTable,
): Promise<readonly string[]> {
  const what = `extension "${extension.name}", validate`;
  try {
    const errors = await callPlugin(
      owner,
      what,
      host,
      (services) => extension.validate!(table, services),
    );
    const isList = Array.isArray(errors) && errors.every((each) => typeof each === "string");
    if (isList) return errors;
    throw new PluginError(`${what}: did not return a list of strings`);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    // A table that could not be checked may be wrong.
    throw new UserError(`Cannot check the table "${extension.configKey}": ${messageOf(error)}`, {
      code: "plugin_failed",
      hint: `fix the plugin ${owner.source}, or remove the table`,
      cause: error,
    });
  }
}

/** How modules may be fetched, by the options and the environment. */
export function moduleMode({ io, flag }: Call): ModuleMode {
  const [cachedOnly, reload] = [flag("cached-only"), flag("reload")];
  if (cachedOnly && reload) {
    throw usageError("--cached-only and --reload exclude each other", "use one of them");
  }
  // Every CI service sets `CI`; some tools set it to a text that means no.
  const isCi = !["", "0", "false"].includes((io.env("CI") ?? "").toLowerCase());
  return { frozen: flag("frozen") || isCi, cachedOnly, reload };
}

/** What loads plugins, in verbs that do. */
export function loaderOf({ loadModules, verb }: Call): LoadModules {
  if (loadModules) return loadModules;
  throw new Error(`the row of ${verb.name} in the table of verbs does not say that this loads`);
}

/** The digest of what the user trusts without a terminal. */
export function givenDigest({ io, value }: Pick<Call, "io" | "value">): string | undefined {
  return value("trust") ?? (io.env("ASSAY_TRUST") || undefined);
}

/**
 * The configured plugin that an argument names: by its address, or by its name in the lock.
 *
 * @throws {UserError} when there is none, or several have the name.
 */
export function namedPlugin(
  argument: string,
  plugins: readonly PluginSetting[],
  names: (setting: PluginSetting) => string | undefined,
): PluginSetting {
  const byUrl = plugins.find(({ url }) => sameUrl(url) === sameUrl(argument));
  if (byUrl) return byUrl;
  const [named, another] = plugins.filter((setting) => names(setting) === argument);
  if (named && !another) return named;
  if (named && another) {
    const why = `Two plugins have the name "${argument}": ${named.url}, ${another.url}`;
    throw usageError(why, "use its URL");
  }
  const known = plugins.map((setting) =>
    names(setting) === undefined ? setting.url : `${names(setting)} (${setting.url})`
  );
  throw new UserError(`Unknown plugin "${argument}"`, {
    code: "plugin_unknown",
    hint: known.length > 0 ? `the plugins are ${known.join(", ")}` : "no plugin is configured",
  });
}
