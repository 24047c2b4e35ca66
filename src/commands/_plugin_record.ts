/**
 * A plugin as it is printed: what it provides, consists of, asks for and is granted. In verbs that only look, no
 * module is loaded, fetched or run: what the lock recorded when they were last loaded is shown instead. It is
 * text from the repository: checked and shown, never called.
 *
 * @module
 */

import { normalize } from "@std/path";
import type { LoadedModule } from "../modules/mod.ts";
import { isGranted, type LockedPlugin, type PluginManifest } from "../plugin_setting.ts";
import type { PluginPermissions, PluginSetting } from "../plugin_setting.ts";
import type { ModulePluginRecord, PermissionRecord } from "../schema/plugins.ts";
import type { CommandDef, Contribution } from "../config/types.ts";
import { stateText } from "../report/terminal/words.ts";
import { truncate } from "../text/words.ts";
import { type OpenedProject, permissionNames, type UnloadedModule } from "./types.ts";

export function pluginRecord({ setting, manifest, graph }: LoadedModule): ModulePluginRecord {
  return recordFrom(
    setting,
    "loaded",
    manifest,
    graph.modules.map(({ url, bytes }) => ({ url, bytes })),
  );
}

/** The record of one that was not loaded, from the lock. */
export function unloadedRecord({ setting, state, locked }: UnloadedModule): ModulePluginRecord {
  const modules = Object.entries(locked?.modules ?? {}).map(([url, { bytes }]) => ({ url, bytes }));
  return recordFrom(setting, state, locked && recordedManifest(locked), modules);
}

function recordFrom(
  { url, isolation, permissions: granted }: PluginSetting,
  state: ModulePluginRecord["state"],
  manifest: PluginManifest | undefined,
  modules: readonly { readonly url: string; readonly bytes: number }[],
): ModulePluginRecord {
  const { name = url, version = null, description = null, permissions: asked = {} } = manifest ??
    {};
  const remote = modules.filter(({ url }) => /^https?:/.test(url));
  const hosts = remote.map(({ url }) => new URL(url).host);
  return {
    name,
    version,
    description,
    url,
    isolation,
    state,
    provides: manifest
      ? {
        extensions: manifest.extensions.map(({ name, configKey }) => ({ name, key: configKey })),
        engines: manifest.engines.map(({ name }) => name),
        annotators: manifest.annotators.map(({ name, eager }) => ({ name, eager })),
        parsers: manifest.parsers.map(({ format }) => format),
        runners: manifest.runners.map(({ id }) => id),
      }
      : null,
    modules: state !== "loaded" && modules.length === 0 ? null : {
      count: modules.length,
      bytes: modules.reduce((sum, { bytes }) => sum + bytes, 0),
      hosts: [...new Set(hosts)],
    },
    permissions: {
      asked: recordOf(asked),
      granted: recordOf(granted),
      missing: missingPermissions(asked, granted),
    },
  };
}

export function missingPermissions(
  asked: PluginPermissions,
  granted: PluginPermissions,
): PermissionRecord {
  const missing = permissionNames.map((name) =>
    [name, missingOf(name, asked[name], granted[name])] as const
  );
  return recordOf(Object.fromEntries(missing));
}

/** Both together. */
export function joinedPermissions(
  one: PluginPermissions,
  other: PluginPermissions,
): PluginPermissions {
  const joined = permissionNames.map((name) => {
    const both = [one[name] ?? [], other[name] ?? []];
    return [name, both.includes(true) ? true : [...new Set(both.flatMap(listOf))]] as const;
  });
  return recordOf(Object.fromEntries(joined));
}

/** Whether two grant the same, in any order. */
export function samePermissions(one: PluginPermissions, other: PluginPermissions): boolean {
  const sorted = (permissions: PluginPermissions) =>
    permissionNames.map((name) => {
      const value = permissions[name];
      return value === true || listOf(value).toSorted();
    });
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** Only non-empty entries. */
export function recordOf(permissions: PluginPermissions): PermissionRecord {
  const said = permissionNames.flatMap((name) => {
    const value = permissions[name];
    return isGranted(value) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(said);
}

function listOf(value: boolean | readonly string[] | undefined): readonly string[] {
  return typeof value === "object" ? value : [];
}

function missingOf(
  name: (typeof permissionNames)[number],
  asked: PluginPermissions["read"] = false,
  granted: PluginPermissions["read"] = false,
): boolean | readonly string[] {
  if (granted === true) return [];
  if (asked === true) return true;
  return listOf(asked).filter((want) => !listOf(granted).some((have) => covers(name, have, want)));
}

/** Whether a grant includes what is asked for: a folder includes all in it, a host all its ports. */
function covers(name: string, have: string, want: string): boolean {
  if (have === want) return true;
  if (name === "net") return want.startsWith(`${have}:`);
  if (name !== "read" && name !== "write" && name !== "ffi") return false;
  const [folder, path] = [have, want].map((each) => `${normalize(each).replace(/\/+$/, "")}/`);
  if (folder !== "./") return path!.startsWith(folder!);
  return !path!.startsWith("/") && !path!.startsWith("../");
}

/** Longer addresses (`data:`) are cut. */
const maxUrl = 60;

/** What a plugin declared to provide when it was last loaded. */
export function recordedManifest({ name, version, provides }: LockedPlugin): PluginManifest {
  return { name, ...version === undefined ? {} : { version }, ...provides };
}

/** One line for each plugin that would not be loaded in a run either. */
export function unloadedLines(unloaded: readonly UnloadedModule[]): string[] {
  return unloaded.filter(({ state }) => state === "not_trusted").map(({ setting, state }) =>
    `plugin ${truncate(setting.url, maxUrl)}: ${stateText(state)} (assay trust)`
  );
}

/** The same, with what is not known of a command because of those not loaded: a run applies its tables. */
export function unloadedFor(
  { extensionData, sandbox }: CommandDef,
  { unloaded, plugins }: Pick<OpenedProject, "unloaded" | "plugins">,
): string[] {
  const known = plugins.extensionKeys;
  const tables = Object.keys(extensionData).filter((key) => !known.has(key));
  const engines = sandbox?.engines?.filter((name) =>
    !plugins.engines.some(({ value }) => value.name === name)
  );
  return [
    ...unloadedLines(unloaded),
    ...(engines ?? []).map((name) =>
      `the engine "${name}" belongs to a plugin that is not loaded here`
    ),
    ...tables.map((key) => {
      const owner = unloaded.find(({ locked }) =>
        locked?.provides.extensions.some(({ configKey }) => configKey === key)
      );
      const by = owner ? `the plugin ${truncate(owner.setting.url, maxUrl)}` : "a plugin";
      return `in a run, ${by} applies the table "${key}"; assay inspect then shows what it changed`;
    }),
  ];
}

/** What plugins add to the allowed configuration, apart from the tables of their extensions. */
export function contributed(
  plugins: readonly { readonly setting: PluginSetting; readonly manifest: PluginManifest }[],
): Pick<Contribution, "formats" | "engines" | "runners"> {
  const manifests = plugins.map(({ manifest }) => manifest);
  return {
    formats: manifests.flatMap(({ parsers }) => parsers.map(({ format }) => format)),
    engines: manifests.flatMap(({ engines }) => engines.map(({ name }) => name)),
    runners: plugins.map(({ setting: { url }, manifest: { name, version, runners } }) => ({
      ...{ name, url, runners },
      ...version === undefined ? {} : { version },
    })),
  };
}
