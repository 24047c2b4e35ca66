/** The flags of the verbs, and how they are written in the table. */

import { reporters } from "../report/reporters/mod.ts";
import { type Flag, permissionNames, type Takes } from "../commands/types.ts";

/** A flag without a value. */
export const toggle = (name: string, text: string): Flag => ({ name, type: "boolean", text });

/** A flag with one. */
export const option = (name: string, value: string, takes: Takes, text: string): Flag => ({
  ...{ name, type: "string", value, takes, text },
});

/** A flag that may be given several times. */
export const list = (name: string, value: string, takes: Takes, text: string): Flag => ({
  ...{ name, type: "list", value, takes, text },
});

/** Flags that some parts of a verb take. */
export const only = (parts: string, ...flags: readonly Flag[]): readonly Flag[] =>
  flags.map((flag) => ({ ...flag, parts: parts.split(", "), text: `${parts}: ${flag.text}` }));

export const root = option(
  "root",
  "DIR",
  "folder",
  "the project (default: the nearest folder above with .assay/ or .git)",
);
export const json = toggle("json", "print one JSON object");
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
  "write a report, into FILE or to standard output (assay help report lists them); repeatable",
);
export const quiet = toggle("quiet", "print nothing on success");
export const verbose = toggle("verbose", "print everything: the whole summary and every issue");
export const failFast = toggle("fail-fast", "stop at the first command that does not pass");

// How plugins that are modules are got: taken by every verb that loads plugins.
const frozen = toggle(
  "frozen",
  "refuse plugin modules that .assay/lock.json does not pin (also where CI is set)",
);
const cachedOnly = toggle("cached-only", "fetch no plugin module");
const reload = toggle("reload", "fetch plugin modules again; what changed is refused");
/** The consent to load plugins, without a terminal. */
export const trust = option(
  "trust",
  "DIGEST",
  "text",
  "trust the plugins if they are what assay trust --show gave this digest of (or ASSAY_TRUST)",
);
export const moduleFlags = [frozen, cachedOnly, reload, trust];

/** What a plugin can be granted: the name of the value, what it is, and what it allows. */
const grants: Readonly<
  Record<(typeof permissionNames)[number], readonly [string, "file" | "text", string]>
> = {
  read: ["PATHS", "file", "let it read these, relative to the root or absolute; alone: every file"],
  write: ["PATHS", "file", "let it write these; alone: every file"],
  net: ["HOSTS", "text", "let it reach these, with an optional port; alone: every host"],
  env: ["NAMES", "text", "let it read these variables; alone: every one"],
  run: ["PROGRAMS", "text", "let it start these, which nothing confines; alone: every program"],
  sys: ["KINDS", "text", "let it read these kinds of system information; alone: every one"],
  ffi: [
    "PATHS",
    "file",
    "let it load these native libraries, which nothing confines; alone: every one",
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
    toggle("allow-asked", "grant it all that it asks for"),
    option(
      "isolation",
      "worker|none",
      ["worker", "none"],
      "none runs it in assay's own process, with all its permissions",
    ),
    list(
      "option",
      "KEY=VALUE",
      "text",
      "hand this to the plugin; a value that is JSON is read as such",
    ),
  ),
  ...only(
    "add, update",
    toggle("yes", "grant what is granted beyond the lock, without asking"),
  ),
  ...only("check", frozen),
  ...only("check, add", cachedOnly),
  ...only("check, add, update", reload, trust),
];
