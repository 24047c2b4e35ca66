/** Checks the names in the configuration: formats and runners that exist, ids that are unique. */

import type { UserError } from "../errors.ts";
import { didYouMean } from "../text/did_you_mean.ts";
import { keyText } from "../text/positions.ts";
import type { Defined } from "./_define.ts";
import { asArray, asTable, type Document, documentError, type Table } from "./_document.ts";
import { commandSchema } from "./commands_schema.ts";
import { runnerSchema } from "./runner_schema.ts";
import type { Contribution, LoadOptions } from "./types.ts";

/** What the names in runners and commands are checked against. */
export interface Known {
  readonly formats: readonly string[];
  /** Keys of the tables that extensions claim, except those that are fields of every runner. */
  readonly extensionKeys: readonly string[];
}

/** The built-in fields of runners and commands: no extension may claim one as its key. */
export const runnerFields: ReadonlySet<string> = new Set([
  ...Object.keys(runnerSchema.entries),
  ...Object.keys(commandSchema.entries),
]);

/** The known names. Where a plugin was never loaded, the names that documents use are assumed to be its own. */
export function knownOf(
  { knownFormats, extensions }: LoadOptions,
  contribution: Contribution | undefined,
  documents: readonly Document[],
): Known {
  const open = contribution?.isOpen ? documents.flatMap(({ value }) => entriesOf(value)) : [];
  const keys = [...extensions.keys, ...contribution?.keys ?? [], ...open.flatMap(tablesIn)];
  return {
    formats: [
      ...knownFormats,
      ...contribution?.formats ?? [],
      ...open.flatMap(({ result_format, format }) =>
        [result_format, format].filter((each) => typeof each === "string")
      ),
    ],
    extensionKeys: [...new Set(keys)].filter((key) => !runnerFields.has(key)),
  };
}

/** The runners, commands and changes to runners of a document, whatever is wrong with them. */
function entriesOf(value: unknown): Table[] {
  const { runners, commands } = asTable(value) ?? {};
  const byName = [runners, commands].flatMap((each) => Object.values(asTable(each) ?? {}));
  return [...asArray(runners), ...byName].map(asTable).filter((entry) => entry !== undefined);
}

function tablesIn(entry: Table): string[] {
  return Object.keys(entry).filter((key) => asTable(entry[key]) !== undefined);
}

/** What is wrong with the formats that runners and commands name. */
export function formatErrors(defined: readonly Defined[], { formats }: Known): UserError[] {
  return defined.filter(({ def }) => !formats.includes(def.resultFormat)).map((
    { def: { source, resultFormat }, document, path },
  ) => {
    const full = [...path, source === "command" ? "format" : "result_format"];
    const guess = didYouMean(resultFormat, formats) || `; known are ${formats.join(", ")}`;
    const message = `${keyText(full)}: unknown format "${resultFormat}"${guess}`;
    return documentError(document, full, message);
  });
}

/** Every runner whose id is already taken, in its file or in an earlier one. */
export function idErrors(defined: readonly Defined[]): UserError[] {
  return defined.flatMap(({ def: { id, origin }, document, path }, index) => {
    const first = defined.slice(0, index).find(({ def }) => def.id === id);
    if (!first) return [];
    const { file, line } = first.def.origin;
    if (first.document !== document) {
      const message = `the runner "${id}" is also defined in ${file}, line ${line}`;
      const hint = "remove one of them, or rename it";
      return documentError(document, path, message, hint);
    }
    const key = origin.dialect === "runners" ? "id" : "name";
    const message = `two runners have the ${key} "${id}"` +
      (line === undefined ? "" : `; the first begins on line ${line}`);
    return documentError(document, [...path, key], message, "rename one of them");
  });
}

/** Changes to runners that do not exist. */
export function overrideErrors(
  changed: readonly string[],
  config: Document | undefined,
  ids: readonly string[],
): UserError[] {
  return changed.filter((id) => !ids.includes(id)).map((id) => {
    const guess = didYouMean(id, ids) || "; assay plugin list --all shows every runner";
    return documentError(config!, ["runners", id], `unknown runner "${id}"${guess}`);
  });
}
