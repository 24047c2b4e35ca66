/**
 * Settings: `config.toml` with its defaults, in two steps: what may be changed in runners is only known once the module
 * plugins it names are loaded.
 */

import type { UserError } from "../errors.ts";
import { defaultModuleSettings, isGranted } from "../plugin_setting.ts";
import type { ModuleSettings, PluginSetting } from "../plugin_setting.ts";
import { check } from "./_check.ts";
import { milliseconds, type Overrides, withEnv } from "./_define.ts";
import { asTable, type Document, lineOf } from "./_document.ts";
import { takeExtensions } from "./_check_extensions.ts";
import { type Config, configSchema } from "./config_schema.ts";
import type { ModulesTable, PluginEntry } from "./config_schema.ts";
import type { ExtensionSettings } from "./types.ts";
import { parseSize } from "./units.ts";

/** Everything but the changes to runners. */
export interface Settings {
  readonly config: Omit<Config, "runners">;
  readonly plugins: readonly PluginSetting[];
  readonly modules: ModuleSettings;
  readonly extensions: ExtensionSettings;
}

/** The first step; without a document, the defaults. */
export function resolveSettings(document: Document | undefined, errors: UserError[]): Settings {
  const table = asTable(document?.value);
  const { runners: _later, ...value } = table ?? {};
  const part = document && { ...document, value: table ? value : document.value };
  const config = part && check(part, configSchema, "config", errors) || {};
  const { plugin = [], modules, extensions } = config;
  return {
    config,
    plugins: document ? pluginSettings(document, plugin) : [],
    modules: moduleSettings(modules),
    extensions: {
      order: extensions?.order ?? defaultOrder,
      callTimeoutMs: milliseconds(extensions?.call_timeout) ?? 10_000,
    },
  };
}

/** The second step. */
export function resolveOverrides(
  document: Document | undefined,
  extensionKeys: readonly string[],
  errors: UserError[],
): Overrides {
  const written = asTable(document?.value)?.runners;
  if (!document || written === undefined) return { runners: {}, tables: {} };
  const taken = Object.entries(asTable(written) ?? {}).map(([id, entry]) =>
    [id, takeExtensions(document, ["runners", id], entry, extensionKeys, errors)] as const
  );
  const part = { ...document, value: { runners: written } };
  const { runners = {} } = check(part, configSchema, "config", errors, extensionKeys) ?? {};
  const tables = taken.map(([id, own]) => [id, withEnv(own, runners[id]?.env)] as const);
  return { runners, tables: Object.fromEntries(tables) };
}

// Turns `[[plugin]]`, `[modules]` and `[extensions]` as written into what the rest of assay uses.

/** The default order of extensions. */
const defaultOrder = ["env", "sandbox", "platform"];

function pluginSettings(
  document: Document,
  entries: readonly PluginEntry[],
): readonly PluginSetting[] {
  return entries.map(({ url, permissions = {}, options = {}, isolation = "worker" }, index) => ({
    url,
    permissions: Object.fromEntries(
      Object.entries(permissions).filter(([, granted]) => isGranted(granted)),
    ),
    options,
    isolation,
    file: document.file,
    ...lineOf(document, ["plugin", index]),
  }));
}

function moduleSettings(table: ModulesTable = {}): ModuleSettings {
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

/** URLs are resolved below a base that ends with `/`, not next to it. */
function folder(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
