/** Loads all configuration of a project. */

import { join } from "@std/path";
import { PluginError, UserError, UserErrors } from "../errors.ts";
import { type Io, isNotFound } from "../io.ts";
import type { ConfigTable } from "../plugin.ts";
import { closeWritable } from "../process/programs.ts";
import { defineRunner, type ExtensionTables, milliseconds } from "./_define.ts";
import { changedTables } from "./_extensions.ts";
import { type KeyPath, keyText } from "../text/positions.ts";
import { type Overrides, readSettings, type Settings } from "./_read_config.ts";
import { readSources, type Sources } from "./_sources.ts";
import {
  configError,
  type Document,
  documentError,
  inOrder,
  readConfigText,
  unreadable,
} from "./_document.ts";
import type { Config, RunnerOverride } from "./config_schema.ts";
import { didYouMean } from "../text/did_you_mean.ts";
import { sandboxSetting } from "./sandbox.ts";
import type { CommandDef, ExtensionKeys, GateSettings, LoadOptions, Project } from "./types.ts";
import { parseSize } from "./units.ts";

/** Files of `.assay/`, in the order of precedence. */
const ownFiles = [
  "config.toml",
  "config.json",
  "plugins.json",
  "plugins.toml",
  "commands.toml",
  "commands.json",
];

/**
 * Loads, checks and merges the configuration under `root`, an absolute real path. No configuration at
 * all is a project of built-in runners.
 *
 * @throws {UserErrors} with everything that is wrong, each with file, line and key.
 */
export async function loadProject(io: Io, root: string, options: LoadOptions): Promise<Project> {
  const files = await listFiles(io, root);
  if (files.length === 0) {
    closeWritable(io, []);
    return assemble(root, undefined, options);
  }
  // The TOML parser is loaded only where there is TOML, while the files are read.
  const [texts] = await Promise.all([
    readTexts(io, root, files),
    files.some((file) => file.endsWith(".toml")) ? import("@std/toml") : undefined,
  ]);
  const sources = await readSources(io, root, texts, options);
  const project = assemble(root, sources, options);
  await validateExtensions(
    [...project.runners, ...project.commands],
    sources,
    [options.extensions, ...sources.contribution ? [sources.contribution] : []],
  );
  return project;
}

/**
 * The configuration files that are there. Folders are listed: asking for each file that may be missing
 * takes longer than all the rest.
 */
async function listFiles(io: Io, root: string): Promise<readonly string[]> {
  const [top, own] = await Promise.all([namesIn(io, root, "."), namesIn(io, root, ".assay")]);
  const files = ownFiles.filter((name) => own.has(name)).map((name) => `.assay/${name}`);
  const hasCommands = own.has("commands.toml") || own.has("commands.json");
  const others = [
    ...top.has(".codeloop") ? [".codeloop/plugins.json"] : [],
    ...top.has(".bird") && !hasCommands ? [".bird/commands.toml"] : [],
  ];
  const infos = await Promise.all(others.map((file) => io.fs.lstat(join(root, file))));
  return [...files, ...others.filter((_, index) => infos[index])];
}

async function readTexts(
  io: Io,
  root: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(files.map((file) => readListedText(io, root, file)));
  return new Map(files.map((file, index) => [file, texts[index]!]));
}

async function namesIn(io: Io, root: string, folder: string): Promise<ReadonlySet<string>> {
  try {
    return new Set((await io.fs.list(join(root, folder))).map(({ name }) => name));
  } catch (error) {
    if (isNotFound(error) && folder !== ".") return new Set();
    throw unreadable(folder === "." ? root : folder, error);
  }
}

async function readListedText(io: Io, root: string, file: string): Promise<string> {
  const text = await readConfigText(io, root, file);
  if (text !== undefined) return text;
  throw new UserError(`Cannot read ${file}: its symbolic link leads nowhere`, {
    code: "config_unreadable",
    file,
  });
}

// Has every extension check its tables, once all configuration is read and merged.

