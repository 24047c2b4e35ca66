/** Runners, commands and plugins for people. */

import type {
  ModulePluginRecord,
  PermissionRecord,
  PluginOutput,
  RunnerListing,
  TrustOutput,
} from "../../schema/plugins.ts";
import { clean } from "../../text/clean.ts";
import { plural } from "../../text/words.ts";
import { type Look, type Styles, styles } from "./style.ts";
import { type Cell, paragraph, table } from "./table.ts";

/** Which runners apply and why, which do not, and where all come from. */
export function pluginTable(output: PluginOutput, look: Look): string {
  const { runners, commands, plugins, modules, dropped } = output;
  const style = styles(look.color);
  const applying = runners.filter(({ detected, enabled }) => detected && enabled);
  const others = runners.filter((runner) => !applying.includes(runner));
  const section = (title: string, rows: readonly (readonly Cell[])[]) =>
    rows.length === 0 ? "" : `${style.bold(title)}\n${table(rows, { ...look, indent: 2 })}`;
  const none = paragraph("No runner applies: assay init writes a configuration.", look);
  return [
    section("Runners that apply", applying.map((runner) => runnerRow(runner, style))) || none,
    section("Runners that do not", others.map((runner) => runnerRow(runner, style))),
    section(
      "Commands (assay run NAME)",
      commands.map(({ name: id, kind, description, command }) => [
        clean(id),
        kind,
        clean(description ?? command),
      ]),
    ),
    section(
      "Replaced or switched off",
      dropped.map(({ name: id, file, why }) => [
        clean(id),
        clean(file),
        clean(why),
      ]),
    ),
    section("Plugins", plugins.map(pluginRow)),
    section("Plugins that are modules", modules.flatMap((plugin) => moduleRows(plugin, style))),
  ].filter((part) => part !== "").join("\n");
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

/** A row for each fact of a plugin; its name stands before the first. */
function moduleRows(plugin: ModulePluginRecord, style: Styles): (readonly Cell[])[] {
  const { url, state, description, isolation, permissions, modules } = plugin;
  const missing = permissionsText(permissions.missing);
  const facts = [
    ["from", url],
    ...state === "loaded" ? [] : [["state", stateText(state)] as const],
    ...description === null ? [] : [["about", description] as const],
    ["brings", bringsText(plugin)],
    ...modules === null ? [] : [["made of", modulesText(plugin)] as const],
    ["granted", grantedText(isolation, permissions.granted)],
    ...missing === "nothing" ? [] : [["lacks", `${missing}, which it asks for`] as const],
    ...isolation === "worker" ? [] : [["isolation", isolationText(isolation)] as const],
  ] as const;
  return facts.map(([name, text], index) => [
    index === 0 ? clean(pluginName(plugin)) : "",
    { text: name, paint: style.dim },
    clean(text),
  ]);
}

function pluginRow({ name, version, file, dialect, runners }: PluginOutput["plugins"][number]) {
  const what = dialect === "built-in" ? "built-in" : `${file}, dialect "${dialect}"`;
  return [
    clean(version === undefined ? name : `${name} ${version}`),
    clean(`${what}: ${runners.join(", ")}`),
  ];
}

// What a plugin that is a module brings, weighs and may do, in words.

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

// What code of plugins would run, for people who are to consent to it.

const states = {
  trusted: "Trusted.",
  not_trusted: "Not trusted: nothing of it is loaded.",
  not_needed:
    "Nothing here needs trust: no plugin is granted anything or runs outside of a worker.",
} as const;

/** Every plugin with what it may do and what it is made of; then whether it is trusted. */
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
    (state === "trusted" ? `remembered in ${clean(file)}\n` : ""),
  ].join("\n");
}

function pluginText(
  { url, isolation, permissions, files, pinned, problem }: TrustOutput["plugins"][number],
  look: Look,
): string {
  const style = styles(look.color);
  const isOpen = isolation === "none" || Object.keys(permissions).length > 0;
  const hashed = [...files, ...pinned ?? []].map((each) =>
    [
      { text: "module", paint: style.dim },
      `${each.sha256.slice(0, 12)} ${clean(each.url)}`,
    ] as const
  );
  const isRemote = !/^(?:\.{0,2}\/|file:|data:)/.test(url);
  const rows = [
    ["runs in", isolationText(isolation)],
    ["granted", grantedText(isolation, permissions)],
    ...problem === null ? [] : [["problem", problem] as const],
    ...pinned === null && isRemote
      ? [
        [
          "pinned",
          "not yet: its first use fetches and pins what is there then, which changes the digest",
        ] as const,
      ]
      : [],
  ] as const;
  const cells = rows.map(([name, text]) =>
    [{ text: name, paint: style.dim }, clean(text)] as const
  );
  return paragraph(clean(url), look, { paint: isOpen ? style.yellow : style.bold }) +
    table([...cells, ...hashed], { ...look, indent: 2 });
}
