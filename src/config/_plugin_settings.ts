/** From `[[plugin]]`, `[modules]` and `[extensions]` as written to what the rest of assay works with. */

import type { UserError } from "../errors.ts";
import type { ModuleSettings, PluginPermissions, PluginSetting } from "../plugin_setting.ts";
import { defaultModuleSettings } from "../plugin_setting.ts";
import { milliseconds } from "./_define.ts";
import type { Document } from "./_document.ts";
import { documentError } from "./_document.ts";
import type { ExtensionsTable, ModulesTable, PluginEntry } from "./plugin_setting_schema.ts";
import { sameUrl } from "./plugin_url.ts";
import type { ExtensionSettings } from "./types.ts";
import { parseSize } from "./units.ts";

/** The order of extensions that the user did not order. */
const defaultOrder = ["env", "sandbox", "platform"];

/** The `[[plugin]]` tables of a document; one address twice is added to `errors`. */
export function pluginSettings(
  document: Document,
  entries: readonly PluginEntry[],
  errors: UserError[],
): readonly PluginSetting[] {
  const lines = new Map<string, number | undefined>();
  return entries.map(({ url, permissions, options = {}, isolation = "worker" }, index) => {
    const path = ["plugin", index, "url"];
    const line = document.positions?.at(path.slice(0, 2)).line;
    const same = sameUrl(url);
    if (lines.has(same)) {
      const message = `plugin[${index}].url: ${url} is the plugin of line ${
        lines.get(same)
      } already`;
      errors.push(documentError(document, path, message, "remove one of the two tables"));
    }
    lines.set(same, lines.get(same) ?? line);
    return {
      url,
      permissions: permissions === undefined ? {} : grantsOf(permissions),
      options,
      isolation,
      file: document.file,
      ...(line === undefined ? {} : { line }),
    };
  });
}

/** What is granted: `false` and an empty list grant nothing, as does leaving the key out. */
function grantsOf(permissions: PluginPermissions): PluginPermissions {
  return Object.fromEntries(
    Object.entries(permissions).filter(([, granted]) =>
      granted === true || (Array.isArray(granted) && granted.length > 0)
    ),
  );
}

/** `[modules]` with its defaults. */
export function moduleSettings(table: ModulesTable = {}): ModuleSettings {
  const defaults = defaultModuleSettings;
  const { allow, jsr = defaults.jsr, npm = defaults.npm } = table;
  return {
    allow: allow?.flatMap((host) => host === "..." ? defaults.allow : [host]) ?? defaults.allow,
    jsr: folder(jsr),
    npm: folder(npm),
    maxBytes: parseSize(table.max_bytes ?? defaults.maxBytes) ?? defaults.maxBytes,
    maxModules: table.max_modules ?? defaults.maxModules,
    timeoutMs: milliseconds(table.timeout) ?? defaults.timeoutMs,
  };
}

/** `[extensions]` with its defaults. */
export function extensionSettings(table: ExtensionsTable = {}): ExtensionSettings {
  return {
    order: table.order ?? defaultOrder,
    callTimeoutMs: milliseconds(table.call_timeout) ?? 10_000,
  };
}

/** What is resolved against an address that ends with `/` is below it, not beside it. */
function folder(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
