/** Changes to the plugins of a configuration file, checked by reading what came of them. */

import { UserError } from "../errors.ts";
import type { PluginPermissions } from "../plugin_setting.ts";
import { asArray, asTable, type Table } from "./_document.ts";

/** A `[[plugin]]` as it is written; what is left out is not. */
export interface NewPlugin {
  readonly url: string;
  readonly permissions?: PluginPermissions;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly isolation?: "none";
}

/**
 * The text of a configuration file, TOML or JSON by its name, with one more plugin at the end.
 *
 * @throws {UserError} when the text is written in a way that cannot be edited.
 */
export async function addPlugin(file: string, text: string, plugin: NewPlugin): Promise<string> {
  const entry = entryOf(plugin);
  const edited = file.endsWith(".json")
    ? (await import("./_edit_json.ts")).addJsonPlugin(text, entry)
    : (await import("./_edit_toml.ts")).addTomlPlugin(text, entry);
  const by = `add the table of ${plugin.url} to it yourself`;
  await checkEdit(file, text, edited, (plugins) => [...plugins, entry], by);
  return edited;
}

/**
 * The text without the plugin of that index.
 *
 * @throws {UserError} when the text is written in a way that cannot be edited.
 */
export async function removePlugin(file: string, text: string, index: number): Promise<string> {
  const edited = file.endsWith(".json")
    ? (await import("./_edit_json.ts")).removeJsonPlugin(text, index)
    : (await import("./_edit_toml.ts")).removeTomlPlugin(text, index);
  const by = "take the table of the plugin out of it yourself";
  await checkEdit(file, text, edited, (plugins) => plugins.toSpliced(index, 1), by);
  return edited;
}

/** The table in the order in which people read it; nothing is written that says nothing. */
function entryOf({ url, permissions = {}, options = {}, isolation }: NewPlugin): Table {
  return {
    url,
    ...(Object.keys(permissions).length > 0 ? { permissions } : {}),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...(isolation === undefined ? {} : { isolation }),
  };
}

/** Whatever the text was, what is written must mean what was meant and nothing else. */
async function checkEdit(
  file: string,
  before: string,
  after: string,
  change: (plugins: readonly unknown[]) => readonly unknown[],
  byHand: string,
): Promise<void> {
  const parse = file.endsWith(".json") ? JSON.parse : (await import("@std/toml")).parse;
  const read = (text: string) => {
    const { plugin, ...rest } = asTable(parse(text)) ?? {};
    return { plugins: asArray(plugin), rest };
  };
  const was = read(before);
  let is: ReturnType<typeof read> | undefined;
  try {
    is = read(after);
  } catch {
    // What was made is no longer TOML or JSON: it is refused below, as is what means something else.
  }
  if (is && isSame(is.rest, was.rest) && isSame(is.plugins, change(was.plugins))) return;
  throw new UserError(
    `Cannot edit ${file}: assay does not know how to change what is written there`,
    {
      code: "config_not_edited",
      file,
      hint: byHand,
    },
  );
}

function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => isSame(value, other[index]));
  }
  const [first, second] = [asTable(one), asTable(other)];
  if (!first || !second) return String(one) === String(other) && typeof one === typeof other;
  const keys = Object.keys(first);
  return keys.length === Object.keys(second).length &&
    keys.every((key) => Object.hasOwn(second, key) && isSame(first[key], second[key]));
}
