/** Runners, commands and plugins for people. */

import type { PluginOutput, RunnerListing } from "../outputs.ts";
import { clean } from "./clean.ts";
import { type Look, type Styles, styles } from "./style.ts";
import { type Cell, paragraph, table } from "./table.ts";

/** Which runners apply and why, which do not, and where all come from. */
export function pluginTable(output: PluginOutput, look: Look): string {
  const { runners, commands, plugins, dropped } = output;
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

function pluginRow({ name, version, file, dialect, runners }: PluginOutput["plugins"][number]) {
  const what = dialect === "built-in" ? "built-in" : `${file}, dialect "${dialect}"`;
  return [
    clean(version === undefined ? name : `${name} ${version}`),
    clean(`${what}: ${runners.join(", ")}`),
  ];
}
