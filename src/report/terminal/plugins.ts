/** Runners, commands and plugins for people: what there is, what `assay plugin` did, what to trust. */

import type {
  ModulePluginRecord,
  ModuleVersion,
  PermissionRecord,
  PluginAddOutput,
  PluginOutput,
  PluginRemoveOutput,
  PluginUpdate,
  PluginUpdateOutput,
  RunnerListing,
  TrustOutput,
} from "../../schema/plugins.ts";
import { clean } from "../../text/clean.ts";
import { plural, sizeText } from "../../text/words.ts";
import { type Look, type Styles, styles } from "./style.ts";
import {
  type Cell,
  type Fact,
  factTable,
  paragraph,
  sections,
  table,
  titledTable,
  warningLines,
} from "./table.ts";
import { exampleRunner, stateText } from "./words.ts";

/** Which runners apply and why, and where they come from; with `all`, also those that do not apply. */
export function pluginTable(output: PluginOutput, look: Look, all = false): string {
  const { runners, commands, plugins, modules, dropped } = output;
  const style = styles(look.color);
  const applying = runners.filter(({ detected, enabled }) => detected && enabled);
  const others = runners.filter((runner) => !applying.includes(runner));
  const section = (title: string, rows: readonly (readonly Cell[])[]) =>
    rows.length === 0 ? "" : `${style.bold(title)}\n${table(rows, { ...look, indent: 2 })}`;
  const none = `No runner applies. ${exampleRunner}`;
  const applies = (name: string) => applying.some((runner) => runner.name === name);
  const hidden = [
    ...others.length > 0
      ? [plural(others.length, "runner does not apply", "runners do not apply")]
      : [],
    ...dropped.length > 0 ? [`${dropped.length} replaced or disabled`] : [],
  ].join(", ");
  return sections([
    section("Runners", applying.map((runner) => runnerRow(runner, style))) || none,
    section("Not applying", all ? others.map((runner) => runnerRow(runner, style)) : []),
    section(
      "Commands (assay run NAME)",
      commands.map(({ name: id, kind, description, command }) => [
        clean(id),
        kind ?? "-",
        clean(description ?? command),
      ]),
    ),
    section(
      "Replaced or disabled",
      all ? dropped.map(({ name, file, why }) => [clean(name), clean(file), clean(why)]) : [],
    ),
    section(
      "Plugins",
      plugins.filter(({ runners }) => all || runners.some(applies)).map(pluginRow),
    ),
    section("Plugin modules", modules.flatMap((plugin) => moduleRows(plugin, style))),
    all || hidden === "" ? "" : paragraph(`${hidden}: assay plugin list --all`, look, {
      paint: style.dim,
    }),
  ]);
}

function runnerRow(runner: RunnerListing, style: Styles): readonly Cell[] {
  const { name: id, kind, detected, enabled, required, plugin, why } = runner;
  const mark = !enabled
    ? { text: "- off", paint: style.dim }
    : detected
    ? { text: "✓", paint: style.green }
    : { text: "-", paint: style.dim };
  return [mark, clean(id), kind, clean(plugin), clean(required ? why : `${why} (not required)`)];
}

/** A row per fact about a plugin; the first begins with its name. */
function moduleRows(plugin: ModulePluginRecord, style: Styles): (readonly Cell[])[] {
  const { url, state, description, isolation, permissions, modules } = plugin;
  const missing = permissionsText(permissions.missing);
  const facts: readonly Fact[] = [
    ["from", url],
    ["state", state === "loaded" ? null : stateText(state)],
    ["about", description],
    ["provides", providedText(plugin)],
    ["modules", modules && modulesText(plugin)],
    ["granted", grantedText(isolation, permissions.granted)],
    ["not granted", missing === "nothing" ? null : `${missing} (it asks for this)`],
    ["isolation", isolation === "worker" ? null : isolationText(isolation)],
  ];
  return facts.filter(([, text]) => text).map(([name, text], index) => [
    index === 0 ? clean(pluginName(plugin)) : "",
    { text: name, paint: style.dim },
    clean(text!),
  ]);
}

function pluginRow({ name, version, file, dialect, runners }: PluginOutput["plugins"][number]) {
  const what = dialect === "built-in"
    ? "built-in"
    : dialect === "plugins"
    ? `${file} ("plugins" list)`
    : file;
  return [
    clean(version === undefined ? name : `${name} ${version}`),
    clean(`${what}: ${runners.join(", ")}`),
  ];
}

// What a plugin module provides, its size and its permissions, in words.

/** `timestamp 1.0.0`. */
function pluginName({ name, version }: ModulePluginRecord): string {
  return version === null ? name : `${name} ${version}`;
}

