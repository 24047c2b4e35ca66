/** `.assay/config.toml`: the one definition for validation, types and JSON Schema. */

import * as v from "valibot";
import { envSchema } from "./env_schema.ts";
import { clean } from "../text/clean.ts";
import { baseUrlProblem, pluginUrlProblem, sameUrl } from "./plugin_url.ts";
import { severitySchema } from "./runner_schema.ts";
import { sandboxSchema } from "./sandbox_schema.ts";
import {
  about,
  between,
  count,
  duration,
  flag,
  id,
  keyed,
  maybe,
  oneOf,
  path,
  type Problem,
  ruled,
  schemaKey,
  size,
  table,
  text,
  texts,
  without,
} from "./_schema.ts";

const gateIds = ["build", "test", "lint", "acceptance", "sandbox", "fresh"] as const;

const weight = between(0, 1e6, "a number, at least 0", "a number up to 1000000");

/** Fillers that are drawn as blanks: `\p{Default_Ignorable_Code_Point}` has the others. */
const invisible = /[\s\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu;

const reasonMessage = "a non-empty reason: it is shown with the gate";

const waiverReason = v.pipe(
  v.string("the reason, which is shown"),
  v.regex(/\S/, reasonMessage),
  without((text) => {
    const line = text.replace(/\s+/g, " ").trim();
    if (clean(text) !== line) return "it contains control characters";
    return line !== "" && line.replace(invisible, "") === "" ? "it is invisible" : undefined;
  }, reasonMessage),
);

const dayMessage = 'a day such as "2026-12-31"';

const day = dateAsText(v.pipe(
  v.string(dayMessage),
  v.check((text) => isDay(text), dayMessage),
));

/** The schema, accepting a TOML date as text; not one with a time. */
function dateAsText<S extends v.GenericSchema>(schema: S): S {
  const run = schema["~run"];
  return Object.assign(schema, {
    "~run": ({ value, ...rest }: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) => {
      const isDate = value instanceof Date && value.getTime() % 86_400_000 === 0;
      const text = isDate ? new Date(value).toISOString().slice(0, 10) : value;
      return run.call(schema, { ...rest, value: text }, config);
    },
  });
}

/** Whether the day exists: 2026-02-30 does not. */
function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) &&
    date.toISOString().startsWith(text);
}

const waiver = v.union(
  [
    waiverReason,
    table({
      reason: about(waiverReason, "Why, which is shown wherever the gate is."),
      owner: maybe(text, "Who answers for it."),
      until: maybe(
        day,
        "The last day it applies (UTC), such as `2026-12-31`; after it, it waives nothing.",
      ),
    }),
  ],
  "a reason, or a table of reason, owner and until",
);

const threshold = between(0, 100, "a number from 0 to 100");

function perGate<S extends v.GenericSchema>(schema: S, what: string) {
  const entries = gateIds.map((gate) => [gate, maybe(schema, `${what} ${gate}.`)] as const);
  type Entry = ReturnType<typeof maybe<S>>;
  return table(Object.fromEntries(entries) as Record<(typeof gateIds)[number], Entry>);
}

const gates = table({
  threshold: maybe(threshold, "Required confidence, 0 to 100. Default 94."),
  weights: maybe(
    perGate(weight, "Weight of the gate"),
    "How much each gate counts in the confidence. Default: build 30, test 40, lint 15, " +
      "acceptance 20, sandbox 10, fresh 10.",
  ),
  waive: maybe(
    perGate(waiver, "The reason to waive the gate"),
    "Gates that count as passed, each with the reason, which is shown.",
  ),
  // Only a waiver, with its reason, opens the test gate.
  optional: maybe(
    v.array(oneOf(gateIds.filter((gate) => gate !== "test")), "a list of gates"),
    "Gates that need not pass. The test gate always must: waive it, with a reason.",
  ),
  acceptance: maybe(path, "Markdown checklist of which every box must be ticked."),
  fresh: maybe(flag, "Whether the working tree must be as it was in the run. Default false."),
  sandbox: maybe(flag, "Whether every declared dimension must be enforced. Default false."),
});

