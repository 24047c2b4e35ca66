/**
 * Reads `config.toml` in two steps: what runners may be changed to is only known when the module
 * plugins that it names are loaded.
 */

import type { UserError } from "../errors.ts";
import type { ModuleSettings, PluginSetting } from "../plugin_setting.ts";
import { check } from "./_check.ts";
import { type ExtensionTables, withEnv } from "./_define.ts";
import type { Document } from "./_document.ts";
import { asTable } from "./_document.ts";
import { takeExtensions } from "./_extensions.ts";
import { extensionSettings, moduleSettings, pluginSettings } from "./_plugin_settings.ts";
import type { Config } from "./config_schema.ts";
import { configSchema } from "./config_schema.ts";
import type { ExtensionSettings } from "./types.ts";

/** Everything but the changes to runners. */
export interface Settings {
  readonly config: Omit<Config, "runners">;
  readonly plugins: readonly PluginSetting[];
  readonly modules: ModuleSettings;
  readonly extensions: ExtensionSettings;
}

/** The changes to runners, by id. */
export interface Overrides {
  readonly runners: NonNullable<Config["runners"]>;
  /** Their tables of extensions. */
  readonly tables: Readonly<Record<string, ExtensionTables>>;
}

/** The first step; without a document, the defaults. */
export function readSettings(document: Document | undefined, errors: UserError[]): Settings {
  const config = document ? checkWithout(document, "runners", errors) : {};
  const { plugin = [], modules, extensions } = config;
  return {
    config,
    plugins: document ? pluginSettings(document, plugin, errors) : [],
    modules: moduleSettings(modules),
    extensions: extensionSettings(extensions),
  };
}

/** The second step. */
export function readOverrides(
  document: Document | undefined,
  extensionKeys: readonly string[],
  errors: UserError[],
): Overrides {
  const written = asTable(document?.value)?.runners;
  if (!document || written === undefined) return { runners: {}, tables: {} };
  const taken = Object.entries(asTable(written) ?? {}).map(([id, entry]) =>
    [id, takeExtensions(document, ["runners", id], entry, extensionKeys, errors)] as const
  );
  const part = partOf(document, { runners: written });
  const { runners = {} } = check(part, configSchema, "config", errors, extensionKeys) ?? {};
  const tables = taken.map(([id, own]) => [id, withEnv(own, runners[id]?.env)] as const);
  return { runners, tables: Object.fromEntries(tables) };
}

function checkWithout(document: Document, key: string, errors: UserError[]): Config {
  const table = asTable(document.value);
  if (!table || !(key in table)) return check(document, configSchema, "config", errors) ?? {};
  const { [key]: _later, ...rest } = table;
  return check(partOf(document, rest), configSchema, "config", errors) ?? {};
}

/** A document of a part of the value, whose keys stand where they stood. */
function partOf(document: Document, value: unknown): Document {
  return {
    file: document.file,
    value,
    // Asked for only when something is wrong.
    get positions() {
      return document.positions;
    },
  };
}
