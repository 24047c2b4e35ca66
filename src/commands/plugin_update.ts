/** `assay plugin update [URL|NAME …]`: fetches plugins again, shows what changed, and accepts it. */

import { checkClaims } from "../config/claims.ts";
import { type PluginConfig, readPluginConfig } from "../config/plugin_config.ts";
import type { ExitCode } from "../errors.ts";
import { type Content, contentOf, needsTrust, pluginChanges } from "../modules/content.ts";
import { beyond, lockedPlugin, lockedPlugins, lockFile, providedLines } from "../modules/lock.ts";
import type { LoadedModule } from "../modules/mod.ts";
import { notTrusted, readTrust, trustStateOf } from "../modules/trust.ts";
import type { LockedPlugin, PluginSetting } from "../plugin_setting.ts";
import type { PluginUpdate, PluginUpdateOutput } from "../schema/plugins.ts";
import { agree } from "./_plugin_grants.ts";
import { pluginRecord, samePermissions } from "./_plugin_record.ts";
import { builtinClaims, loaderOf, moduleMode, namedPlugin } from "./_plugins.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const { io, args: named } = call;
  const root = await recoveredRoot(call);
  const config = await readPluginConfig(io, root);
  const before = await lockedPlugins(io, root);
  const targets = named.length === 0
    ? config.plugins
    : named.map((each) => namedPlugin(each, config.plugins, ({ url }) => before[url]?.name));
  const accept = targets.map(({ url }) => url);
  const isAsked = await agreed(call, root, config, targets, before);
  const loaded = await loaderOf(call)(root, config.plugins, config.modules, {
    ...moduleMode(call),
    isAsked,
    frozen: false,
    // Only of the accepted ones: the others stay as locked.
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
  return await tell(call, report, ({ pluginUpdated }) => pluginUpdated(report, call));
}

/**
 * Whether the user agreed to grants beyond the lock. Everything else that needs trust must already have it: what
 * is fetched runs with the grants that were trusted.
 */
async function agreed(
  call: Call,
  root: string,
  { plugins, modules }: PluginConfig,
  targets: readonly PluginSetting[],
  locked: Readonly<Record<string, LockedPlugin>>,
): Promise<boolean> {
  if (!plugins.some(needsTrust)) return false;
  const content = await contentOf(call.io, root, plugins, modules);
  const trustState = await trustStateOf(call.io, root, content, undefined);
  // Anything already trusted was reviewed before.
  if (trustState.isTrusted) return true;
  const wider = targets.map((setting) => ({ setting, lines: beyond(setting, locked[setting.url]) }))
    .filter(({ lines }) => lines.length > 0);
  const trusted = await readTrust(call.io, root);
  const asked = wider.map(({ setting: { url } }) => url);
  const other = plugins.filter(needsTrust).find(({ url }) =>
    !isTrustedBut(trusted, content, url, asked.includes(url))
  );
  if (other) throw notTrusted(other, trustState.why);
  await agree(call, wider, "updated");
  return true;
}

/**
 * Whether a plugin is trusted as it is. `butTable`: its table and its place in the lock are ignored, as they are
 * what the user is asked about.
 */
function isTrustedBut(
  trusted: Content | undefined,
  now: Content,
  url: string,
  butTable: boolean,
): boolean {
  const before = trusted?.plugins[url];
  // Consent is not given by an update: `assay trust` shows what would run.
  if (!before) return false;
  if (trusted.sources !== now.sources) return false;
  const after = now.plugins[url]!;
  const { modules } = before;
  return pluginChanges(butTable ? { ...after, modules } : before, after).length === 0;
}

/** What differs from the lock; everything if it has no entry. */
function compared(
  module: LoadedModule,
  before: LockedPlugin | undefined,
  after: LockedPlugin,
): PluginUpdate {
  const granted = before?.permissions ?? {};
  const [was, is] = [before ? providedLines(before.provides) : [], providedLines(after.provides)];
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
    provides_now: is.filter((line) => !was.includes(line)),
    provides_no_more: was.filter((line) => !is.includes(line)),
  };
  const changed = before === undefined ||
    Object.values(facts).some((fact) => Array.isArray(fact) ? fact.length > 0 : fact !== null);
  return { plugin: pluginRecord(module), changed, ...facts };
}

/** The keys whose values differ between two tables. */
function differing<T>(
  before: Readonly<Record<string, T>> = {},
  after: Readonly<Record<string, T>>,
): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}

/** Like a permission: anything not in the lock was not allowed. */
function isolationOf(locked: LockedPlugin | undefined): "worker" | "none" {
  return locked?.isolation ?? "worker";
}

function versionOf(module: LockedPlugin["modules"][string] | undefined) {
  return module ? { sha256: module.sha256, bytes: module.bytes } : null;
}
