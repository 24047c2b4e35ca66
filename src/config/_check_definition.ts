/** What a schema cannot say of a runner or command: formats that exist, placeholders that mean something. */

import type { UserError } from "../errors.ts";
import { didYouMean } from "./did_you_mean.ts";
import type { Document } from "./_document.ts";
import { documentError } from "./_document.ts";
import type { Known } from "./_known.ts";
import type { KeyPath } from "./_positions.ts";
import { keyText } from "./_positions.ts";
import { pathProblem } from "./paths.ts";
import { checkPlaceholders, usedPlaceholders } from "./placeholders.ts";
import type { CommandDef } from "./types.ts";

/** Adds to `errors` what is wrong with the definition that stands at `path`. */
export function checkDefinition(
  document: Document,
  path: KeyPath,
  def: CommandDef,
  { formats }: Known,
  errors: UserError[],
): void {
  const add = (key: string, message: string) => {
    const full = [...path, key];
    errors.push(documentError(document, full, `${keyText(full)}: ${message}`));
  };
  const commandKey = commandKeyOf(def);
  for (const message of checkPlaceholders(def.command)) add(commandKey, message);
  for (const message of checkPlaceholders(def.resultFile ?? "")) add("result_file", message);
  if (def.resultFile === undefined && usedPlaceholders(def.command).includes("result_file")) {
    add(commandKey, "{{result_file}} stands for nothing: there is no result_file");
  }
  if (usedPlaceholders(def.resultFile ?? "").includes("result_file")) {
    add("result_file", "{{result_file}} cannot stand in itself");
  }
  const usesFiles = usedPlaceholders(def.command).includes("files");
  if (usesFiles && def.files === undefined) {
    add(commandKey, "{{files}} stands for nothing: there are no globs in `files`");
  }
  if (/["']\{\{\s*files\s*\}\}|\{\{\s*files\s*\}\}["']/.test(def.command)) {
    add(
      commandKey,
      "{{files}} must not stand in quotes: each file is a word that is quoted already",
    );
  }
  if (usedPlaceholders(def.resultFile ?? "").includes("files")) {
    add("result_file", "{{files}} can stand in the command alone");
  }
  // In dialect "plugins" the report's path comes from an argument, which no schema looks into.
  const escape = def.resultFile === undefined ? undefined : pathProblem(def.resultFile);
  if (escape) add("args", `the report ${JSON.stringify(def.resultFile)} is refused: ${escape}`);
  if (!formats.includes(def.resultFormat)) {
    const guess = didYouMean(def.resultFormat, formats) ||
      `; known are ${formats.join(", ")}`;
    const key = def.source === "command" ? "format" : "result_format";
    add(key, `unknown format "${def.resultFormat}"${guess}`);
  }
}

function commandKeyOf({ source, defaults }: CommandDef): string {
  if (source === "runner") return "command";
  return defaults === undefined ? "cmd" : "tpl";
}
