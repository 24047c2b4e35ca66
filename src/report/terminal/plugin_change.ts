/** What `assay plugin add`, `remove` and `update` did, for people. */

import type {
  ModulePluginRecord,
  ModuleVersion,
  PluginAddOutput,
  PluginRemoveOutput,
  PluginUpdate,
  PluginUpdateOutput,
} from "../../schema/plugins.ts";
import { clean } from "../../text/clean.ts";
import {
  bringsText,
  isolationText,
  modulesText,
  permissionsText,
  permissionText,
  pluginName,
  sizeText,
} from "./plugin_table.ts";
import { type Look, type Styles, styles } from "./style.ts";
import { type Cell, paragraph, table } from "./table.ts";

/** A plugin that was added: what it is, brings, asks for and is granted. */
export function pluginAdded({ plugin, grant, files }: PluginAddOutput, look: Look): string {
  return [
    heading(plugin, look) + aboutTable(plugin, look),
    permissionTable(plugin, look),
    grant === null ? "" : grantAdvice(grant, look),
    writtenText(files, look),
  ].filter((part) => part !== "").join("\n");
}

/** A plugin that was removed. */
export function pluginRemoved({ url, name, files }: PluginRemoveOutput, look: Look): string {
  const what = name === null ? url : `${name} (${url})`;
  return paragraph(`Removed the plugin ${clean(what)}.`, look) + writtenText(files, look);
}

/** What is other than before in each plugin. */
export function pluginUpdated({ plugins, files }: PluginUpdateOutput, look: Look): string {
  const parts = plugins.map((update) => heading(update.plugin, look) + changes(update, look));
  const none = plugins.length === 0 ? paragraph("No module plugin is configured.", look) : "";
  return [none, ...parts, writtenText(files, look)].filter((part) => part !== "").join("\n");
}

function heading(plugin: ModulePluginRecord, look: Look): string {
  const { bold } = styles(look.color);
  return paragraph(clean(pluginName(plugin)), look, { paint: bold }) +
    paragraph(clean(plugin.url), look, { indent: 2 });
}

function aboutTable(plugin: ModulePluginRecord, look: Look): string {
  const style = styles(look.color);
  const rows: readonly (readonly [string, string])[] = [
    ...plugin.description === null ? [] : [["about", plugin.description] as const],
    ["brings", bringsText(plugin)],
    ["made of", modulesText(plugin)],
    ["isolation", isolationText(plugin.isolation)],
  ];
  const cells = rows.map(([name, text]) => [{ text: name, paint: style.dim }, clean(text)]);
  return table(cells, { ...look, indent: 2 });
}

/** A row for each kind of permission that it asks for or is granted. */
function permissionTable({ isolation, permissions }: ModulePluginRecord, look: Look): string {
  const { asked, granted, missing } = permissions;
  const style = styles(look.color);
  const names = [
    ...new Set([...Object.keys(asked), ...Object.keys(granted)]),
  ] as (keyof typeof asked)[];
  if (isolation === "none") return paragraph("It may do everything that assay may do.", look);
  if (names.length === 0) return paragraph("It asks for no permission and is granted none.", look);
  const head = ["PERMISSION", "ASKS FOR", "GRANTED"].map((text) => ({ text, paint: style.dim }));
  const rows = names.map((name): readonly Cell[] => [
    name,
    clean(permissionText(asked[name])),
    {
      text: clean(permissionText(granted[name])),
      paint: missing[name] === undefined ? style.green : style.yellow,
    },
  ]);
  return table([head, ...rows], look);
}

/** The command stands on a line of its own, as it is: it is copied. */
function grantAdvice(grant: string, look: Look): string {
  const text = "It asks for more than it is granted, and may fail without. To grant all of it:";
  return `${paragraph(text, look)}  ${clean(grant)}\n`;
}

function writtenText(files: readonly string[], look: Look): string {
  return files.length === 0 ? "" : paragraph(`written: ${clean(files.join(", "))}`, look);
}

function changes(update: PluginUpdate, look: Look): string {
  const { plugin, changed, modules, redirects } = update;
  const { granted_before: before, isolation_before: isolation } = update;
  if (!changed) return paragraph("nothing changed", look, { indent: 2 });
  const style = styles(look.color);
  const facts = [
    ...update.name_before === null ? [] : [`it was called ${update.name_before}`],
    ...update.version_before === null ? [] : [`it was version ${update.version_before}`],
    ...update.brings_now.map((line) => `it now brings ${line}`),
    ...update.brings_no_more.map((line) => `it no longer brings ${line}`),
    ...redirects.map(({ url, before, after }) =>
      `${url} leads to ${after ?? "no other address"}, before to ${before ?? "no other address"}`
    ),
    ...before === null ? [] : [
      `it is granted ${permissionsText(plugin.permissions.granted)}, before ${
        permissionsText(before)
      }`,
    ],
    ...isolation === null ? [] : [
      `its isolation is now ${isolationText(plugin.isolation)}, before ${isolationText(isolation)}`,
    ],
    `it asks for ${permissionsText(plugin.permissions.asked)}`,
    `it is made of ${modulesText(plugin)}`,
  ];
  const rows = modules.flatMap(({ url, before, after }) => moduleRows(url, before, after, style));
  return table(rows, { ...look, indent: 2 }) +
    facts.map((fact) => paragraph(clean(fact), look, { indent: 2 })).join("");
}

/** The address, and below it what is other. */
function moduleRows(
  url: string,
  before: ModuleVersion | null,
  after: ModuleVersion | null,
  style: Styles,
): (readonly Cell[])[] {
  const [mark, change] = before === null
    ? [{ text: "+ new", paint: style.green }, versionText(after)]
    : after === null
    ? [{ text: "- gone", paint: style.red }, versionText(before)]
    : [{ text: "~ other", paint: style.yellow }, `${versionText(before)} → ${versionText(after)}`];
  return [[mark, clean(url)], ["", change]];
}

function versionText(version: ModuleVersion | null): string {
  return version === null ? "" : `${version.sha256.slice(0, 12)} (${sizeText(version.bytes)})`;
}