/** A table as it holds for a runner or command, and where it was written. */
interface Written {
  readonly key: string;
  readonly table: ConfigTable;
  /** The last one wins: what changes a table stands after what it changes. */
  readonly places: readonly { readonly document: Document; readonly path: KeyPath }[];
}

/**
 * Calls `validate` once for each table of each definition, with all changes made.
 *
 * @throws {UserErrors} with all that the extensions find wrong, and with what kept one from looking.
 */
async function validateExtensions(
  defs: readonly CommandDef[],
  sources: Sources,
  extensions: readonly ExtensionKeys[],
): Promise<void> {
  const found = await Promise.all(
    defs.flatMap((def) => tablesOf(def, sources)).map((written) => problemsOf(written, extensions)),
  );
  const errors = found.flat();
  if (errors.length > 0) throw new UserErrors(inOrder(errors, sources.files));
}

function tablesOf(def: CommandDef, sources: Sources): Written[] {
  const definition = placeOf(def, sources);
  const { configDocument, overrides } = sources;
  return Object.entries(def.extensionData).map(([key, table]) => {
    const changed = def.source === "runner" && overrides.tables[def.id]?.[key] !== undefined;
    return {
      key,
      table,
      places: [
        ...definition ? [{ ...definition, path: [...definition.path, key] }] : [],
        ...changed && configDocument
          ? [{ document: configDocument, path: ["runners", def.id, key] }]
          : [],
      ],
    };
  });
}

function placeOf({ id, source }: CommandDef, sources: Sources) {
  if (source === "command") {
    const document = sources.commandsDocument;
    return document && { document, path: ["commands", id] };
  }
  const files = [...sources.plugins, ...sources.modules];
  return files.find(({ places }) => places.has(id))?.places.get(id);
}

async function problemsOf(
  written: Written,
  extensions: readonly ExtensionKeys[],
): Promise<UserError[]> {
  const { key, table } = written;
  const owner = extensions.find(({ keys }) => keys.includes(key));
  const by = `(extension "${owner?.names?.[key] ?? key}")`;
  try {
    const sentences = await owner?.validate(key, table) ?? [];
    return sentences.map((sentence) =>
      errorAt(written, subjectOf(sentence, table), `${sentence.trim()} ${by}`)
    );
  } catch (error) {
    // A table that could not be checked is not known to be right.
    if (error instanceof PluginError) {
      return [errorAt(written, [], `it could not be checked: ${error.message} ${by}`)];
    }
    if (error instanceof UserError) return [errorAt(written, [], error.message, error.hint)];
    throw error;
  }
}

/** `inside` is a path in the table. */
function errorAt(
  { key, places }: Written,
  inside: KeyPath,
  message: string,
  hint?: string,
): UserError {
  const place = places.findLast(({ document, path }) => holds(document, [...path, ...inside])) ??
    places.at(-1);
  if (!place) return new UserError(`Cannot use the table "${key}": ${message}`);
  const { document, path } = place;
  const full = [...path, ...inside];
  const position = document.positions?.at(full);
  return configError(document.file, `${keyText(path)}: ${message}`, position, full, hint);
}

/** The path that a sentence begins with, as far as the table holds it: `limits.cpu must be …`. */
function subjectOf(sentence: string, table: ConfigTable): KeyPath {
  const [, word = ""] = /^\s*["'`]?([\w$-]+(?:\.[\w$-]+|\[\d+\])*)/.exec(sentence) ?? [];
  const path: (string | number)[] = [];
  let value: unknown = table;
  for (const [, name, index] of word.matchAll(/([\w$-]+)|\[(\d+)\]/g)) {
    const part = name ?? Number(index);
    if (!Object.hasOwn(Object(value), part)) break;
    path.push(part);
    value = Object(value)[part];
  }
  return path;
}

/** Whether the document says something at a path: tables of extensions were taken out of its value. */
function holds({ positions }: Document, path: KeyPath): boolean {
  return positions?.has(path) ?? false;
}

// Merges what the files say with the built-in runners.

const mebibyte = 1024 * 1024;

type Dropped = Project["dropped"][number];

/** The project, from its files (none: `undefined`) and the built-in runners. */
function assemble(
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
