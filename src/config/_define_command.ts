/** From a command of `commands.toml` to the one shape of a command. */

import { kinds } from "../model.ts";
import type { Kind } from "../model.ts";
import type { ExtensionTables } from "./_define.ts";
import { commonFields, exitCode, withEnv } from "./_define.ts";
import type { CommandEntry } from "./commands_schema.ts";
import type { CommandDef, Origin } from "./types.ts";

/** Names that other tools give to formats assay reads. */
const otherNames: Readonly<Record<string, string>> = {
  gotest_json: "go-test-json",
  junit_xml: "junit-xml",
  cargo_json: "cargo-json",
  clippy_json: "cargo-json",
};

/** A command of `commands.toml`. */
export function defineCommand(
  name: string,
  entry: CommandEntry,
  origin: Origin,
  knownFormats: readonly string[],
  extensionData: ExtensionTables,
): CommandDef {
  const kind = entry.kind ?? kinds.find((each) => each === name) ?? ("build" satisfies Kind);
  return {
    id: name,
    kind,
    hasNoKind: entry.kind === undefined,
    source: "command",
    command: entry.cmd ?? entry.tpl ?? "",
    ...(entry.tpl === undefined ? {} : { defaults: defaultsOf(entry) }),
    detect: [],
    resultFormat: formatOf(entry, origin, knownFormats) ?? exitCode,
    ...commonFields(kind, entry),
    enabled: true,
    captureEnv: entry.capture_env ?? [],
    ...(entry.suppress === undefined ? {} : { suppress: entry.suppress }),
    extensionData: withEnv(extensionData, entry.env),
    origin,
  };
}

/**
 * The format as assay names it. A file of `.bird/` is read as it stands: it names formats of plain text,
 * which prove nothing, so there the exit code decides.
 */
export function formatOf(
  { format, capture }: CommandEntry,
  { file }: Pick<Origin, "file">,
  knownFormats: readonly string[],
): string | undefined {
  if (format === undefined || format === "auto" || capture === false) return undefined;
  if (!file.startsWith(".bird/")) return format;
  const own = otherNames[format] ?? format.replaceAll("_", "-");
  return knownFormats.includes(own) ? own : undefined;
}

function defaultsOf({ defaults = {} }: CommandEntry): Record<string, string> {
  return Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, String(value)]));
}
