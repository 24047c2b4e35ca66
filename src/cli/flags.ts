/** The flags of the verbs, and how they are written in the table. */

import { reporters } from "../report/reporters/mod.ts";
import { type Flag, permissionNames, type Takes } from "../commands/types.ts";

/** A flag without a value. */
export const toggle = (name: string, text: string): Flag => ({ name, type: "boolean", text });

/** A flag with a value. */
export const option = (name: string, value: string, takes: Takes, text: string): Flag => ({
  ...{ name, type: "string", value, takes, text },
});

/** A flag that may be given several times. */
export const list = (name: string, value: string, takes: Takes, text: string): Flag => ({
  ...{ name, type: "list", value, takes, text },
});

/** Flags of `run` that only apply to a command after `--`. */
export const adHoc = (...flags: readonly Flag[]): readonly Flag[] =>
  flags.map((flag) => ({ ...flag, text: `with --: ${flag.text}` }));

/** Flags that some parts of a verb take. */
export const only = (parts: string, ...flags: readonly Flag[]): readonly Flag[] =>
  flags.map((flag) => ({ ...flag, parts: parts.split(", "), text: `${parts}: ${flag.text}` }));

export const root = option(
  "root",
  "DIR",
  "folder",
  "the project (default: the nearest parent folder with .assay/ or .git)",
);
export const json = toggle("json", "print one JSON object");
export const argv = toggle("argv", "print the full command line, sandbox included");
export const jobs = option(
  "jobs",
  "N",
  "number",
  "run at most N commands at once (default: the number of cores)",
);
export const reporter = list(
  "reporter",
  "NAME[=FILE]",
  { name: reporters.map(({ name }) => name), value: "file" },
  "write a report to FILE or standard output (assay help reporters lists them); repeatable",
);
export const quiet = toggle("quiet", "print nothing on success");
export const verbose = toggle("verbose", "print everything: the whole summary and every issue");
export const failFast = toggle("fail-fast", "stop at the first command that does not pass");

// How plugin modules are fetched: taken by every verb that loads plugins.
const frozen = toggle(
  "frozen",
  "refuse plugin modules that .assay/lock.json does not pin (default if CI is set)",
);
const cachedOnly = toggle("cached-only", "use only plugin modules that are cached");
const reload = toggle("reload", "fetch plugin modules again; refuse any that changed");
/** Consent to load plugins, without a terminal. */
export const trust = option(
  "trust",
  "DIGEST",
  "text",
  "trust the plugins if their digest, as printed by assay trust --show, is this (or ASSAY_TRUST)",
);
export const moduleFlags = [frozen, cachedOnly, reload, trust];

/** What a plugin can be granted: the name of the value, what it is, and what it allows. */
const grants: Readonly<
  Record<(typeof permissionNames)[number], readonly [string, "file" | "text", string]>
> = {
  read: [
    "PATHS",
    "file",
    "allow reading these, relative to the root or absolute (no value: every file)",
  ],
  write: ["PATHS", "file", "allow writing these (no value: every file)"],
  net: ["HOSTS", "text", "allow connecting to these, with an optional port (no value: every host)"],
  env: ["NAMES", "text", "allow reading these variables (no value: all)"],
  run: ["PROGRAMS", "text", "allow starting these, unconfined (no value: every program)"],
  sys: ["KINDS", "text", "allow reading these kinds of system information (no value: all)"],
  ffi: [
    "PATHS",
    "file",
    "allow loading these native libraries, unconfined (no value: all)",
  ],
};
const grantFlags = permissionNames.map((name): Flag => {
  const [value, takes, text] = grants[name];
  return { name: `allow-${name}`, type: "optional", value, takes, text };
});

export const pluginFlags: readonly Flag[] = [
  root,
  json,
  ...only(
    "add",
    ...grantFlags,
    toggle("allow-asked", "grant everything it asks for"),
    option(
      "isolation",
      "worker|none",
      ["worker", "none"],
      "none runs it in assay's own process, with all its permissions (default: worker)",
    ),
    list(
      "option",
      "KEY=VALUE",
      "text",
      "pass this to the plugin; JSON values are parsed",
    ),
  ),
  ...only(
    "add, update",
    toggle("yes", "grant new permissions without asking"),
  ),
  ...only("list", toggle("all", "include runners that do not apply")),
  ...only("check", frozen),
  ...only("check, add", cachedOnly),
  ...only("check, add, update", reload, trust),
];
