/** All configuration of a project, read and checked, not yet merged. */

import { normalize } from "@std/path";
import { UserError, UserErrors } from "../errors.ts";
import type { Io } from "../io.ts";
import { closeWritable } from "../process/programs.ts";
import { type PathBase, resolvePath } from "../sandbox/paths.ts";
import { truncate } from "../text/words.ts";
import {
  asArray,
  asTable,
  configError,
  type Document,
  documentError,
  inOrder,
  parseDocument,
  readConfigText,
  type Table,
} from "./_document.ts";
import { type KeyPath, keyText } from "../text/positions.ts";
import { readCommands } from "./_read_commands.ts";
import { type Overrides, readOverrides, readSettings, type Settings } from "./_read_config.ts";
import { type PluginSource, readPluginFile } from "./_read_plugin_file.ts";
import type { Known } from "../text/did_you_mean.ts";
import { runnerFields } from "./runner_fields.ts";
import { sandboxPathProblems } from "./sandbox_paths.ts";
import { sandboxProblems } from "./sandbox_problems.ts";
import { sandboxSchema } from "./sandbox_schema.ts";
import type { BuiltinRunners, CommandDef, Contribution, LoadOptions } from "./types.ts";
import * as v from "valibot";

/** What the configuration says. */
export interface Sources {
  readonly settings: Settings;
  readonly overrides: Overrides;
  /** Where the settings were read, for what turns out to be wrong later. */
  readonly configDocument: Document | undefined;
  readonly plugins: readonly PluginSource[];
  /** The runners that module plugins bring. */
  readonly modules: readonly PluginSource[];
  readonly commands: readonly CommandDef[];
  readonly commandsDocument: Document | undefined;
  /** What the module plugins bring, when there are any. */
  readonly contribution: Contribution | undefined;
  readonly files: readonly string[];
}

/**
 * Reads and checks the configuration.
 *
 * @param texts The files that are there, by path; in the order of precedence.
 * @throws {UserErrors} with everything that is wrong in any of them; with what is wrong in `config.toml`
 * or with the module plugins alone when those cannot be loaded.
 */
export async function readSources(
  io: Io,
  root: string,
  texts: ReadonlyMap<string, string>,
  options: LoadOptions,
): Promise<Sources> {
  const errors: UserError[] = [];
  const documents = new Map<string, Document>();
  const parse = async (file: string, text: string, into = errors) => {
    const document = await parseDocument(file, text, into);
    if (document) documents.set(file, document);
  };
  for (const [file, text] of texts) await parse(file, text);

  const configFile = only(texts, ["config.toml", "config.json"], errors);
  const configDocument = documents.get(configFile ?? "");
  const settings = readSettings(configDocument, errors);
  const listedErrors: UserError[] = [];
  const listed = await readListed(io, root, settings, configDocument, texts, listedErrors);
  for (const [file, text] of listed) await parse(file, text, listedErrors);
  await closeNamed(io, root, [...documents.values()]);

  const contribution = await loadModules(settings, options, errors);
  errors.push(...listedErrors);
  const known = knownOf(options, contribution, [...documents.values()]);
  const overrides = readOverrides(configDocument, known.extensionKeys, errors);
  const pluginFiles = [
    only(texts, ["plugins.json", "plugins.toml"], errors),
    ...listed.keys(),
    ".codeloop/plugins.json",
  ];
  const plugins = pluginFiles.flatMap((file) => documents.get(file ?? "") ?? [])
    .flatMap((document) => readPluginFile(document, known, errors) ?? []);
  checkAcrossFiles(plugins, errors);
  const modules = readModuleRunners(contribution?.runners ?? [], known, errors);

  const commandsFile = only(texts, ["commands.toml", "commands.json"], errors) ??
    ".bird/commands.toml";
  const commandsDocument = documents.get(commandsFile);
  const commands = commandsDocument ? readCommands(commandsDocument, known, errors) : [];
  await closeNamed(io, root, modules.flatMap(documentsOf));
  const all = [...documents.values(), ...modules.flatMap(documentsOf)];
  errors.push(...await sandboxErrors(all, sandboxBase(io, root, options, contribution)));
  const files = [...texts.keys(), ...listed.keys()];
  if (errors.length > 0) throw new UserErrors(inOrder(errors, files));
  return {
    settings,
    overrides,
    configDocument,
    plugins,
    modules,
    commands,
    commandsDocument,
    contribution,
    files,
  };
}

