/** The options of `assay plugin`, and which of its parts takes which. */

import { UserError } from "../errors.ts";
import { type Call, type Flag, moduleFlags, rootFlag } from "./types.ts";

/** The parts of the verb. */
export const pluginActions = ["list", "check", "add", "remove", "update"] as const;

/** One of {@linkcode pluginActions}. */
export type PluginAction = (typeof pluginActions)[number];

/** What can be granted, by Deno's names. */
export const permissionNames = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;

const values: Readonly<Record<(typeof permissionNames)[number], readonly [string, string]>> = {
  read: ["PATHS", "let it read these, relative to the root or absolute; alone: every file"],
  write: ["PATHS", "let it write these; alone: every file"],
  net: ["HOSTS", "let it reach these, with an optional port; alone: every host"],
  env: ["NAMES", "let it read these variables; alone: every one"],
  run: ["PROGRAMS", "let it start these, which nothing confines; alone: every program"],
  sys: ["KINDS", "let it read these kinds of system information; alone: every one"],
  ffi: ["PATHS", "let it load these native libraries, which nothing confines; alone: every one"],
};

const grantFlags: readonly Flag[] = [
  ...permissionNames.map((name) => ({
    name: `allow-${name}`,
    type: "optional" as const,
    value: values[name][0],
    text: `add: ${values[name][1]}`,
  })),
  { name: "allow-asked", type: "boolean", text: "add: grant it all that it asks for" },
  {
    name: "isolation",
    type: "string",
    value: "worker|none",
    text: "add: none runs it in assay's own process, with all its permissions",
  },
  {
    name: "option",
    type: "list",
    value: "KEY=VALUE",
    text: "add: hand this to the plugin; a value that is JSON is read as such",
  },
];

/** All of them. */
export const pluginFlags: readonly Flag[] = [
  rootFlag,
  { name: "json", type: "boolean", text: "print one JSON object" },
  ...grantFlags,
  ...moduleFlags,
];

/** Flags that mean nothing to a part of the verb, by the part. */
const senseless: Readonly<Record<PluginAction, readonly Flag[]>> = {
  list: grantFlags,
  check: grantFlags,
  // What adds to the lock cannot insist that it holds everything already.
  add: moduleFlags.filter(({ name }) => name === "frozen"),
  remove: [...grantFlags, ...moduleFlags],
  update: [...grantFlags, ...moduleFlags.filter(({ name }) => name !== "reload")],
};

/** Refuses an option that the part of the verb has no use for. */
export function checkFlags(call: Call, action: PluginAction): void {
  for (const { name, type } of senseless[action]) {
    const given = type === "boolean"
      ? call.flag(name)
      : type === "string"
      ? call.value(name) !== undefined
      : call.list(name).length > 0;
    if (!given) continue;
    throw new UserError(`assay plugin ${action} has no use for --${name}`, {
      code: "usage",
      hint: "assay help plugin lists the options",
    });
  }
}
