/** Reads `commands.toml`. */

import type { UserError } from "../errors.ts";
import { type Kind, kinds } from "../model.ts";
import { check, checkDefinition, validEntries } from "./_check.ts";
import { commonFields, exitCode, type ExtensionTables, withEnv } from "./_define.ts";
import { asTable, type Document, documentError, lineOf } from "./_document.ts";
import { takeExtensions } from "./_extensions.ts";
import { type CommandEntry, commandEntrySchema, commandsFileSchema } from "./commands_schema.ts";
import type { Known } from "../text/did_you_mean.ts";
import { templateParameters } from "./placeholders.ts";
import type { CommandDef, Origin } from "./types.ts";

/** The commands of a file; what is wrong is added to `errors`. */
export function readCommands(
  document: Document,
  known: Known,
  errors: UserError[],
): readonly CommandDef[] {
  const raw = Object.entries(asTable(asTable(document.value)?.commands) ?? {});
  const { extensionKeys: keys } = known;
  const extensions = raw.map(([name, entry]) =>
    takeExtensions(document, ["commands", name], entry, keys, errors)
  );
  check(document, commandsFileSchema, "commands", errors, keys);
  const entries = validEntries(raw.map(([, entry]) => entry), commandEntrySchema);
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
    const data = extensions[index] ?? {};
    const def = defineCommand(name, entry, origin, known.formats, data);
    checkDefinition(document, path, def, known, errors);
    checkTemplate(document, path, entry, errors);
    return def;
  });
}

function checkTemplate(
  document: Document,
  path: readonly string[],
  { cmd, tpl, defaults }: CommandEntry,
  errors: UserError[],
): void {
  const where = path.join(".");
  if ((cmd === undefined) === (tpl === undefined)) {
    const what = cmd === undefined ? "neither" : "both";
    const message = `${where}: it has ${what} "cmd" ${what === "both" ? "and" : "nor"} "tpl"`;
    errors.push(documentError(document, path, message, "give it one of the two"));
    return;
  }
  for (const name of Object.keys(defaults ?? {})) {
    if (tpl !== undefined && templateParameters(tpl).includes(name)) continue;
    const message = tpl === undefined
      ? `${where}: "defaults" goes with "tpl", not with "cmd"`
      : `${where}: "tpl" has no parameter {${name}}`;
    errors.push(documentError(document, [...path, "defaults", name], message));
  }
}

// From a command of `commands.toml` to the one shape of a command.

/** Names that other tools give to formats assay reads. */
const otherNames: Readonly<Record<string, string>> = {
  gotest_json: "go-test-json",
  junit_xml: "junit-xml",
  cargo_json: "cargo-json",
  clippy_json: "cargo-json",
};

/** A command of `commands.toml`. */
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
 * The format as assay names it. A file of `.bird/` is read as it stands: it names formats of plain text,
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
