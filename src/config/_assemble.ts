/** Merges what the files say with the built-in runners. */

import type { UserError } from "../errors.ts";
import { UserErrors } from "../errors.ts";
import type { ExtensionTables } from "./_define.ts";
import { defineRunner, milliseconds } from "./_define.ts";
import { didYouMean } from "./did_you_mean.ts";
import { documentError } from "./_document.ts";
import { changedTables } from "./_extensions.ts";
import type { Sources } from "./_sources.ts";
import type { Overrides, Settings } from "./_read_config.ts";
import { readSettings } from "./_read_config.ts";
import type { Config, RunnerOverride } from "./config_schema.ts";
import { sandboxSetting } from "./sandbox.ts";
import type { CommandDef, GateSettings, LoadOptions, Project } from "./types.ts";
import { parseSize } from "./units.ts";

const mebibyte = 1024 * 1024;

type Dropped = Project["dropped"][number];

/** The project, from its files (none: `undefined`) and the built-in runners. */
export function assemble(
  root: string,
  sources: Sources | undefined,
  { builtins }: LoadOptions,
): Project {
  const settings = sources?.settings ?? readSettings(undefined, []);
  const { config } = settings;
  const overrides = sources?.overrides ?? { runners: {}, tables: {} };
  const own = sources?.plugins.flatMap(({ defs }) => defs) ?? [];
  const fromModules = sources?.modules.flatMap(({ defs }) => defs) ?? [];
  const builtIn = builtins.flatMap(({ name, runners }) =>
    runners.map((runner) =>
      defineRunner(runner, { file: "built-in", plugin: name, dialect: "runners" })
    )
  );
  const ranked = [own, fromModules, builtIn];
  if (sources) checkOverrides(sources, ranked.flat());

  const dropped: Dropped[] = [];
  const kept = ranked.flat().filter((def) => {
    const why = whyDropped(def, ranked, config, overrides);
    if (why !== undefined) dropped.push({ id: def.id, origin: def.origin, def, why });
    return why === undefined;
  });
  return {
    root,
    runners: kept.map((def) => finish(def, config, overrides)),
    commands: (sources?.commands ?? []).map((def) => finish(def, config)),
    plugins: [
      ...sources?.plugins.map(({ file }) => file) ?? [],
      ...sources?.modules.map(({ file }) => file) ?? [],
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
    gates: gateSettings(config.gates),
    store: { outputCap: parseSize(config.store?.output_cap ?? 64 * mebibyte) ?? 64 * mebibyte },
    locks: { timeoutMs: milliseconds(config.locks?.timeout) ?? 600_000 },
    modulePlugins: settings.plugins,
    modules: settings.modules,
    extensions: settings.extensions,
    files: sources?.files ?? [],
  };
}

function checkOverrides(sources: Sources, defs: readonly CommandDef[]): void {
  const { overrides, configDocument, contribution } = sources;
  if (!configDocument || contribution?.isOpen) return;
  const ids = defs.map(({ id }) => id);
  const errors: UserError[] = Object.keys(overrides.runners)
    .filter((id) => !ids.includes(id))
    .map((id) => {
      const guess = didYouMean(id, ids) || "; assay plugin list shows every runner";
      const message = `there is no runner "${id}"${guess}`;
      return documentError(configDocument, ["runners", id], message);
    });
  if (errors.length > 0) throw new UserErrors(errors);
}

/**
 * Why a runner is left out, or nothing. A runner of the project replaces one of a module plugin, and
 * either replaces a built-in one: `ranked` holds the three in this order.
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

function gateSettings(gates: Config["gates"] = {}): GateSettings {
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
