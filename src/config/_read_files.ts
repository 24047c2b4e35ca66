/** Step one: the existing configuration files, parsed, with the position of each key. */

import { join, normalize } from "@std/path";
import { UserError } from "../errors.ts";
import { type Io, isNotFound } from "../io.ts";
import { keyText } from "../text/positions.ts";
import {
  configError,
  type Document,
  documentError,
  parseDocument,
  readConfigText,
  unreadable,
} from "./_document.ts";

/** The files by their path, in the order of precedence; `undefined` where one cannot be parsed. */
export type Documents = Map<string, Document | undefined>;

/** Files of `.assay/`. */
const ownFiles = [
  "config.toml",
  "config.json",
  "plugins.json",
  "plugins.toml",
  "commands.toml",
  "commands.json",
];

/** Every file that configures assay, wherever it is, in the order of precedence. */
export const knownFiles = [
  ...ownFiles.map((name) => `.assay/${name}`),
  ".codeloop/plugins.json",
  ".bird/commands.toml",
];

/** Reads them all; what cannot be parsed is added to `errors`. */
export async function readFiles(io: Io, root: string, errors: UserError[]): Promise<Documents> {
  const files = await listFiles(io, root);
  // The TOML parser is loaded only if there is TOML, while the files are read.
  const [texts] = await Promise.all([
    Promise.all(files.map((file) => readConfigText(io, root, file))),
    files.some((file) => file.endsWith(".toml")) ? import("@std/toml") : undefined,
  ]);
  const documents: Documents = new Map();
  for (const [index, file] of files.entries()) {
    const text = texts[index];
    if (text === undefined) {
      throw new UserError(`Cannot read ${file}: it is a broken symbolic link`, {
        code: "config_unreadable",
        file,
      });
    }
    documents.set(file, await parseDocument(file, text, errors));
  }
  return documents;
}

/**
 * Folders are listed: asking for each file that may be missing takes longer than everything else.
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

async function namesIn(io: Io, root: string, folder: string): Promise<ReadonlySet<string>> {
  try {
    return new Set((await io.fs.list(join(root, folder))).map(({ name }) => name));
  } catch (error) {
    if (isNotFound(error) && folder !== ".") return new Set();
    throw unreadable(folder === "." ? root : folder, error);
  }
}

/** Whichever of a file's two spellings exists. */
export function only(
  documents: ReadonlyMap<string, unknown>,
  names: readonly [string, string],
  errors: UserError[],
): string | undefined {
  const [first, second] = names.filter((file) => documents.has(file));
  if (first !== undefined && second !== undefined) {
    const message = `${first} exists too, and only one of them may`;
    errors.push(configError(second, message, undefined, undefined, "merge them into one"));
  }
  return first;
}

/** Adds the plugin files that the configuration names to those that are always read, and returns them. */
export async function readListed(
  io: Io,
  root: string,
  listed: readonly string[],
  config: Document | undefined,
  documents: Documents,
  errors: UserError[],
): Promise<readonly string[]> {
  const files = listed.map((file) => normalize(file));
  const fresh = [...new Set(files)].filter((file) => !documents.has(file));
  const texts = await Promise.all(fresh.map((file) => readConfigText(io, root, file)));
  for (const [index, file] of fresh.entries()) {
    const text = texts[index];
    if (text !== undefined) documents.set(file, await parseDocument(file, text, errors));
  }
  for (const [index, file] of files.entries()) {
    if (documents.has(file)) continue;
    const path = ["plugins", index];
    const message = `${keyText(path)}: there is no file ${listed[index]}`;
    errors.push(documentError(config!, path, message));
  }
  return fresh;
}
