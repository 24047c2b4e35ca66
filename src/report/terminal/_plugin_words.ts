/** What a plugin that is a module brings, weighs and may do, in words. */

import type { ModulePluginRecord, PermissionRecord } from "../../schema/plugins.ts";
import { plural } from "../../text/words.ts";

/** `timestamp 1.0.0`. */
export function pluginName({ name, version }: ModulePluginRecord): string {
  return version === null ? name : `${name} ${version}`;
}

/** `extension stamp (table "stamp"), parser x`. */
export function bringsText({ brings }: ModulePluginRecord): string {
  if (brings === null) return "what, is not recorded: it was never loaded";
  const { extensions, engines, annotators, parsers, runners } = brings;
  const all = [
    ...extensions.map(({ name, key }) => `extension ${name} (table "${key}")`),
    ...engines.map((name) => `engine ${name}`),
    ...annotators.map(({ name, eager }) => `annotator ${name} (${eager ? "eager" : "when asked"})`),
    ...parsers.map((name) => `parser ${name}`),
    ...runners.map((name) => `runner ${name}`),
  ];
  return all.join(", ") || "nothing";
}

/** `3 modules, 12.3 KiB, from example.com`. */
export function modulesText(plugin: ModulePluginRecord): string {
  if (plugin.modules === null) return "files that were not looked at";
  const { count, bytes } = plugin.modules;
  return `${plural(count, "module")}, ${sizeText(bytes)}, ${placeText(plugin.url, plugin.modules)}`;
}

/** Where its modules are; what a `data:` address imports may be in such ones or in files. */
function placeText(url: string, { count, hosts }: NonNullable<ModulePluginRecord["modules"]>) {
  const isData = /^data:/i.test(url);
  const from = `from ${hosts.join(", ")}`;
  if (!isData) return hosts.length === 0 ? "in files of this machine" : from;
  if (hosts.length > 0) return `in its address and ${from}`;
  return count === 1 ? "in its address" : "in its address and what that imports";
}

/** Where it runs. */
export function isolationText(isolation: ModulePluginRecord["isolation"]): string {
  return isolation === "worker"
    ? "a worker of its own"
    : "none: it runs in assay's own process, with all its permissions";
}

/** What it may do: one in assay's own process needs no grant for anything. */
export function grantedText(
  isolation: ModulePluginRecord["isolation"],
  granted: PermissionRecord,
): string {
  return isolation === "none" ? "everything that assay may do" : permissionsText(granted);
}

/** Whether it was loaded, and if not, whether it would be. */
export function stateText(state: ModulePluginRecord["state"]): string {
  return {
    loaded: "loaded",
    trusted: "not loaded (trusted)",
    not_trusted: "not loaded: not trusted",
    trust_not_needed: "not loaded (needs no trust)",
  }[state];
}

/** `read ., net a.com b.com:443, env everything`; `nothing` where there is none. */
export function permissionsText(permissions: PermissionRecord): string {
  const all = Object.entries(permissions).filter(([, value]) => value !== undefined);
  const shown = all.map(([name, value]) => `${name} ${permissionText(value)}`);
  return shown.join(", ") || "nothing";
}

/** What of one kind is granted or asked for. */
export function permissionText(value: boolean | readonly string[] | undefined): string {
  if (value === true) return "everything";
  return value === undefined || value === false || value.length === 0 ? "nothing" : value.join(" ");
}

/** `512 B`, `12.3 KiB`, `1.0 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const mebibyte = 1024 * 1024;
  return bytes < mebibyte
    ? `${(bytes / 1024).toFixed(1)} KiB`
    : `${(bytes / mebibyte).toFixed(1)} MiB`;
}
