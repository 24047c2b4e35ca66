/** How the verbs get at plugins that are modules. */

import { sameUrl } from "../config/plugin_url.ts";
import { UserError } from "../errors.ts";
import type { ModuleMode, PluginSetting } from "../plugin_setting.ts";
import type { Call, LoadModules } from "./types.ts";

/** How the options and the environment say that modules are got. */
export function moduleMode({ io, flag }: Call): ModuleMode {
  const [cachedOnly, reload] = [flag("cached-only"), flag("reload")];
  if (cachedOnly && reload) {
    throw new UserError("--cached-only and --reload contradict each other", {
      code: "usage",
      hint: "give one of the two",
    });
  }
  return { frozen: flag("frozen") || isCi(io.env("CI")), cachedOnly, reload };
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

/** `CI` is set by every service there is; some tools set it to a text that means no. */
function isCi(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}

/**
 * The configured plugin that an argument names: by its address, or by the name that the lock knows.
 *
 * @throws {UserError} when there is none, or several of the name.
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
    throw new UserError(`Two plugins have the name "${argument}": ${named.url}, ${another.url}`, {
      code: "usage",
      hint: "name one by its address",
    });
  }
  const known = plugins.map((setting) => {
    const name = names(setting);
    return name === undefined ? setting.url : `${name} (${setting.url})`;
  });
  throw new UserError(`There is no plugin "${argument}"`, {
    code: "plugin_unknown",
    hint: known.length > 0 ? `the plugins are ${known.join(", ")}` : "no plugin is configured",
  });
}
