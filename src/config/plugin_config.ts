/** The configuration file that lists the module plugins, for the verbs that change it. */

import { join } from "@std/path";
import { UserError, UserErrors } from "../errors.ts";
import type { Io } from "../io.ts";
import type { ModuleSettings, PluginSetting } from "../plugin_setting.ts";
import { addElement, removeElement, type Source } from "../text/edit.ts";
import { inOrder, parseDocument, readConfigText, unwritable } from "./_document.ts";
import { only } from "./_read_files.ts";
import { resolveSettings } from "./_resolve_settings.ts";
import type { ExtensionSettings } from "./types.ts";

export interface PluginConfig {
  /** Relative to the root; the one to create if there is none. */
  readonly file: string;
  /** Without a byte order mark; `undefined` if there is no file. */
  readonly text: string | undefined;
  readonly plugins: readonly PluginSetting[];
  readonly modules: ModuleSettings;
  readonly extensions: ExtensionSettings;
}

const files: [string, string] = [".assay/config.toml", ".assay/config.json"];

const byteOrderMark = "\ufeff";

/**
 * Reads it, and no other configuration: that may need the very plugin being added.
 *
 * @throws {UserErrors} with everything that is wrong in the file, except in the changes to runners.
 */
export async function readPluginConfig(io: Io, root: string): Promise<PluginConfig> {
  const errors: UserError[] = [];
  const read = await Promise.all(
    files.map(async (file) => [file, await readConfigText(io, root, file)] as const),
  );
  const texts = new Map(read.filter(([, text]) => text !== undefined));
  const file = only(texts, files, errors) ?? files[0];
  const text = texts.get(file);
  const document = text === undefined ? undefined : await parseDocument(file, text, errors);
  const { plugins, modules, extensions } = resolveSettings(document, errors);
  if (errors.length > 0) throw new UserErrors(inOrder(errors, [file]));
  return { file, text, plugins, modules, extensions };
}

/** A `[[plugin]]` as written; absent keys are omitted. */
export type NewPlugin = Pick<PluginSetting, "url"> & Partial<PluginSetting>;

/**
 * The file's text with one more plugin at its end.
 *
 * @throws {UserError} if the text is written in a way that cannot be edited.
 */
export async function withPlugin(
  config: PluginConfig,
  { url, permissions = {}, options = {}, isolation }: NewPlugin,
): Promise<string> {
  const entry = {
    url,
    ...(Object.keys(permissions).length > 0 ? { permissions } : {}),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...(isolation === "none" ? { isolation } : {}),
  };
  return await addElement(sourceOf(config), "plugin", entry) ??
    notEdited(config, `add the table of ${url} to it yourself`);
}

/**
 * The file's text without the plugin at that index.
 *
 * @throws {UserError} as {@linkcode withPlugin}.
 */
export async function withoutPlugin(config: PluginConfig, index: number): Promise<string> {
  return await removeElement(sourceOf(config), "plugin", index) ??
    notEdited(config, "take the table of the plugin out of it yourself");
}

function sourceOf({ file, text }: PluginConfig): Source {
  const isJson = file.endsWith(".json");
  return {
    format: isJson ? "json" : "toml",
    text: text ?? (isJson ? "{}\n" : "# Configuration of assay. Every key: assay schema config\n"),
  };
}

function notEdited({ file }: PluginConfig, hint: string): never {
  throw new UserError(
    `Cannot edit ${file}: assay does not know how to edit it as it is written`,
    { code: "config_not_edited", file, hint },
  );
}

/**
 * Writes the file atomically: readers see either the old text or the new one.
 *
 * @throws {UserError} if it changed since it was read, or cannot be written.
 */
export async function writePluginConfig(
  io: Io,
  root: string,
  { file, text: before }: PluginConfig,
  text: string,
): Promise<void> {
  const raw = await readConfigText(io, root, file, { keepMark: true });
  if (raw?.replace(byteOrderMark, "") !== before) {
    throw new UserError(`Cannot write ${file}: it changed in the meantime`, {
      code: "config_changed",
      file,
      hint: "do it again",
    });
  }
  const path = join(root, file);
  try {
    if (raw === undefined) {
      await io.fs.mkdir(join(root, ".assay"));
      await io.fs.writeNew(path, text);
    } else {
      // Renaming over a symbolic link would replace it with a file.
      const mark = raw.startsWith(byteOrderMark) ? byteOrderMark : "";
      await io.fs.writeAtomic(await io.fs.realPath(path), mark + text);
    }
  } catch (error) {
    throw unwritable(file, error);
  }
}