// `[[plugin]]`, `[extensions]` and `[modules]`.

const permission = v.union([flag, texts], "true, false or a list of strings");

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

const pluginUrl = v.pipe(text, without(pluginUrlProblem, "the address of a module"));

const baseUrl = v.pipe(text, without(baseUrlProblem, "the base address of a registry"));

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

const plugins = ruled(
  v.array(pluginSetting, "a list of tables"),
  (list) =>
    list.flatMap(({ url }, index): Problem[] => {
      const first = list.findIndex((other) => sameUrl(other.url) === sameUrl(url));
      return first === index ? [] : [{
        path: [index, "url"],
        message: `${url} is already configured as plugin[${first}]`,
        hint: "remove one of the two [[plugin]] tables",
      }];
    }),
);

const extensions = table({
  order: maybe(
    texts,
    "Extensions that prepare a command first, by name; the rest follow by name. Default: env, " +
      "sandbox, platform.",
  ),
  call_timeout: maybe(duration, "How long one call of a plugin may take. Default 10s."),
});

const host = v.pipe(
  v.string("a host"),
  v.regex(
    /^(?:\.\.\.|(?:[\w-]+(?:\.[\w-]+)*|\[[\da-fA-F:.]+\])(?::\d{1,5})?)$/,
    'a host with an optional port, such as "example.com" or "example.com:8443"',
  ),
);

const modules = table({
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

/** A change to a runner: `[runners.ID]`. */
export const overrideSchema = table({
  enabled: maybe(flag, "false disables the runner; true re-enables a built-in one."),
  required: maybe(flag, "Whether its gate depends on it."),
  timeout: maybe(duration, 'Time limit: "5m", or a number of seconds.'),
  env: maybe(envSchema, "Changes to the runner's `env`, key by key."),
  allow_no_tests: maybe(flag, "Whether a run in which no test ran may pass."),
  fail_on: maybe(severitySchema, "Diagnostics of this severity or above fail."),
  lock: maybe(id, "Commands with the same lock never run at the same time."),
  sandbox: maybe(sandboxSchema, "What the runner may reach: a preset's name, or a table."),
});

export const configSchema = table({
  $schema: schemaKey,
  plugin: maybe(plugins, "Plugins that are ES modules, each a `[[plugin]]`."),
  extensions: maybe(extensions, "How extensions are called."),
  modules: maybe(modules, "Where plugin modules may come from, and how large they may be."),
  plugins: maybe(v.array(text, "a list of paths"), "More plugin files, relative to the root."),
  builtin_runners: maybe(flag, "false switches every built-in runner off. Default true."),
  runners: maybe(keyed(id, overrideSchema), "Changes to runners, by their id."),
  gates: maybe(gates, "What is required for READY."),
  sandbox: maybe(sandboxSchema, "The sandbox of every runner and command that names none."),
  store: maybe(
    table({
      output_cap: maybe(size, "How much of each output stream is kept. Default 64MiB."),
    }),
    "The evidence that is kept.",
  ),
  hook: maybe(
    table({
      untracked: maybe(
        oneOf(["set_aside", "keep"]),
        "What a git hook does with untracked files while it tests what is staged. Default `set_aside`.",
      ),
    }),
    "Git hooks.",
  ),
  locks: maybe(
    table({ timeout: maybe(duration, "How long to wait for a lock. Default 10m.") }),
    "Locks between commands.",
  ),
});

export type Config = v.InferOutput<typeof configSchema>;
export type RunnerOverride = v.InferOutput<typeof overrideSchema>;
/** One `[[plugin]]` as written. */
export type PluginEntry = v.InferOutput<typeof pluginSetting>;
export type ModulesTable = v.InferOutput<typeof modules>;
