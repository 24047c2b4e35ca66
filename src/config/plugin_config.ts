/** The configuration file that holds the module plugins, for the verbs that change it. */

import { join } from "@std/path";
import { messageOf, UserError, UserErrors } from "../errors.ts";
import type { Io } from "../io.ts";
import { isNotFound } from "../io.ts";
import type { ModuleSettings, PluginSetting } from "../plugin_setting.ts";
import { inOrder, parseDocument, unreadable } from "./_document.ts";
import { readSettings } from "./_read_config.ts";
import type { ExtensionSettings } from "./types.ts";

/** The file and what it says of module plugins. */
export interface PluginConfig {
  /** Relative to the root; the one to be made where there is none. */
  readonly file: string;
  /** Without a byte order mark; `undefined` where there is no file. */
  readonly text: string | undefined;
  readonly plugins: readonly PluginSetting[];
  readonly modules: ModuleSettings;
  readonly extensions: ExtensionSettings;
}

/** What a file begins with that is made for its first plugin. */
export const newConfigText = "# Configuration of assay. Every key: assay schema config\n";

const files = [".assay/config.toml", ".assay/config.json"] as const;

const byteOrderMark = "\ufeff";

/**
 * Reads it. Of the other configuration nothing is read: it may need the very plugin that is to be added.
 *
 * @throws {UserErrors} with everything that is wrong in the file, save the changes to runners.
 */
export async function readPluginConfig(io: Io, root: string): Promise<PluginConfig> {
  const texts = await Promise.all(files.map((file) => readRaw(io, root, file)));
  const there = files.filter((_, index) => texts[index] !== undefined);
  if (there.length > 1) {
    throw new UserError(`Cannot read ${files[1]}: ${files[0]} is there too`, {
      code: "config_invalid",
      file: files[1],
      hint: "merge them into one",
    });
  }
  const [file = files[0]] = there;
  const text = texts.find((each) => each !== undefined)?.replace(byteOrderMark, "");
  const errors: UserError[] = [];
  const document = text === undefined ? undefined : await parseDocument(file, text, errors);
  const { plugins, modules, extensions } = readSettings(document, errors);
  if (errors.length > 0) throw new UserErrors(inOrder(errors, [file]));
  return { file, text, plugins, modules, extensions };
}

/**
 * Writes the file anew, in one step: whoever reads it sees the old text or the new one.
 *
 * @throws {UserError} when it was changed since it was read, or cannot be written.
 */
export async function writePluginConfig(
  io: Io,
  root: string,
  { file, text: before }: PluginConfig,
  text: string,
): Promise<void> {
  const raw = await readRaw(io, root, file);
  if (raw?.replace(byteOrderMark, "") !== before) {
    throw new UserError(`Cannot write ${file}: it was changed in the meantime`, {
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
      // Renaming over a symbolic link would put a file in its place.
      const mark = raw.startsWith(byteOrderMark) ? byteOrderMark : "";
      await io.fs.writeAtomic(await io.fs.realPath(path), mark + text);
    }
  } catch (error) {
    throw new UserError(unreadable(file, error).message.replace("read", "write"), {
      code: "not_writable",
      file,
      cause: error,
    });
  }
}

/** With its byte order mark. */
async function readRaw(io: Io, root: string, file: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await io.fs.readBytes(join(root, file));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw unreadable(file, error);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new UserError(`Cannot read ${file}: it is not UTF-8`, {
      code: "config_invalid",
      file,
      cause: messageOf(error),
    });
  }
}
