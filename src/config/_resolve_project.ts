/** Step three: merges the configuration files and the built-in runners into one project. */

import type { GateRules } from "../model.ts";
import type { ConfigTable } from "../plugin.ts";
import { defineRunner, type ExtensionTables, milliseconds, type Overrides } from "./_define.ts";
import { asTable } from "./_document.ts";
import type { PluginSource } from "./_resolve_runners.ts";
import type { Settings } from "./_resolve_settings.ts";
import type { Config, RunnerOverride } from "./config_schema.ts";
import { sandboxSetting } from "./sandbox.ts";
import type { BuiltinRunners, CommandDef, Project } from "./types.ts";
import { parseSize } from "./units.ts";

const mebibyte = 1024 * 1024;

type Dropped = Project["dropped"][number];

export interface Sources {
  readonly settings: Settings;
  readonly overrides: Overrides;
  readonly plugins: readonly PluginSource[];
  /** The runners that module plugins provide. */
  readonly modules: readonly PluginSource[];
  readonly commands: readonly CommandDef[];
  readonly files: readonly string[];
}

export function resolveProject(
  root: string,
  { settings, overrides, plugins, modules, commands, files }: Sources,
  builtins: readonly BuiltinRunners[],
): Project {
  const { config } = settings;
  const builtIn = builtins.flatMap(({ name, runners }) =>
    runners.map((runner) =>
      defineRunner(runner, { file: "built-in", plugin: name, dialect: "runners" })
    )
  );
  const ofSources = (sources: readonly PluginSource[]) =>
    sources.flatMap(({ defined }) => defined.map(({ def }) => def));
  const ranked = [ofSources(plugins), ofSources(modules), builtIn];
  const dropped: Dropped[] = [];
  const kept = ranked.flat().filter((def) => {
    const why = whyDropped(def, ranked, config, overrides);
    if (why !== undefined) dropped.push({ id: def.id, origin: def.origin, def, why });
    return why === undefined;
  });
  return {
    root,
    runners: kept.map((def) => finish(def, config, overrides)),
    commands: commands.map((def) => finish(def, config)),
    plugins: [
      ...[...plugins, ...modules].map(({ file }) => file),
      ...builtins.map(({ name, version, runners }) => ({
        name,
        ...(version === undefined ? {} : { version }),
        file: "built-in",
        dialect: "built-in" as const,
        runners: runners.map(({ id }) => id),
      })),
    ],
    dropped,
    ...(config.sandbox === undefined ? {} : { sandbox: sandboxSetting(config.sandbox) }),
    gates: gateRules(config.gates),
    store: { outputCap: parseSize(config.store?.output_cap ?? 64 * mebibyte) ?? 64 * mebibyte },
    locks: { timeoutMs: milliseconds(config.locks?.timeout) ?? 600_000 },
    modulePlugins: settings.plugins,
    modules: settings.modules,
    extensions: settings.extensions,
    files,
  };
}

/**
 * Why a runner is left out, or nothing. A project's runner replaces one of a module plugin, and
 * both replace a built-in one: `ranked` holds the three in this order.
 */
function whyDropped(
  def: CommandDef,
  ranked: readonly (readonly CommandDef[])[],
  { builtin_runners = true }: Settings["config"],
  { runners }: Overrides,
): string | undefined {
  const rank = ranked.findIndex((defs) => defs.includes(def));
  const replacement = ranked.slice(0, rank).flat().find(({ id }) => id === def.id);
  if (replacement) return `replaced by ${originText(replacement)}`;
  const switched = runners[def.id]?.enabled;
  if (switched === false) return `switched off by [runners.${def.id}] of the configuration`;
  if (switched === true) return undefined;
  if (rank === ranked.length - 1 && !builtin_runners) {
    return "switched off by builtin_runners = false";
  }
  return def.enabled ? undefined : "switched off by its own enabled = false";
}

function originText({ origin: { file, line, plugin } }: CommandDef): string {
  return line === undefined ? `the plugin ${plugin} (${file})` : `${file}, line ${line}`;
}

/** The definition with the changes and defaults of the configuration. */
function finish(
  def: CommandDef,
  config: Settings["config"],
  { runners, tables }: Overrides = { runners: {}, tables: {} },
): CommandDef {
  const override = runners[def.id];
  return override || config.sandbox
    ? change(def, config, override ?? {}, tables[def.id] ?? {})
    : def;
}

function change(
  def: CommandDef,
  config: Settings["config"],
  override: RunnerOverride,
  tables: ExtensionTables,
): CommandDef {
  const sandbox = override.sandbox ?? (def.sandbox ? undefined : config.sandbox);
  return {
    ...def,
    enabled: true,
    timeoutMs: milliseconds(override.timeout) ?? def.timeoutMs,
    extensionData: changedTables(def.extensionData, tables),
    required: override.required ?? def.required,
    failOn: override.fail_on ?? def.failOn,
    allowNoTests: override.allow_no_tests ?? def.allowNoTests,
    ...(override.lock === undefined ? {} : { lock: override.lock }),
    ...(sandbox === undefined ? {} : { sandbox: sandboxSetting(sandbox) }),
  };
}

function gateRules(gates: Config["gates"] = {}): GateRules {
  const { threshold = 94, weights = {}, waive = {}, optional = [], acceptance } = gates;
  return {
    threshold,
    weights,
    waivers: Object.entries(waive).map(([gate, waiver]) => ({
      gate,
      ...(typeof waiver === "string" ? { reason: waiver } : waiver),
    })),
    optional,
    ...(acceptance === undefined ? {} : { acceptance }),
    fresh: gates.fresh ?? false,
    sandbox: gates.sandbox ?? false,
  };
}

/** The tables with changes, merged recursively key by key; lists and everything else are replaced. */
function changedTables(
  tables: ExtensionTables,
  changes: ExtensionTables,
): ExtensionTables {
  const merged: Record<string, ConfigTable> = { ...tables };
  for (const [key, change] of Object.entries(changes)) {
    merged[key] = changedTable(merged[key] ?? {}, change);
  }
  return merged;
}

function changedTable(table: ConfigTable, change: ConfigTable): ConfigTable {
  const merged: Record<string, unknown> = { ...table };
  for (const [key, value] of Object.entries(change)) {
    const [before, after] = [asTable(merged[key]), asTable(value)];
    merged[key] = before && after ? changedTable(before, after) : value;
  }
  return merged;
}
