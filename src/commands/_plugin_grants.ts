/** What `assay plugin add` is asked to grant and pass on, and the command line that does the same. */

import { shellLine, shellQuote } from "../text/shell.ts";
import { usageError, UserError } from "../errors.ts";
import type { PluginPermissions, PluginSetting } from "../plugin_setting.ts";
import { shown } from "../modules/trust.ts";
import { clean } from "../text/clean.ts";
import { type Call, everything, permissionNames } from "./types.ts";

export function grantedByFlags(call: Call): PluginPermissions {
  return Object.fromEntries(permissionNames.flatMap((name) => {
    const values = call.list(`allow-${name}`);
    if (values.length === 0) return [];
    const listed = () => [...new Set(values.flatMap((value) => partsOf(name, value)))];
    return [[name, values.includes(everything) ? true : listed()]];
  }));
}

function partsOf(name: string, value: string): string[] {
  const parts = value.split(",").map((part) => part.trim());
  if (parts.every((part) => part !== "")) return parts;
  const hint = `give a list such as --allow-${name}=a,b; --allow-${name} alone grants everything`;
  throw usageError(`--allow-${name}=${value}: an entry of the list is empty`, hint);
}

/** The options of `--option KEY=VALUE`. A value that is JSON is read as such, any other is a text. */
export function optionsByFlags(call: Call): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const option of call.list("option")) {
    const [, key, value] = /^([^=]+)=(.*)$/s.exec(option) ?? [];
    if (key === undefined || value === undefined || reserved.includes(key)) {
      const hint = "such as --option level=3, --option name=text, --option 'list=[\"a\"]'";
      throw usageError(`--option ${option}: expected KEY=VALUE`, hint);
    }
    if (Object.hasOwn(options, key)) throw usageError(`--option ${key} is given twice`);
    options[key] = valueOf(value);
  }
  return options;
}

/** Keys that configuration files may not hold either. */
const reserved = ["__proto__", "constructor", "prototype"];

/** TOML has no `null`: a value that holds one stays text. */
function valueOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return holdsNull(value) ? text : value;
  } catch {
    // Not JSON: text without quotes.
    return text;
  }
}

function holdsNull(value: unknown): boolean {
  return value === null || (typeof value === "object" && Object.values(value).some(holdsNull));
}

/** Has the user say yes to grants beyond the lock, at a terminal or by `--yes`. */
export async function agree(
  { io, flag }: Call,
  wider: readonly { readonly setting: PluginSetting; readonly lines: readonly string[] }[],
  done: "added" | "updated",
): Promise<void> {
  if (wider.length === 0 || flag("yes")) return;
  const list = wider.map(({ setting, lines }) => `${shown(setting.url)}: ${lines.join(", ")}`);
  const shownList = list.map((line) => `assay: not in the lock: ${clean(line)}\n`).join("");
  const answer = await io.ask(`${shownList}Grant this? [y/N] `);
  if (answer !== undefined && /^y(es)?$/i.test(answer)) return;
  throw new UserError(`Nothing was ${done}: not confirmed: ${list.join("; ")}`, {
    code: "not_trusted",
    hint: answer === undefined
      ? "confirm it at a terminal, or see assay help plugin"
      : "answer y, or grant less",
  });
}

/** The command that adds a configured plugin again, with other permissions. */
export function addCommand(
  { url, options, isolation }: PluginSetting,
  permissions: PluginPermissions,
): string {
  const grants = permissionNames.flatMap((name) => {
    const value = permissions[name];
    if (value === true) return [`--allow-${name}`];
    return typeof value === "object" ? [`--allow-${name}=${value.join(",")}`] : [];
  });
  const handed = Object.entries(options).flatMap(([key, value]) => [
    "--option",
    `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  ]);
  const flags = [...grants, ...isolation === "none" ? ["--isolation", "none"] : [], ...handed];
  return `assay plugin remove ${shellQuote(url)} && assay plugin add ${shellLine([url, ...flags])}`;
}
