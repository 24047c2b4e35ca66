/** The options of `assay plugin`, and which of its parts takes which. */

import { UserError } from "../errors.ts";
import { type Call, type Flag, moduleFlags, type Part, rootFlag, type Takes } from "./types.ts";

/** The parts of the verb. */
export const pluginActions = ["list", "check", "add", "remove", "update"] as const;

/** One of {@linkcode pluginActions}. */
export type PluginAction = (typeof pluginActions)[number];

/** What can be granted, by Deno's names. */
export const permissionNames = ["read", "write", "net", "env", "run", "sys", "ffi"] as const;

const values: Readonly<
  Record<(typeof permissionNames)[number], readonly [string, string, Takes?]>
> = {
  read: ["PATHS", "let it read these, relative to the root or absolute; alone: every file", "file"],
  write: ["PATHS", "let it write these; alone: every file", "file"],
  net: ["HOSTS", "let it reach these, with an optional port; alone: every host"],
  env: ["NAMES", "let it read these variables; alone: every one"],
  run: ["PROGRAMS", "let it start these, which nothing confines; alone: every program"],
  sys: ["KINDS", "let it read these kinds of system information; alone: every one"],
  ffi: [
    "PATHS",
    "let it load these native libraries, which nothing confines; alone: every one",
    "file",
  ],
};

const grantFlags: readonly Flag[] = [
  ...permissionNames.map((name) => ({
    name: `allow-${name}`,
    type: "optional" as const,
    value: values[name][0],
    takes: values[name][2] ?? "text",
    text: `add: ${values[name][1]}`,
  })),
  { name: "allow-asked", type: "boolean", text: "add: grant it all that it asks for" },
  {
    name: "isolation",
    type: "string",
    value: "worker|none",
    takes: ["worker", "none"],
    text: "add: none runs it in assay's own process, with all its permissions",
  },
  {
    name: "option",
    type: "list",
    value: "KEY=VALUE",
    takes: "text",
    text: "add: hand this to the plugin; a value that is JSON is read as such",
  },
];

const yesFlag: Flag = {
  name: "yes",
  type: "boolean",
  text: "add, update: grant what is granted beyond the lock, without asking",
};

/** All of them. */
export const pluginFlags: readonly Flag[] = [
  rootFlag,
  { name: "json", type: "boolean", text: "print one JSON object" },
  ...grantFlags,
  yesFlag,
  ...moduleFlags,
];

/** Flags that mean nothing to a part of the verb, by the part. */
const senseless: Readonly<Record<PluginAction, readonly Flag[]>> = {
  list: [...grantFlags, yesFlag, ...moduleFlags],
  check: [...grantFlags, yesFlag],
  // What adds to the lock cannot insist that it holds everything already.
  add: moduleFlags.filter(({ name }) => name === "frozen"),
  remove: [...grantFlags, yesFlag, ...moduleFlags],
  update: [
    ...grantFlags,
    ...moduleFlags.filter(({ name }) => name !== "reload" && name !== "trust"),
  ],
};

const said: Readonly<Record<PluginAction, Omit<Part, "name" | "without">>> = {
  list: {
    text:
      "every runner and plugin, where it comes from, why it applies (the default); loads nothing",
  },
  check: { text: "read all configuration, load all plugins (if trusted), and say what is wrong" },
  add: {
    usage: "URL",
    takes: ["file"],
    text: "configure a plugin, pin its modules and trust it; without options it is granted nothing",
  },
  remove: {
    usage: "URL|NAME",
    takes: ["plugin"],
    text: "take a plugin out of the configuration and the lock",
  },
  update: {
    usage: "[URL|NAME …]",
    more: "plugin",
    text: "fetch plugins again (default: all), show what changed, and accept it",
  },
};

/** The parts for the table of verbs. */
export const pluginParts: readonly Part[] = pluginActions.map((name) => ({
  name,
  ...said[name],
  without: senseless[name].map((flag) => flag.name),
}));

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
