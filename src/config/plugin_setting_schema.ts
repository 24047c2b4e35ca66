/** `[[plugin]]`, `[extensions]` and `[modules]` of `config.toml`: see `config_schema.ts`. */

import * as v from "valibot";
import { baseUrlProblem, pluginUrlProblem } from "./plugin_url.ts";
import { about, duration, flag, keyed, maybe, oneOf, size, table, text, texts } from "./_schema.ts";

const permission = v.union([flag, texts], "true, false or a list of texts");

const permissions = table({
  read: maybe(permission, "Paths it may read, relative to the root or absolute; true: every one."),
  write: maybe(
    permission,
    "Paths it may write, relative to the root or absolute; true: every one.",
  ),
  net: maybe(permission, "Hosts it may reach, with an optional port; true: every one."),
  env: maybe(permission, "Environment variables it may read; true: every one."),
  run: maybe(permission, "Programs it may start, which nothing confines; true: every one."),
  sys: maybe(permission, "Kinds of system information, such as `hostname`; true: every one."),
  ffi: maybe(permission, "Native libraries it may load, which nothing confines; true: every one."),
});

const pluginUrl = v.pipe(
  text,
  v.check(
    (value) => pluginUrlProblem(value) === undefined,
    (issue) => `the address of a module; ${pluginUrlProblem(issue.input)}`,
  ),
);

const baseUrl = v.pipe(
  text,
  v.check(
    (value) => baseUrlProblem(value) === undefined,
    (issue) => `the base address of a registry; ${baseUrlProblem(issue.input)}`,
  ),
);

const pluginSetting = table({
  url: about(
    pluginUrl,
    "`./x.ts` in the project, `https://…`, `http://` on this machine, `file:///…`, `data:…`, " +
      "`jsr:@scope/name@1` or `npm:name@1`.",
  ),
  permissions: maybe(permissions, "What it may reach. Default: nothing."),
  options: maybe(keyed(v.string(), v.unknown()), "Handed to the plugin as they are."),
  isolation: maybe(
    oneOf(["worker", "none"]),
    "`none`: it runs in assay's own process with all its permissions. Default `worker`.",
  ),
});

export const pluginSettingsSchema = v.array(pluginSetting, "a list of tables");

export const extensionsSchema = table({
  order: maybe(
    texts,
    "Extensions that prepare a command first, by name; the rest follow by name. Default: env, " +
      "sandbox, platform.",
  ),
  call_timeout: maybe(duration, "How long one call of a plugin may take. Default 10s."),
});

const count = v.pipe(
  v.number("a positive whole number"),
  v.integer("a positive whole number"),
  v.minValue(1, "a positive whole number"),
);

const host = v.pipe(
  v.string("a host"),
  v.regex(
    /^(?:\.\.\.|(?:[\w-]+(?:\.[\w-]+)*|\[[\da-fA-F:.]+\])(?::\d{1,5})?)$/,
    'a host with an optional port, such as "example.com" or "example.com:8443"',
  ),
);

export const modulesSchema = table({
  allow: maybe(
    v.array(host, "a list of hosts"),
    "Hosts that modules may come from, instead of the default ones, which `...` in the list " +
      "stands for.",
  ),
  jsr: maybe(baseUrl, "Registry behind `jsr:`. Default https://jsr.io/."),
  npm: maybe(baseUrl, "CDN of ES modules behind `npm:`. Default https://esm.sh/."),
  max_bytes: maybe(size, "How large one module may be. Default 10MiB."),
  max_modules: maybe(count, "How many modules one plugin may have. Default 256."),
  timeout: maybe(duration, "How long fetching one plugin may take. Default 60s."),
});

/** One `[[plugin]]` as written. */
export type PluginEntry = v.InferOutput<typeof pluginSetting>;
export type ModulesTable = v.InferOutput<typeof modulesSchema>;
export type ExtensionsTable = v.InferOutput<typeof extensionsSchema>;
