/**
 * Module plugins in verbs that only look: nothing of them is loaded, fetched or run. What the lock recorded when
 * they were loaded last stands in for them. It is text of the repository: checked and shown, never called.
 */

import type { CommandDef } from "../config/types.ts";
import type { LockedPlugin, PluginManifest } from "../plugin_setting.ts";
import { stateText } from "../report/terminal/plugin_table.ts";
import { clean } from "../text/clean.ts";
import { truncate } from "../text/words.ts";
import type { Call, OpenedProject, UnloadedModule } from "./types.ts";

/** Longer addresses (`data:`) are cut. */
const maxUrl = 60;

/** What a plugin said it brings when it was loaded last. */
export function recordedManifest({ name, version, brings }: LockedPlugin): PluginManifest {
  return { name, ...version === undefined ? {} : { version }, ...brings };
}

/** That plugins were not loaded, a line each. */
export function unloadedLines(unloaded: readonly UnloadedModule[]): string[] {
  return unloaded.map(({ setting: { url }, state }) =>
    `plugin ${truncate(url, maxUrl)}: ${stateText(state)}`
  );
}

/** The same, and what a command lacks for it: a run would have its tables applied. */
export function unloadedFor(
  { extensionData, sandbox }: CommandDef,
  { unloaded, plugins }: Pick<OpenedProject, "unloaded" | "plugins">,
): string[] {
  const known = plugins.extensionKeys;
  const tables = Object.keys(extensionData).filter((key) => !known.has(key));
  const engines = sandbox?.engines?.filter((name) =>
    !plugins.engines.some(({ value }) => value.name === name)
  );
  return [
    ...unloadedLines(unloaded),
    ...(engines ?? []).map((name) => `the engine "${name}" is of a plugin that is not loaded`),
    ...tables.map((key) =>
      `the table "${key}" is of a plugin that is not loaded: what it would change is not shown`
    ),
  ];
}

/** Tells of them on standard error, beside the answer of a verb that shows no plugins. */
export function tellUnloaded({ io, json }: Call, { unloaded }: Pick<OpenedProject, "unloaded">) {
  if (json) return;
  for (const line of unloadedLines(unloaded)) io.stderr.write(`assay: ${clean(line)}\n`);
}
