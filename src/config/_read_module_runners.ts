/** Checks the runners that module plugins bring, as those of a plugin file are checked. */

import type { UserError } from "../errors.ts";
import type { Known } from "./_known.ts";
import type { PluginSource } from "./_read_plugin_file.ts";
import { readPluginFile } from "./_read_plugin_file.ts";
import type { BuiltinRunners } from "./types.ts";

/** Longer addresses (`data:`) are cut where they stand for a file's name. */
const maxUrl = 80;

/** The runners of each plugin that has some; what is wrong is added to `errors`. */
export function readModuleRunners(
  plugins: readonly BuiltinRunners[],
  known: Known,
  errors: UserError[],
): readonly PluginSource[] {
  return plugins.filter(({ runners }) => runners.length > 0).flatMap((plugin) => {
    const { name, version, url = name, runners } = plugin;
    // Tables of extensions are taken out of it, and the plugin's own data stays as it is.
    const value = structuredClone({
      name,
      ...(version === undefined ? {} : { version }),
      runners,
    });
    return readPluginFile({ file: shownUrl(url), value }, known, errors) ?? [];
  });
}

function shownUrl(url: string): string {
  return url.length > maxUrl ? `${url.slice(0, maxUrl)}…` : url;
}
