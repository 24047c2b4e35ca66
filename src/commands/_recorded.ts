/** What is known about module plugins without loading them; imported only where some are configured. */

import { checkClaims, type Claims } from "../config/claims.ts";
import type { Contribution } from "../config/types.ts";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { contentOf, needsTrust } from "../modules/content.ts";
import { lockedPlugins } from "../modules/lock.ts";
import { trustStateOf } from "../modules/trust.ts";
import type { ModuleSettings, PluginSetting } from "../plugin_setting.ts";
import { contributed, recordedManifest } from "./_plugin_record.ts";
import type { UnloadedModule } from "./types.ts";

/** What is recorded about the configured plugins, and whether they are trusted. */
export async function recordedModules(
  io: Io,
  root: string,
  plugins: readonly PluginSetting[],
  settings: ModuleSettings,
  digest: string | undefined,
): Promise<readonly UnloadedModule[]> {
  const locked = await lockedPlugins(io, root);
  // What prevents this check also prevents the plugins from being loaded.
  const isTrusted = plugins.some(needsTrust) &&
    await contentOf(io, root, plugins, settings)
      .then((content) => trustStateOf(io, root, content, digest))
      .then((trustState) => trustState.isTrusted, (error) => {
        if (error instanceof UserError) return false;
        throw error;
      });
  return plugins.map((setting) => ({
    setting,
    state: !needsTrust(setting) ? "trust_not_needed" : isTrusted ? "trusted" : "not_trusted",
    ...Object.hasOwn(locked, setting.url) ? { locked: locked[setting.url]! } : {},
  }));
}

/**
 * What configuration may hold by the record. Tables of plugins are not checked: only plugins could do that.
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
  const extensions = recorded.flatMap(({ manifest }) => manifest.extensions);
  return {
    keys: extensions.map(({ configKey }) => configKey),
    names: Object.fromEntries(extensions.map(({ configKey, name }) => [configKey, name])),
    validate: () => Promise.resolve([]),
    ...contributed(recorded),
    isOpen: recorded.length < unloaded.length,
  };
}
