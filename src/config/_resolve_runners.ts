/** Turns runners, from a plugin file of either dialect or a module plugin, into the common shape of a command. */

import type { UserError } from "../errors.ts";
import type { Kind } from "../model.ts";
import type { Detect, Runner } from "../plugin.ts";
import { truncate } from "../text/words.ts";
import { check, shapedEntries } from "./_check.ts";
import { takeExtensions } from "./_check_extensions.ts";
import { commonFields, type Defined, defineRunner } from "./_define.ts";
import { asArray, asTable, type Document, documentError, lineOf } from "./_document.ts";
import { readingOf } from "./_reading.ts";
import {
  type PluginEntry,
  pluginSchema,
  pluginsFileSchema,
  runnerSchema,
  runnersFileSchema,
} from "./runner_schema.ts";
import type { BuiltinRunners, CommandDef, Origin, PluginFile } from "./types.ts";

export interface PluginSource {
  readonly file: PluginFile;
  readonly document: Document;
  readonly defined: readonly Defined[];
}

/** The runners of a plugin file; what is wrong is added to `errors`. */
export function resolvePluginFile(
  document: Document,
  extensionKeys: readonly string[],
  errors: UserError[],
): PluginSource {
  const top = asTable(document.value) ?? {};
  if ("runners" in top && "plugins" in top) {
    const message = 'it has both "runners" and "plugins", but a file may have only one of them';
    errors.push(documentError(document, ["plugins"], message, "split it into two files"));
    return sourceOf(document, { name: document.file, dialect: "runners" }, []);
  }
  return "plugins" in top
    ? resolvePlugins(document, errors)
    : resolveRunners(document, extensionKeys, errors);
}

function resolveRunners(
  document: Document,
  extensionKeys: readonly string[],
  errors: UserError[],
): PluginSource {
  const raw = asArray(asTable(document.value)?.runners);
  const extensions = raw.map((runner, index) =>
    takeExtensions(document, ["runners", index], runner, extensionKeys, errors)
  );
  const { name = document.file, version } =
    check(document, runnersFileSchema, "plugins", errors, extensionKeys) ?? {};
  const defs = shapedEntries(raw, runnerSchema).map((runner, index) =>
    runner &&
    defineRunner(runner as Runner, originOf(document, "runners", index, name), extensions[index])
  );
  const file = { name, ...(version === undefined ? {} : { version }), dialect: "runners" } as const;
  return sourceOf(document, file, defs);
}

function resolvePlugins(document: Document, errors: UserError[]): PluginSource {
  check(document, pluginsFileSchema, "plugins", errors);
  const raw = asArray(asTable(document.value)?.plugins);
  const defs = shapedEntries(raw, pluginSchema).map((entry, index) =>
    entry && definePluginEntry(entry, originOf(document, "plugins", index, entry.name))
  );
  return sourceOf(document, { name: document.file, dialect: "plugins" }, defs);
}

function originOf(
  document: Document,
  dialect: "runners" | "plugins",
  index: number,
  plugin: string,
): Origin {
  return { file: document.file, ...lineOf(document, [dialect, index]), plugin, dialect };
}

/** `defs` has one for each entry of the file; `undefined` where the entry is wrong. */
function sourceOf(
  document: Document,
  file: Pick<PluginFile, "name" | "version" | "dialect">,
  defs: readonly (CommandDef | undefined)[],
): PluginSource {
  const defined = defs.flatMap((def, index) =>
    def ? [{ def, document, path: [file.dialect, index] }] : []
  );
  const runners = defined.map(({ def }) => def.id);
  return { file: { ...file, file: document.file, runners }, document, defined };
}

/** Long addresses (`data:`) are cut when used as a file's name. */
const maxUrl = 80;

/** The runners of each module plugin that has some, read like those of a plugin file. */
export function resolveModuleRunners(
  plugins: readonly BuiltinRunners[],
  extensionKeys: readonly string[],
  errors: UserError[],
): readonly PluginSource[] {
  return plugins.filter(({ runners }) => runners.length > 0).map((plugin) => {
    const { name, version, url = name, runners } = plugin;
    // Extension tables are removed from a copy; the plugin's own data stays unchanged.
    const value = structuredClone({
      name,
      ...(version === undefined ? {} : { version }),
      runners,
    });
    return resolvePluginFile({ file: truncate(url, maxUrl), value }, extensionKeys, errors);
  });
}

function definePluginEntry(entry: PluginEntry, origin: Origin): CommandDef {
  const kind = entry.kind ?? kindOf(entry);
  return {
    id: entry.name,
    kind,
    source: "runner",
    detect: [entry.detect_file ?? []].flat() as readonly Detect[],
    ...readingOf(entry),
    declaresExitCode: entry.parse_output === "exit_code",
    ...commonFields(kind, entry.cwd === undefined ? {} : { cwd: entry.cwd }),
    ...(entry.timeout_ms === undefined ? {} : { timeoutMs: entry.timeout_ms }),
    enabled: true,
    captureEnv: [],
    extensionData: {},
    origin,
  };
}

function kindOf({ name, parse_output = "exit_code" }: PluginEntry): Kind {
  if (parse_output !== "exit_code" && parse_output !== "none") return "test";
  if (/lint|format|fmt|style|typecheck/i.test(name)) return "lint";
  return /(?:^|[_.-])(?:tests?|specs?)(?:$|[_.-])/i.test(name) ? "test" : "build";
}
