/** Loads all configuration of a project. */

import { join } from "@std/path";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { isNotFound } from "../io.ts";
import { closeWritable } from "../programs.ts";
import { assemble } from "./_assemble.ts";
import { readSources } from "./_sources.ts";
import { readConfigText, unreadable } from "./_document.ts";
import { validateExtensions } from "./_validate_extensions.ts";
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
