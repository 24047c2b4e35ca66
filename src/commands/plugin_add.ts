/** `assay plugin add URL`: loads a plugin, shows it, and writes it into the lock and the configuration. */

import { checkClaims } from "../config/claims.ts";
import {
  type PluginConfig,
  readPluginConfig,
  withPlugin,
  writePluginConfig,
} from "../config/plugin_config.ts";
import { pluginUrlProblem, sameUrl } from "../config/plugin_url.ts";
import { type ExitCode, usageError, UserError } from "../errors.ts";
import { contentOf, needsTrust } from "../modules/content.ts";
import { beyond, lockFile } from "../modules/lock.ts";
import type { LoadedModule, LoadedModules } from "../modules/mod.ts";
import { notTrusted, trustStateOf } from "../modules/trust.ts";
import type { PluginSetting } from "../plugin_setting.ts";
import type { PluginAddOutput } from "../schema/plugins.ts";
import { addCommand, agree, grantedByFlags, optionsByFlags } from "./_plugin_grants.ts";
import { joinedPermissions, pluginRecord } from "./_plugin_record.ts";
import { builtinClaims, givenDigest, loaderOf, moduleMode } from "./_plugins.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const { io } = call;
  const [url = ""] = call.args;
  const problem = pluginUrlProblem(url);
  if (problem !== undefined) throw usageError(`Cannot add ${url}: ${problem}`);
  const asked: Omit<PluginSetting, "file"> = {
    url,
    permissions: grantedByFlags(call),
    options: optionsByFlags(call),
    isolation: call.value("isolation") === "none" ? "none" : "worker",
  };
  const root = await recoveredRoot(call);
  const config = await readPluginConfig(io, root);
  checkNew(config, url);
  await checkOthers(call, root, config);
  const loadModules = loaderOf(call);
  const load = async (setting: PluginSetting) => {
    const lines = beyond(setting, undefined);
    await agree(call, lines.length > 0 ? [{ setting, lines }] : [], "added");
    const loaded = await loadModules(root, [...config.plugins, setting], config.modules, {
      isAsked: true,
      ...moduleMode(call),
      frozen: false,
      callTimeoutMs: config.extensions.callTimeoutMs,
      // Whatever an earlier attempt left in the lock: the user sees the current content.
      accept: [url],
    });
    call.atEnd(loaded.end);
    return loaded;
  };
  const loaded = await loadWithAsked(call, { ...asked, file: config.file }, load);
  checkClaims(builtinClaims(call), loaded.modules);
  const added = moduleOf(loaded, url);
  const text = await withPlugin(config, { ...added.setting, url });
  // The lock first: a record of a plugin that is not configured does nothing, while a plugin that is
  // configured and not locked would be accepted in any state at its next use.
  await loaded.commitLock();
  await writePluginConfig(io, root, config, text);
  const report = reportOf(root, added, [lockFile, config.file]);
  return await tell(call, report, ({ pluginAdded }) => pluginAdded(report, call));
}

function checkNew({ plugins, file }: PluginConfig, url: string): void {
  const there = plugins.find((each) => sameUrl(each.url) === sameUrl(url));
  if (!there) return;
  throw new UserError(`Cannot add ${url}: it is already in ${file}, line ${there.line ?? 1}`, {
    code: "plugin_exists",
    file,
    line: there.line,
    hint: `to fetch it again: assay plugin update ${there.url}; to change what it ` +
      'may do, edit permissions = { read = ["."] } there, then run assay trust',
  });
}

/** The new one is asked for by name; what is configured already is loaded with it, and must be trusted. */
async function checkOthers(call: Call, root: string, { plugins, modules }: PluginConfig) {
  const needing = plugins.find(needsTrust);
  if (!needing) return;
  const content = await contentOf(call.io, root, plugins, modules);
  const trustState = await trustStateOf(call.io, root, content, givenDigest(call));
  if (!trustState.isTrusted) throw notTrusted(needing, trustState.why);
}

/** With `--allow-asked`, what it asks for is only known when it is loaded: it is loaded again with that. */
async function loadWithAsked(
  call: Call,
  setting: PluginSetting,
  load: (setting: PluginSetting) => Promise<LoadedModules>,
): Promise<LoadedModules> {
  const loaded = await load(setting);
  if (!call.flag("allow-asked")) return loaded;
  const { manifest } = moduleOf(loaded, setting.url);
  const permissions = joinedPermissions(setting.permissions, manifest.permissions ?? {});
  loaded.end();
  return await load({ ...setting, permissions });
}

function moduleOf({ modules }: LoadedModules, url: string): LoadedModule {
  const found = modules.find(({ setting }) => setting.url === url);
  if (!found) throw new Error(`the loader answered without ${url}`);
  return found;
}

function reportOf(
  root: string,
  module: LoadedModule,
  files: readonly string[],
): PluginAddOutput {
  const plugin = pluginRecord(module);
  const { setting, manifest } = module;
  const all = joinedPermissions(setting.permissions, manifest.permissions ?? {});
  const isIncomplete = Object.keys(plugin.permissions.missing).length > 0;
  return { root, plugin, grant: isIncomplete ? addCommand(setting, all) : null, files };
}
