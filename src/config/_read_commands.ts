/** Reads `commands.toml`. */

import type { UserError } from "../errors.ts";
import { check, validEntries } from "./_check.ts";
import { checkDefinition } from "./_check_definition.ts";
import { defineCommand } from "./_define_command.ts";
import type { Document } from "./_document.ts";
import { asTable, documentError, lineOf } from "./_document.ts";
import { takeExtensions } from "./_extensions.ts";
import type { CommandEntry } from "./commands_schema.ts";
import { commandEntrySchema, commandsFileSchema } from "./commands_schema.ts";
import type { Known } from "./_known.ts";
import { templateParameters } from "./placeholders.ts";
import type { CommandDef } from "./types.ts";

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