/** `extension stamp (table "stamp"), parser x`. */
function providedText({ provides }: ModulePluginRecord): string {
  if (provides === null) return "unknown: it was never loaded";
  const { extensions, engines, annotators, parsers, runners } = provides;
  const all = [
    ...extensions.map(({ name, key }) => `extension ${name} (table "${key}")`),
    ...engines.map((name) => `engine ${name}`),
    ...annotators.map(({ name, eager }) => `annotator ${name} (${eager ? "eager" : "on request"})`),
    ...parsers.map((name) => `parser ${name}`),
    ...runners.map((name) => `runner ${name}`),
  ];
  return all.join(", ") || "nothing";
}

/** `3, 12.3 KiB, from example.com`. */
function modulesText(plugin: ModulePluginRecord): string {
  if (plugin.modules === null) return "not read";
  const { count, bytes } = plugin.modules;
  return `${count}, ${sizeText(bytes)}, ${placeText(plugin.url, plugin.modules)}`;
}

/** Where its modules are; a `data:` URL may import such modules or files. */
function placeText(url: string, { count, hosts }: NonNullable<ModulePluginRecord["modules"]>) {
  const isData = /^data:/i.test(url);
  const from = `from ${hosts.join(", ")}`;
  if (!isData) return hosts.length === 0 ? "local files" : from;
  if (hosts.length > 0) return `in its URL and ${from}`;
  return count === 1 ? "in its URL" : "in its URL and what that imports";
}

function isolationText(isolation: ModulePluginRecord["isolation"]): string {
  return isolation === "worker"
    ? "its own worker"
    : "none: it runs in assay's own process, with all its permissions";
}

/** What it may do: in assay's own process it needs no permissions. */
function grantedText(
  isolation: ModulePluginRecord["isolation"],
  granted: PermissionRecord,
): string {
  return isolation === "none" ? "everything that assay can do" : permissionsText(granted);
}

/** `read ., net a.com b.com:443, env everything`, or `nothing`. */
function permissionsText(permissions: PermissionRecord): string {
  const all = Object.entries(permissions).filter(([, value]) => value !== undefined);
  const shown = all.map(([name, value]) => `${name} ${permissionText(value)}`);
  return shown.join(", ") || "nothing";
}

function permissionText(value: boolean | readonly string[] | undefined): string {
  if (value === true) return "everything";
  return value === undefined || value === false || value.length === 0 ? "nothing" : value.join(" ");
}

// What plugin code would run, for people who decide whether to trust it.

const states = {
  trusted: "Trusted.",
  not_trusted: "Not trusted: none of it is loaded.",
  not_needed: "Nothing here needs trust: no plugin has permissions or runs outside a worker.",
} as const;

/** Every plugin with its permissions and its files; then whether it is trusted. */
export function trustTable(output: TrustOutput, look: Look): string {
  const { plugins, state, changes, digest, file } = output;
  return [
    ...plugins.map((plugin) => pluginText(plugin, look)),
    paragraph(states[state], look) +
    changes.map((line) => paragraph(clean(`changed since: ${line}`), look, { indent: 2 })).join(
      "",
    ) +
    (state === "not_needed" || plugins.some(({ problem }) => problem !== null)
      ? ""
      : `digest ${digest}\n`) +
    (state === "trusted" ? `recorded in ${clean(file)}\n` : ""),
  ].join("\n");
}

function pluginText(
  { url, isolation, permissions, files, pinned, problem }: TrustOutput["plugins"][number],
  look: Look,
): string {
  const style = styles(look.color);
  const isOpen = isolation === "none" || Object.keys(permissions).length > 0;
  const isRemote = !/^(?:\.{0,2}\/|file:|data:)/.test(url);
  const facts: readonly Fact[] = [
    ["runs in", isolationText(isolation)],
    ["granted", grantedText(isolation, permissions)],
    ["problem", problem],
    [
      "pinned",
      pinned === null && isRemote
        ? "not yet: its first use fetches and pins it, which changes the digest"
        : null,
    ],
    ...[...files, ...pinned ?? []].map(({ sha256, url }): Fact => [
      "module",
      `${sha256.slice(0, 12)} ${url}`,
    ]),
  ];
  return paragraph(clean(url), look, { paint: isOpen ? style.yellow : style.bold }) +
    factTable(facts, look);
}

/** An added plugin: what it is, provides, asks for and is granted. */
export function pluginAdded({ plugin, grant, files }: PluginAddOutput, look: Look): string {
  const advice =
    "It asks for more than it is granted, and may fail without it. To grant everything:";
  return sections([
    heading(plugin, look) + aboutTable(plugin, look),
    permissionTable(plugin, look),
    // The command is on its own line, unwrapped, so that it can be copied.
    grant === null ? "" : `${paragraph(advice, look)}  ${clean(grant)}\n`,
    writtenText(files, look),
  ]);
}

