/** Turns `commands.toml` into the common shape of a command. */

import type { UserError } from "../errors.ts";
import { type Kind, kinds } from "../model.ts";
import { check, shapedEntries } from "./_check.ts";
import { takeExtensions } from "./_check_extensions.ts";
import type { Known } from "./_check_names.ts";
import { commonFields, type Defined, type ExtensionTables, withEnv } from "./_define.ts";
import { asTable, type Document, lineOf } from "./_document.ts";
import { exitCode } from "./_reading.ts";
import { type CommandEntry, commandEntrySchema, commandsFileSchema } from "./commands_schema.ts";
import type { CommandDef, Origin } from "./types.ts";

/** The commands of a file; what is wrong is added to `errors`. */
export function resolveCommands(
  document: Document,
  { formats, extensionKeys }: Known,
  errors: UserError[],
): readonly Defined[] {
  const raw = Object.entries(asTable(asTable(document.value)?.commands) ?? {});
  const extensions = raw.map(([name, entry]) =>
    takeExtensions(document, ["commands", name], entry, extensionKeys, errors)
  );
  check(document, commandsFileSchema, "commands", errors, extensionKeys);
  const entries = shapedEntries(raw.map(([, entry]) => entry), commandEntrySchema);
  return raw.flatMap(([name], index) => {
    const written = entries[index];
    if (written === undefined) return [];
    const entry = typeof written === "string" ? { cmd: written } : written;
    const path = ["commands", name];
    const origin = {
      file: document.file,
      ...lineOf(document, path),
      plugin: "commands",
      dialect: "commands",
    } as const;
    const def = defineCommand(name, entry, origin, formats, extensions[index] ?? {});
    return { def, document, path };
  });
}

/** Names that other tools use for formats assay reads. */
const otherNames: Readonly<Record<string, string>> = {
  gotest_json: "go-test-json",
  junit_xml: "junit-xml",
  cargo_json: "cargo-json",
  clippy_json: "cargo-json",
};

function defineCommand(
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
 * assay's name for the format. Files in `.bird/` are read unchanged: they name plain-text formats,
 * which prove nothing, so there the exit code decides.
 */
function formatOf(
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
