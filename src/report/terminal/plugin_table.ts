/** Runners, commands and plugins for people. */

import type { ModulePluginRecord, PluginOutput, RunnerListing } from "../../schema/plugins.ts";
import {
  bringsText,
  grantedText,
  isolationText,
  modulesText,
  permissionsText,
  pluginName,
  stateText,
} from "./_plugin_words.ts";
import { clean } from "../../text/clean.ts";
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
      commands.map(({ id, kind, description, command }) => [
        clean(id),
        kind,
        clean(description ?? command),
      ]),
    ),
    section(
      "Replaced or switched off",
      dropped.map(({ id, file, why }) => [
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
  const { id, kind, detected, enabled, required, plugin, why } = runner;
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
