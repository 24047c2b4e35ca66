/** `assay plugin update [URL|NAME …]`: fetches plugins again, shows what is other, and accepts it. */

import { checkClaims } from "../config/claims.ts";
import { readPluginConfig } from "../config/plugin_config.ts";
import { ExitCode, UserError } from "../errors.ts";
import { lockedPlugin, lockFile } from "../modules/lock.ts";
import { type LoadedModule, lockedPlugins } from "../modules/mod.ts";
import type { LockedPlugin } from "../plugin_setting.ts";
import type { PluginUpdate, PluginUpdateOutput } from "../report/outputs.ts";
import { type LoadModules, moduleMode, namedPlugin } from "./_modules.ts";
import { pluginRecord, samePermissions } from "./_plugin_record.ts";
import { builtinClaims } from "./_plugins.ts";
import { tell } from "./_tell.ts";
import { rootOf } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function update(
  call: Call,
  named: readonly string[],
  loadModules: LoadModules,
): Promise<ExitCode> {
  const { io } = call;
  refuseFrozen(call);
  const root = await rootOf(call);
  const config = await readPluginConfig(io, root);
  const before = await lockedPlugins(io, root);
  const targets = named.length === 0
    ? config.plugins
    : named.map((each) => namedPlugin(each, config.plugins, ({ url }) => before[url]?.name));
  const accept = targets.map(({ url }) => url);
  const loaded = await loadModules(io, root, config.plugins, config.modules, {
    ...moduleMode(call),
    frozen: false,
    // Of those that are accepted alone: the others stay as they are locked.
    reload: true,
    accept,
    callTimeoutMs: config.extensions.callTimeoutMs,
  });
  call.atEnd(loaded.end);
  checkClaims(builtinClaims(call), loaded.modules);
  const updated = loaded.modules.filter(({ setting }) => accept.includes(setting.url));
  const plugins = await Promise.all(updated.map(async (module) => {
    const { graph, manifest, setting } = module;
    const after = await lockedPlugin(io, graph, manifest, setting);
    return compared(module, before[setting.url], after);
  }));
  await loaded.commitLock();
  const wrote = differing(before, await lockedPlugins(io, root)).length > 0;
  const report: PluginUpdateOutput = { root, plugins, files: wrote ? [lockFile] : [] };
  await tell(call, report, ({ pluginUpdated }) => pluginUpdated(report, call));
  return ExitCode.ok;
}

function refuseFrozen(call: Call): void {
  if (!call.flag("frozen")) return;
  throw new UserError("--frozen lets nothing be added to the lock, which update is for", {
    code: "usage",
    hint: "assay plugin check --frozen says whether the lock holds everything",
  });
}

/** What is other than the lock said; everything where it said nothing. */
function compared(
  module: LoadedModule,
  before: LockedPlugin | undefined,
  after: LockedPlugin,
): PluginUpdate {
  const granted = before?.permissions ?? {};
  const facts = {
    name_before: before && before.name !== after.name ? before.name : null,
    version_before: before && before.version !== after.version ? before.version ?? null : null,
    modules: differing(before?.modules, after.modules).map((url) => ({
      url,
      before: versionOf(before?.modules[url]),
      after: versionOf(after.modules[url]),
    })),
    redirects: differing(before?.redirects, after.redirects).map((url) => ({
      url,
      before: before?.redirects[url] ?? null,
      after: after.redirects[url] ?? null,
    })),
    isolation_before: isolationOf(before) === isolationOf(after) ? null : isolationOf(before),
    granted_before: samePermissions(granted, after.permissions) ? null : granted,
    brings_now: after.provides.filter((line) => !before?.provides.includes(line)),
    brings_no_more: (before?.provides ?? []).filter((line) => !after.provides.includes(line)),
  };
  const changed = before === undefined ||
    Object.values(facts).some((fact) => Array.isArray(fact) ? fact.length > 0 : fact !== null);
  return { plugin: pluginRecord(module), changed, ...facts };
}

/** The keys of which two tables hold different things. */
function differing<T>(
  before: Readonly<Record<string, T>> = {},
  after: Readonly<Record<string, T>>,
): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

/** Like a permission: what the lock did not hold was not allowed. */
function isolationOf(locked: LockedPlugin | undefined): "worker" | "none" {
  return locked?.isolation ?? "worker";
}

function versionOf(module: LockedPlugin["modules"][string] | undefined) {
  return module ? { sha256: module.sha256, bytes: module.bytes } : null;
}
