/** Git hooks for people. */

import type { HookOutput, HookRestoreOutput } from "../../schema/outputs.ts";
import { plural } from "../../text/words.ts";
import { clean } from "../../text/clean.ts";
import type { Look } from "./style.ts";
import { paragraph, warningLines } from "./table.ts";

type Hook = HookOutput["hooks"][number];

const states: Readonly<Record<Hook["state"], string>> = {
  none: "not installed",
  ours: "installed",
  edited: "installed, and edited by hand since",
  other: "not installed; there is a hook that is not assay's",
};

const actions: Readonly<Record<Hook["action"] & string, string>> = {
  installed: "installed",
  updated: "updated",
  unchanged: "already installed",
  removed: "removed",
  absent: "not installed",
};

/** A line per hook, with its file relative to `folder`; then the next step. */
export function hookTable({ hooks, warnings }: HookOutput, folder: string, look: Look): string {
  const lines = hooks.map(({ hook, state, action, chained }) => {
    const said = action === undefined ? states[state] : actions[action];
    const more = chained
      ? "; the existing hook runs first"
      : action === "removed" && state === "other"
      ? "; the previous hook is back"
      : "";
    return paragraph(clean(`${folder}/${hook}: ${said}${more}`), look);
  });
  const pushes = hooks.every(({ hook }) => hook === "pre-push");
  const isNew = hooks.some(({ action }) => action === "installed");
  const next = pushes
    ? "git push now tests what is pushed; git push --no-verify skips it"
    : "git commit now tests what is staged; git commit --no-verify skips it";
  return lines.join("") + (isNew ? paragraph(next, look) : "") + warningLines(warnings, look);
}

export function hookRestored({ restored }: HookRestoreOutput): string {
  return restored === 0 ? "nothing to restore\n" : `restored ${plural(restored, "path")}\n`;
}
