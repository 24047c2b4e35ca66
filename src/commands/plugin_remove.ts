/** `assay plugin remove URL|NAME`: takes a plugin out of the configuration and the lock. */

import { readPluginConfig, withoutPlugin, writePluginConfig } from "../config/plugin_config.ts";
import { type ExitCode, messageOf, UserError, UserErrors } from "../errors.ts";
import { forgetPlugin, lockedPlugins, lockFile } from "../modules/lock.ts";
import { changeTrust, readTrust } from "../modules/trust.ts";
import type { PluginRemoveOutput } from "../schema/plugins.ts";
import { namedPlugin, openProject } from "./_plugins.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. Nothing is loaded: it must be possible to remove a plugin that cannot be loaded. */
export async function run(call: Call): Promise<ExitCode> {
  const { io } = call;
  const root = await recoveredRoot(call);
  const config = await readPluginConfig(io, root);
  const locked = await lockedPlugins(io, root);
  const setting = namedPlugin(call.args[0]!, config.plugins, ({ url }) => locked[url]?.name);
  const index = config.plugins.indexOf(setting);
  const text = await withoutPlugin(config, index);
  // The configuration first: a record in the lock of a plugin that is not configured does nothing.
  await writePluginConfig(io, root, config, text);
  await forgetTrusted(call, root, setting.url);
  const forgotten = await forgetPlugin(io, root, setting.url);
  const report: PluginRemoveOutput = {
    root,
    url: setting.url,
    name: locked[setting.url]?.name ?? null,
    files: [config.file, ...forgotten ? [lockFile] : []],
    problems: await openProject(call, root).then(() => [], problemsOf),
  };
  return await tell(call, report, ({ pluginRemoved }) => pluginRemoved(report, call));
}

/** What is wrong with the configuration now: tables of the removed plugin, for one. */
function problemsOf(error: unknown): string[] {
  if (error instanceof UserErrors) return error.errors.map(messageOf);
  if (error instanceof UserError) return [error.message];
  throw error;
}

/** The remaining plugins are trusted as before. */
async function forgetTrusted({ io }: Call, root: string, url: string): Promise<void> {
  try {
    if ((await readTrust(io, root))?.plugins[url] === undefined) return;
    await changeTrust(io, root, (before) => {
      const { [url]: _, ...plugins } = before?.plugins ?? {};
      return before && { ...before, plugins };
    });
  } catch (error) {
    // It must be possible to remove a plugin, whatever is wrong with the record.
    if (!(error instanceof UserError)) throw error;
  }
}
