/** All configuration files of a project, read and checked, not yet merged. */

import { normalize } from "@std/path";
import type { UserError } from "../errors.ts";
import { UserErrors } from "../errors.ts";
import type { Io } from "../io.ts";
import { check } from "./_check.ts";
import type { Document } from "./_document.ts";
import { asTable, configError, documentError, parseDocument, readConfigText } from "./_document.ts";
import { keyText } from "./_positions.ts";
import { readCommands } from "./_read_commands.ts";
import type { PluginSource } from "./_read_plugin_file.ts";
import { readPluginFile } from "./_read_plugin_file.ts";
import type { Config } from "./config_schema.ts";
import { configSchema } from "./config_schema.ts";
import type { CommandDef, LoadOptions } from "./types.ts";

/** What the configuration files say. */
export interface Sources {
  readonly config: Config;
  /** Where `config` was read, for what turns out to be wrong later. */
  readonly configDocument: Document | undefined;
  readonly plugins: readonly PluginSource[];
  readonly commands: readonly CommandDef[];
  readonly files: readonly string[];
}

/** Keys of `config.toml` that belong to plugins that are code. */
const reservedKeys = ["plugin", "extensions", "modules"];

/**
 * Reads and checks the configuration.
 *
 * @param texts The files that are there, by path; in the order of precedence.
 * @throws {UserErrors} with everything that is wrong in any of them.
 */
export async function readSources(
  io: Io,
  root: string,
  texts: ReadonlyMap<string, string>,
  options: LoadOptions,
): Promise<Sources> {
  const errors: UserError[] = [];
  const documents = new Map<string, Document>();
  const parse = async (file: string, text: string) => {
    const document = await parseDocument(file, text, errors);
    if (document) documents.set(file, document);
  };
  for (const [file, text] of texts) await parse(file, text);

  const configFile = only(texts, ["config.toml", "config.json"], errors);
  const configDocument = documents.get(configFile ?? "");
  const config = configDocument ? readConfig(configDocument, errors) : {};
  const listed = await readListed(io, root, config, configDocument, texts, errors);
  for (const [file, text] of listed) await parse(file, text);

  const pluginFiles = [
    only(texts, ["plugins.json", "plugins.toml"], errors),
    ...listed.keys(),
    ".codeloop/plugins.json",
  ];
  const plugins = pluginFiles.flatMap((file) => documents.get(file ?? "") ?? [])
    .flatMap((document) => readPluginFile(document, options, errors) ?? []);
  checkAcrossFiles(plugins, errors);

  const commandsFile = only(texts, ["commands.toml", "commands.json"], errors) ??
    ".bird/commands.toml";
  const commandsDocument = documents.get(commandsFile);
  const commands = commandsDocument ? readCommands(commandsDocument, options, errors) : [];
  if (errors.length > 0) throw new UserErrors(inOrder(errors, [...texts.keys(), ...listed.keys()]));
  return {
    config,
    configDocument,
    plugins,
    commands,
    files: [...texts.keys(), ...listed.keys()],
  };
}

/** By file, and in a file by line. */
function inOrder(errors: readonly UserError[], files: readonly string[]): UserError[] {
  const rank = ({ place }: UserError) => files.indexOf(place.file ?? "");
  return errors.toSorted((a, b) =>
    rank(a) - rank(b) || (a.place.line ?? 0) - (b.place.line ?? 0) ||
    (a.place.column ?? 0) - (b.place.column ?? 0)
  );
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

function readConfig(document: Document, errors: UserError[]): Config {
  const table = asTable(document.value) ?? {};
  for (const key of reservedKeys) {
    if (!(key in table)) continue;
    const message = `"${key}" is for module plugins, and this build does not load module plugins`;
    const hint = 'runners go into .assay/plugins.json, or into a file named in "plugins"';
    errors.push(documentError(document, [key], message, hint));
    delete table[key];
  }
  return check(document, configSchema, "config", errors) ?? {};
}

/** The plugin files that the configuration names and that are not read anyway. */
async function readListed(
  io: Io,
  root: string,
  { plugins = [] }: Config,
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