export function pluginRemoved(
  { url, name, files, problems }: PluginRemoveOutput,
  look: Look,
): string {
  const what = name === null ? url : `${name} (${url})`;
  return paragraph(`Removed the plugin ${clean(what)}.`, look) + writtenText(files, look) +
    warningLines(problems, look) +
    (problems.length > 0
      ? paragraph("Until that is fixed, no check runs: remove what still uses the plugin.", look)
      : "");
}

export function pluginUpdated({ plugins, files }: PluginUpdateOutput, look: Look): string {
  const parts = plugins.map((update) => heading(update.plugin, look) + changes(update, look));
  const none = plugins.length === 0 ? paragraph("No plugin module is configured.", look) : "";
  return sections([none, ...parts, writtenText(files, look)]);
}

function heading(plugin: ModulePluginRecord, look: Look): string {
  const { bold } = styles(look.color);
  return paragraph(clean(pluginName(plugin)), look, { paint: bold }) +
    paragraph(clean(plugin.url), look, { indent: 2 });
}

function aboutTable(plugin: ModulePluginRecord, look: Look): string {
  return factTable([
    ["about", plugin.description],
    ["provides", providedText(plugin)],
    ["modules", modulesText(plugin)],
    ["isolation", isolationText(plugin.isolation)],
  ], look);
}

/** A row per kind of permission that it asks for or is granted. */
function permissionTable({ isolation, permissions }: ModulePluginRecord, look: Look): string {
  const { asked, granted, missing } = permissions;
  const style = styles(look.color);
  const names = [
    ...new Set([...Object.keys(asked), ...Object.keys(granted)]),
  ] as (keyof typeof asked)[];
  if (isolation === "none") return paragraph("It can do everything that assay can.", look);
  if (names.length === 0) return paragraph("It asks for no permissions and is granted none.", look);
  const rows = names.map((name): readonly Cell[] => [
    name,
    clean(permissionText(asked[name])),
    {
      text: clean(permissionText(granted[name])),
      paint: missing[name] === undefined ? style.green : style.yellow,
    },
  ]);
  return titledTable(["PERMISSION", "ASKS FOR", "GRANTED"], rows, look);
}

function writtenText(files: readonly string[], look: Look): string {
  return files.length === 0 ? "" : paragraph(`wrote ${clean(files.join(", "))}`, look);
}

function changes(update: PluginUpdate, look: Look): string {
  const { plugin, changed, modules, redirects } = update;
  const { granted_before: before, isolation_before: isolation } = update;
  if (!changed) return paragraph("nothing changed", look, { indent: 2 });
  const style = styles(look.color);
  const facts = [
    ...update.name_before === null ? [] : [`renamed from ${update.name_before}`],
    ...update.version_before === null ? [] : [`updated from version ${update.version_before}`],
    ...update.provides_now.map((line) => `now provides ${line}`),
    ...update.provides_no_more.map((line) => `no longer provides ${line}`),
    ...redirects.map(({ url, before, after }) =>
      `${url} redirects to ${after ?? "nothing"} (before: ${before ?? "nothing"})`
    ),
    ...before === null ? [] : [
      `granted ${permissionsText(plugin.permissions.granted)} (before: ${permissionsText(before)})`,
    ],
    ...isolation === null ? [] : [
      `isolation is now ${isolationText(plugin.isolation)} (before: ${isolationText(isolation)})`,
    ],
    `asks for ${permissionsText(plugin.permissions.asked)}`,
    `modules: ${modulesText(plugin)}`,
  ];
  const rows = modules.flatMap(({ url, before, after }) => versionRows(url, before, after, style));
  return table(rows, { ...look, indent: 2 }) +
    facts.map((fact) => paragraph(clean(fact), look, { indent: 2 })).join("");
}

function versionRows(
  url: string,
  before: ModuleVersion | null,
  after: ModuleVersion | null,
  style: Styles,
): (readonly Cell[])[] {
  const [mark, change] = before === null
    ? [{ text: "+ new", paint: style.green }, versionText(after)]
    : after === null
    ? [{ text: "- removed", paint: style.red }, versionText(before)]
    : [
      { text: "~ changed", paint: style.yellow },
      `${versionText(before)} → ${versionText(after)}`,
    ];
  return [[mark, clean(url)], ["", change]];
}

function versionText(version: ModuleVersion | null): string {
  return version === null ? "" : `${version.sha256.slice(0, 12)} (${sizeText(version.bytes)})`;
}
