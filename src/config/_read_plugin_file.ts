/** Reads a plugin file of either dialect. */

import type { UserError } from "../errors.ts";
import type { Runner } from "../plugin.ts";
import { check, validEntries } from "./_check.ts";
import { checkDefinition } from "./_check_definition.ts";
import { defineRunner } from "./_define.ts";
import { definePluginEntry } from "./_define_plugin.ts";
import type { Document } from "./_document.ts";
import { asArray, asTable, documentError, lineOf } from "./_document.ts";
import { takeExtensions } from "./_extensions.ts";
import type { Known } from "./_known.ts";
import type { KeyPath } from "./_positions.ts";
import {
  pluginSchema,
  pluginsFileSchema,
  runnerSchema,
  runnersFileSchema,
} from "./runner_schema.ts";
import type { CommandDef, Origin, PluginFile } from "./types.ts";

/** One plugin file and its runners. */
export interface PluginSource {
  readonly file: PluginFile;
  readonly defs: readonly CommandDef[];
  /** Where each runner is written, by its id. */
  readonly places: ReadonlyMap<string, DefinitionPlace>;
}

/** Where a runner or command is written. */
export interface DefinitionPlace {
  readonly document: Document;
  readonly path: KeyPath;
}

/** What a dialect's reader made of a file. */
interface Read {
  readonly name: string;
  readonly version?: string;
  readonly dialect: "runners" | "plugins";
  /** One for each entry of the file; `undefined` where the entry is wrong. */
  readonly defs: readonly (CommandDef | undefined)[];
}

/** The runners of a plugin file; `undefined` when it is wrong, and `errors` has grown. */
export function readPluginFile(
  document: Document,
  known: Known,
  errors: UserError[],
): PluginSource | undefined {
  const top = asTable(document.value) ?? {};
  if ("runners" in top && "plugins" in top) {
    const message = 'it has both "runners" and "plugins", which are two dialects';
    errors.push(documentError(document, ["plugins"], message, "split it into two files"));
    return undefined;
  }
  const before = errors.length;
  const read = "plugins" in top
    ? readPlugins(document, errors)
    : readRunners(document, known, errors);
  read.defs.forEach((def, index) => {
    if (def) checkDefinition(document, [read.dialect, index], def, known, errors);
  });
  checkUnique(document, read, errors);
  return errors.length === before ? sourceOf(document, read) : undefined;
}

function readRunners(
  document: Document,
  { extensionKeys }: Known,
  errors: UserError[],
): Read {
  const raw = asArray(asTable(document.value)?.runners);
  const extensions = raw.map((runner, index) =>
    takeExtensions(document, ["runners", index], runner, extensionKeys, errors)
  );
  const file = check(document, runnersFileSchema, "plugins", errors, extensionKeys);
  const name = file?.name ?? document.file;
  const entries = file?.runners ?? validEntries(raw, runnerSchema);
  const defs = entries.map((runner, index) =>
    runner && defineRunner(
      runner as Runner,
      originOf(document, ["runners", index], name, "runners"),
      extensions[index],
    )
  );
  const version = file?.version;
  return { name, ...(version === undefined ? {} : { version }), dialect: "runners", defs };
}

function readPlugins(document: Document, errors: UserError[]): Read {
  const file = check(document, pluginsFileSchema, "plugins", errors);
  const raw = asArray(asTable(document.value)?.plugins);
  const entries = file?.plugins ?? validEntries(raw, pluginSchema);
  const defs = entries.map((entry, index) =>
    entry &&
    definePluginEntry(entry, originOf(document, ["plugins", index], entry.name, "plugins"))
  );
  return { name: document.file, dialect: "plugins", defs };
}

function originOf(
  document: Document,
  path: readonly (string | number)[],
  plugin: string,
  dialect: Origin["dialect"],
): Origin {
  return { file: document.file, ...lineOf(document, path), plugin, dialect };
}

function sourceOf(document: Document, { defs, ...read }: Read): PluginSource {
  const valid = defs.filter((def) => def !== undefined);
  const places = defs.flatMap((def, index) =>
    def ? [[def.id, { document, path: [read.dialect, index] }] as const] : []
  );
  return {
    file: { ...read, file: document.file, runners: valid.map(({ id }) => id) },
    defs: valid,
    places: new Map(places),
  };
}

function checkUnique(document: Document, { dialect, defs }: Read, errors: UserError[]): void {
  const seen = new Map<string, CommandDef>();
  for (const [index, def] of defs.entries()) {
    if (!def) continue;
    const first = seen.get(def.id);
    seen.set(def.id, first ?? def);
    if (!first) continue;
    const key = dialect === "runners" ? "id" : "name";
    const { line } = first.origin;
    const where = line === undefined ? "" : `; the first begins on line ${line}`;
    errors.push(documentError(
      document,
      [dialect, index, key],
      `two runners have the ${key} "${def.id}"${where}`,
      "give one of them another name",
    ));
  }
}
