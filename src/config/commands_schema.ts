/** `.assay/commands.toml`: the one definition for validation, types and JSON Schema. */

import * as v from "valibot";
import { placeholderProblems, templateParameters } from "./placeholders.ts";
import { commonEntries, kindSchema } from "./runner_schema.ts";
import {
  about,
  flag,
  id,
  keyed,
  maybe,
  type Problem,
  ruled,
  schemaKey,
  table,
  text,
  texts,
} from "./_schema.ts";

const parameterName = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_]\w*$/, "the name of a parameter: letters, digits and _"),
);

const parameterValue = v.union([v.string(), v.number(), v.boolean()], "a string or a number");

/** `[commands.NAME]`. */
const commandTable = table({
  cmd: maybe(text, "Shell line."),
  tpl: maybe(text, "Shell line with `{name}` parameters; instead of `cmd`."),
  defaults: maybe(keyed(parameterName, parameterValue), "Default values of parameters."),
  kind: maybe(kindSchema, "The gate it belongs to. Default: none."),
  format: maybe(text, "Format of its report. Without it, or with `auto`, the exit code decides."),
  ...commonEntries,
  capture: maybe(flag, "false: its output is not read, the exit code decides. Default true."),
  capture_env: maybe(texts, "Variables whose values are kept with the attempt."),
  suppress: maybe(texts, "Patterns of events that are of no interest. They still count."),
});

export const commandSchema = ruled(commandTable, (entry) => {
  const { cmd, tpl, defaults = {} } = entry;
  if ((cmd === undefined) === (tpl === undefined)) {
    const what = cmd === undefined ? 'neither "cmd" nor "tpl"' : 'both "cmd" and "tpl"';
    return [{ path: [], message: `it has ${what}`, hint: "give it one of the two" }];
  }
  const parameters = tpl === undefined ? [] : templateParameters(tpl);
  return [
    ...placeholderProblems(tpl === undefined ? "cmd" : "tpl", cmd ?? tpl ?? "", entry),
    ...Object.keys(defaults).filter((name) => !parameters.includes(name)).map((name): Problem => ({
      path: ["defaults", name],
      message: tpl === undefined
        ? '"defaults" goes with "tpl", not with "cmd"'
        : `"tpl" has no parameter {${name}}`,
    })),
  ];
});

/** A command as written: a table, or the shell line alone. */
export const commandEntrySchema = v.union(
  [about(text, "Shell line."), commandSchema],
  "a shell line or a table",
);

/** The whole file. */
export const commandsFileSchema = table({
  $schema: schemaKey,
  commands: maybe(
    keyed(id, commandEntrySchema),
    "The commands by name, for `assay run NAME`.",
  ),
});

export type CommandEntry = v.InferOutput<typeof commandSchema>;
