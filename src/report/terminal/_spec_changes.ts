/** What an extension changed of a command, in rows of a table. */

import type { AppliedExtension, Change, SpecChanges } from "../../model.ts";
import { shellLine } from "./shell_line.ts";
import { plural } from "./words.ts";

/** One row for each change, before and after; one row for an extension that changed nothing. */
export function changeRows({ extension, changes }: AppliedExtension): [string, string][] {
  const texts = changeTexts(changes);
  const rows = texts.length > 0 ? texts : ["changes nothing"];
  return rows.map((text, index) => [index === 0 ? `by ${extension}` : "", text]);
}

function changeTexts(changes: SpecChanges): string[] {
  const { command, cwd, timeout_ms, shell, wrappers, env, collectors } = changes;
  return [
    ...changed("command", command, (text) => text),
    ...changed("folder", cwd, (text) => text),
    ...changed("limit", timeout_ms, (ms) => `${ms / 1000} s`),
    ...changed("shell", shell, shellLine),
    ...changed("in front", wrappers, (all) => all.map(shellLine).join(" ") || "nothing"),
    ...(env ? listed("sets", env.set) : []),
    ...(env ? listed("takes away", env.unset) : []),
    ...(collectors ? [`looks at the result with ${plural(collectors, "collector")}`] : []),
  ];
}

function changed<T>(what: string, change: Change<T> | undefined, say: (value: T) => string) {
  return change ? [`${what}: ${say(change.before)} → ${say(change.after)}`] : [];
}

function listed(what: string, names: readonly string[]): string[] {
  return names.length > 0 ? [`${what} ${names.join(", ")}`] : [];
}
