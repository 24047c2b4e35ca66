/** Git hooks for people. */

import type { HookOutput, HookRestoreOutput } from "../../schema/outputs.ts";
import { plural } from "../../text/words.ts";
import { clean } from "../../text/clean.ts";
import { type Look, styles } from "./style.ts";
import { table, warningLines } from "./table.ts";

const states: Readonly<Record<HookOutput["hooks"][number]["state"], string>> = {
  none: "not there",
  ours: "installed",
  edited: "installed, and changed by hand since",
  other: "not assay's",
};

export function hookTable({ hooks, folder, warnings }: HookOutput, look: Look): string {
  const { columns, color } = look;
  const { dim } = styles(color);
  const rows = hooks.map(({ hook, state, action, chained }) => [
    hook,
    action ?? "",
    [
      // What was just done says that it is there.
      ...action !== undefined && state === "ours" ? [] : [states[state]],
      ...chained ? ["the hook that was there before runs first"] : [],
    ].join("; "),
  ]);
  return `${dim(clean(folder))}\n${table(rows, { columns, indent: 2 })}` +
    warningLines(warnings, look);
}

export function hookRestored({ restored }: HookRestoreOutput): string {
  return restored === 0
    ? "nothing was set aside\n"
    : `what was set aside is back (${plural(restored, "path")})\n`;
}
