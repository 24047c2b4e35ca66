/** The names in a project's configuration, valid or not: for completion, not for running anything. */

import { UserError, UserErrors } from "../errors.ts";
import type { Io } from "../io.ts";
import { asArray, asTable, parseDocument, readConfigText } from "./_document.ts";
import { knownFiles } from "./_read_files.ts";
import { loadProject } from "./load.ts";
import type { LoadOptions, Project } from "./types.ts";

export interface KnownName {
  readonly name: string;
  readonly about: string;
}

export interface KnownNames {
  /** The project, if its whole configuration is valid and it has no module plugins. */
  readonly project: Project | undefined;
  readonly runners: readonly KnownName[];
  readonly commands: readonly KnownName[];
  /** Addresses of module plugins. */
  readonly plugins: readonly string[];
}

/** Reads them. Module plugins are not loaded, so the names they provide are missing. */
export async function knownNames(
  io: Io,
  root: string,
  options: Omit<LoadOptions, "loadModules">,
): Promise<KnownNames> {
  try {
    const project = await loadProject(io, root, options);
    return {
      project,
      runners: project.runners.map(({ id, kind, command }) => ({
        name: id,
        about: `${kind}: ${command}`,
      })),
      commands: project.commands.map(({ id, description, command }) => ({
        name: id,
        about: description ?? command,
      })),
      plugins: project.modulePlugins.map(({ url }) => url),
    };
  } catch (error) {
    if (error instanceof UserError || error instanceof UserErrors) return await asWritten(io, root);
    throw error;
  }
}

/** The names found in files when some are invalid or contain what only a plugin understands. */
async function asWritten(io: Io, root: string): Promise<KnownNames> {
  const read = async (files: readonly string[]) =>
    (await Promise.all(files.map((file) => valueOf(io, root, file)))).map(asTable);
  const own = await read(knownFiles);
  const listed = own.flatMap((file) => asArray(file?.plugins)).filter(isText);
  const files = [...own, ...await read(listed)];
  return {
    project: undefined,
    runners: files.flatMap((file) => [
      ...named(asArray(file?.runners), "id"),
      ...named(asArray(file?.plugins), "name"),
    ]),
    commands: files.flatMap((file) => Object.entries(asTable(file?.commands) ?? {}))
      .map(([name, value]) => ({ name, about: textOf(asTable(value)?.description) })),
    plugins: files.flatMap((file) => asArray(file?.plugin))
      .map((plugin) => asTable(plugin)?.url).filter(isText),
  };
}

async function valueOf(io: Io, root: string, file: string) {
  try {
    const text = await readConfigText(io, root, file);
    return text === undefined ? undefined : (await parseDocument(file, text, []))?.value;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function named(entries: readonly unknown[], key: string): KnownName[] {
  return entries.map(asTable).flatMap((entry) => {
    const name = entry?.[key];
    return isText(name) ? [{ name, about: textOf(entry?.command) }] : [];
  });
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function textOf(value: unknown): string {
  return isText(value) ? value : "";
}