/** Nothing that a sandbox lets commands write holds a program that assay starts, be the rest right or wrong. */
async function closeNamed(io: Io, root: string, documents: readonly Document[]): Promise<void> {
  const base = { root, home: io.env("HOME"), realPath: io.fs.realPath };
  const named = documents.flatMap(({ value }) => writableNames(value));
  closeWritable(io, await Promise.all(named.map((path) => resolvePath(path, base))));
}

function writableNames(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key !== "paths_writable" && key !== "tmpfs") return writableNames(inner);
    const paths: readonly unknown[] = inner === true ? ["/tmp"] : [inner].flat();
    return paths.filter((path) => typeof path === "string" && !path.includes("\0")) as string[];
  });
}

/** Asks for the module plugins, if there are any; not before what names them is right. */
async function loadModules(
  { plugins, modules, extensions }: Settings,
  options: LoadOptions,
  errors: readonly UserError[],
): Promise<Contribution | undefined> {
  if (plugins.length === 0) return undefined;
  if (errors.length > 0) throw new UserErrors(inOrder(errors, []));
  if (options.loadModules) {
    return await options.loadModules(plugins, modules, extensions.callTimeoutMs);
  }
  const [{ file, line }] = plugins as [typeof plugins[number]];
  throw new UserError(`Cannot load the plugins of ${file}: module plugins are not loaded here`, {
    code: "plugin_unloadable",
    file,
    ...(line === undefined ? {} : { line }),
  });
}

function knownOf(
  { knownFormats, extensions }: LoadOptions,
  contribution: Contribution | undefined,
  documents: readonly Document[],
): Known {
  const open = contribution?.isOpen ? documents.flatMap(({ value }) => entriesOf(value)) : [];
  const keys = [...extensions.keys, ...contribution?.keys ?? [], ...open.flatMap(tablesIn)];
  return {
    formats: [
      ...knownFormats,
      ...contribution?.formats ?? [],
      ...open.flatMap(({ result_format, format }) => [result_format, format].filter(isText)),
    ],
    extensionKeys: [...new Set(keys)].filter((key) => !runnerFields.has(key)),
  };
}

/** The runners, commands and changes to runners of a document, whatever is wrong with them. */
function entriesOf(value: unknown): Table[] {
  const { runners, commands } = asTable(value) ?? {};
  const byName = [runners, commands].flatMap((each) => Object.values(asTable(each) ?? {}));
  return [...asArray(runners), ...byName].map(asTable).filter((entry) => entry !== undefined);
}

