/** Loads all configuration of a project. */

import { join } from "@std/path";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { assemble } from "./_assemble.ts";
import { readConfigText, unreadable } from "./_document.ts";
import type { LoadOptions, Project } from "./types.ts";

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
  const texts = await readCandidates(io, root);
  if (texts.size === 0) return assemble(root, undefined, options);
  // Schemas and parsers are loaded only where there is something to check.
  const { readSources } = await import("./_sources.ts");
  return assemble(root, await readSources(io, root, texts, options), options);
}

/**
 * The files that are there. Folders are listed first: asking for each file that may be missing takes
 * longer than all the rest.
 */
async function readCandidates(io: Io, root: string): Promise<ReadonlyMap<string, string>> {
  const top = await namesIn(io, root, ".");
  const own = top.has(".assay") ? await namesIn(io, root, ".assay") : new Set();
  const files = ownFiles.filter((name) => own.has(name)).map((name) => `.assay/${name}`);
  const hasCommands = own.has("commands.toml") || own.has("commands.json");
  const [plugins, commands] = await Promise.all([
    top.has(".codeloop") ? readConfigText(io, root, ".codeloop/plugins.json") : undefined,
    top.has(".bird") && !hasCommands ? readConfigText(io, root, ".bird/commands.toml") : undefined,
  ]);
  const texts = await Promise.all(files.map((file) => readListedText(io, root, file)));
  return new Map([
    ...files.map((file, index) => [file, texts[index]!] as const),
    ...plugins === undefined ? [] : [[".codeloop/plugins.json", plugins] as const],
    ...commands === undefined ? [] : [[".bird/commands.toml", commands] as const],
  ]);
}

async function namesIn(io: Io, root: string, folder: string): Promise<ReadonlySet<string>> {
  try {
    return new Set((await io.fs.list(join(root, folder))).map(({ name }) => name));
  } catch (error) {
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
