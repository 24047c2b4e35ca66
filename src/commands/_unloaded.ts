/**
 * Module plugins in verbs that only look: nothing of them is loaded, fetched or run. What the lock recorded when
 * they were loaded last stands in for them. It is text of the repository: checked and shown, never called.
 */

import { checkClaims, type Claims } from "../config/claims.ts";
import type { CommandDef, Contribution } from "../config/types.ts";
import { UserError } from "../errors.ts";
import { contentOf, needsTrust } from "../modules/content.ts";
import { lockedPlugins } from "../modules/lock.ts";
import { shown, standingOf } from "../modules/trust.ts";
import type {
  LockedPlugin,
  ModuleSettings,
  PluginManifest,
  PluginSetting,
} from "../plugin_setting.ts";
import type { ModulePluginRecord } from "../report/outputs.ts";
import { stateText } from "../report/terminal/_plugin_words.ts";
import { clean } from "../report/terminal/clean.ts";
import { givenDigest } from "./_modules.ts";
import type { OpenedProject } from "./_plugins.ts";
import type { Call } from "./types.ts";

/** A plugin that was not loaded. */
export interface UnloadedModule {
  readonly setting: PluginSetting;
  readonly state: Exclude<ModulePluginRecord["state"], "loaded">;
  /** What the lock says of it; absent: it was never loaded. */
  readonly locked?: LockedPlugin;
}

/** What is recorded of the configured plugins, and whether they are trusted. */
export async function recordedModules(
  call: Pick<Call, "io" | "value">,
  root: string,
  plugins: readonly PluginSetting[],
  settings: ModuleSettings,
): Promise<readonly UnloadedModule[]> {
  const locked = await lockedPlugins(call.io, root);
  const isTrusted = plugins.some(needsTrust) && await areTrusted(call, root, plugins, settings);
  return plugins.map((setting) => ({
    setting,
    state: !needsTrust(setting) ? "trust_not_needed" : isTrusted ? "trusted" : "not_trusted",
    ...Object.hasOwn(locked, setting.url) ? { locked: locked[setting.url]! } : {},
  }));
}

/** What keeps a verb from telling keeps the plugins from being loaded, too. */
async function areTrusted(
  call: Pick<Call, "io" | "value">,
  root: string,
  plugins: readonly PluginSetting[],
  settings: ModuleSettings,
): Promise<boolean> {
  try {
    const content = await contentOf(call.io, root, plugins, settings);
    return (await standingOf(call.io, root, content, givenDigest(call))).isTrusted;
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

/** What a plugin said it brings when it was loaded last. */
export function recordedManifest({ name, version, brings }: LockedPlugin): PluginManifest {
  return { name, ...version === undefined ? {} : { version }, ...brings };
}

/**
 * What configuration may hold by the record. Tables of plugins are not checked: only they could.
 *
 * @throws {UserErrors} where two claim the same.
 */
export function recordedContribution(
  unloaded: readonly UnloadedModule[],
  builtin: Claims,
): Contribution {
  const recorded = unloaded.flatMap(({ setting, locked }) =>
    locked ? [{ setting, manifest: recordedManifest(locked) }] : []
  );
  checkClaims(builtin, recorded);
  const known = recorded.map(({ setting: { url }, manifest }) => ({ ...manifest, url }));
  const extensions = known.flatMap(({ extensions }) => extensions);
  return {
    keys: extensions.map(({ configKey }) => configKey),
    names: Object.fromEntries(extensions.map(({ configKey, name }) => [configKey, name])),
    validate: () => Promise.resolve([]),
    formats: known.flatMap(({ parsers }) => parsers.map(({ format }) => format)),
    engines: known.flatMap(({ engines }) => engines.map(({ name }) => name)),
    runners: known,
    isOpen: known.length < unloaded.length,
  };
}

/** That plugins were not loaded, a line each. */
export function unloadedLines(unloaded: readonly UnloadedModule[]): string[] {
  return unloaded.map(({ setting: { url }, state }) => `plugin ${shown(url)}: ${stateText(state)}`);
}

/** The same, and what a command lacks for it: a run would have its tables applied. */
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
    ...(engines ?? []).map((name) => `the engine "${name}" is of a plugin that is not loaded`),
    ...tables.map((key) =>
      `the table "${key}" is of a plugin that is not loaded: what it would change is not shown`
    ),
  ];
}

/** Tells of them on standard error, beside the answer of a verb that shows no plugins. */
export function tellUnloaded({ io, json }: Call, { unloaded }: Pick<OpenedProject, "unloaded">) {
  if (json) return;
  for (const line of unloadedLines(unloaded)) io.stderr.write(`assay: ${clean(line)}\n`);
}