function tablesIn(entry: Table): string[] {
  return Object.keys(entry).filter((key) => asTable(entry[key]) !== undefined);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function documentsOf({ places }: PluginSource): readonly Document[] {
  return [...new Set([...places.values()].map(({ document }) => document))];
}

/** What sandboxes are checked against. */
function sandboxBase(
  io: Io,
  root: string,
  { engines }: LoadOptions,
  contribution: Contribution | undefined,
): SandboxBase {
  return {
    root,
    home: io.env("HOME"),
    realPath: io.fs.realPath,
    engines: contribution?.isOpen
      ? undefined
      : engines && [...engines, ...contribution?.engines ?? []],
  };
}

/** The one of two spellings of a file that is there. */
function only(
  texts: ReadonlyMap<string, string>,
  names: readonly [string, string],
  errors: UserError[],
): string | undefined {
  const [first, second] = names.map((name) => `.assay/${name}`).filter((file) => texts.has(file));
  if (first !== undefined && second !== undefined) {
    const message = `${first} is there too, and only one of the two may be`;
    errors.push(configError(second, message, undefined, undefined, "merge them into one"));
  }
  return first;
}

/** The plugin files that the configuration names and that are not read anyway. */
async function readListed(
  io: Io,
  root: string,
  { config: { plugins = [] } }: Settings,
  document: Document | undefined,
  texts: ReadonlyMap<string, string>,
  errors: UserError[],
): Promise<ReadonlyMap<string, string>> {
  const files = plugins.map((file) => normalize(file));
  const read = await Promise.all(
    files.map((file) => texts.has(file) ? undefined : readConfigText(io, root, file)),
  );
  const listed = new Map<string, string>();
  read.forEach((text, index) => {
    const file = files[index]!;
    if (text !== undefined) listed.set(file, text);
    else if (!texts.has(file)) {
      const path = ["plugins", index];
      const message = `${keyText(path)}: there is no file ${plugins[index]}`;
      errors.push(documentError(document!, path, message));
    }
  });
  return listed;
}

function checkAcrossFiles(plugins: readonly PluginSource[], errors: UserError[]): void {
  const seen = new Map<string, CommandDef>();
  for (const { defs } of plugins) {
    for (const def of defs) {
      const first = seen.get(def.id)?.origin;
      if (!first) seen.set(def.id, def);
      else if (first.file !== def.origin.file) {
        errors.push(configError(
          def.origin.file,
          `the runner "${def.id}" is also defined in ${first.file}, line ${first.line}`,
          { line: def.origin.line ?? 1, column: 1 },
          undefined,
          "remove one of the two, or give it another id",
        ));
      }
    }
  }
}

// Checks the runners that module plugins bring, as those of a plugin file are checked.

/** Longer addresses (`data:`) are cut where they stand for a file's name. */
const maxUrl = 80;

/** The runners of each plugin that has some; what is wrong is added to `errors`. */
function readModuleRunners(
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
    return readPluginFile({ file: truncate(url, maxUrl), value }, known, errors) ?? [];
  });
}

// Checks every sandbox of the configuration for what its schema cannot say.

/** What sandboxes are checked against. */
interface SandboxBase extends PathBase {
  /** The engines a sandbox may name; absent when they are not known. */
  readonly engines: readonly string[] | undefined;
}

/** What is wrong with the sandboxes of the documents. Those that do not fit the schema are passed over. */
async function sandboxErrors(
  documents: readonly Document[],
  base: SandboxBase,
): Promise<UserError[]> {
  const written = documents.flatMap((document) =>
    sandboxesOf(document.value).map((each) => ({ document, ...each }))
  );
  const errors = await Promise.all(
    written.map(({ document, path, value }) => errorsOf(document, path, value, base)),
  );
  return errors.flat();
}

/** A sandbox as written, and where. */
interface Written {
  readonly path: KeyPath;
  readonly value: unknown;
}

/** That of the file itself, and those of its runners and commands. */
function sandboxesOf(value: unknown): Written[] {
  const top = asTable(value) ?? {};
  const entries: Written[] = [
    { path: [], value: top },
    ...asArray(top.runners).map((each, index) => ({ path: ["runners", index], value: each })),
    ...["runners", "commands"].flatMap((key) =>
      Object.entries(asTable(top[key]) ?? {}).map(([name, each]) => ({
        path: [key, name],
        value: each,
      }))
    ),
  ];
  return entries.flatMap(({ path, value }) => {
    const sandbox = asTable(value)?.sandbox;
    return sandbox === undefined ? [] : [{ path: [...path, "sandbox"], value: sandbox }];
  });
}

async function errorsOf(
  document: Document,
  path: KeyPath,
  value: unknown,
  base: SandboxBase,
): Promise<UserError[]> {
  const { success, output } = v.safeParse(sandboxSchema, value);
  if (!success || typeof output === "string") return [];
  const problems = [
    ...sandboxProblems(output, base.engines),
    ...await sandboxPathProblems(output, base),
  ];
  return problems.map((problem) => {
    const full = [...path, ...problem.path];
    return documentError(document, full, `${keyText(full)}: ${problem.message}`, problem.hint);
  });
}
