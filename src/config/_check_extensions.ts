/** Checks the tables of extensions in runners, commands and changes to runners. */

import { PluginError, UserError } from "../errors.ts";
import type { ConfigTable } from "../plugin.ts";
import { type KeyPath, keyText } from "../text/positions.ts";
import type { Defined, ExtensionTables, Overrides } from "./_define.ts";
import { asTable, configError, type Document, documentError } from "./_document.ts";
import type { CommandDef, ExtensionKeys } from "./types.ts";

/**
 * Removes the tables that belong to extensions from the entry at `path`, so that its schema sees only its
 * own keys. The extension checks their contents; here only that they are tables.
 */
export function takeExtensions(
  document: Document,
  path: KeyPath,
  entry: unknown,
  keys: readonly string[],
  errors: UserError[],
): ExtensionTables {
  const own = asTable(entry);
  const taken: Record<string, ConfigTable> = {};
  if (!own) return taken;
  for (const key of keys) {
    if (!Object.hasOwn(own, key)) continue;
    const table = asTable(own[key]);
    delete own[key];
    if (table) taken[key] = table;
    else {
      const full = [...path, key];
      const message = `${keyText(full)}: expected a table, which is for the extension of that key`;
      errors.push(documentError(document, full, message));
    }
  }
  return taken;
}

/** An extension's table as it applies to a runner or command, and where it was written. */
interface Written {
  readonly key: string;
  readonly table: ConfigTable;
  /** The last one wins: changes to a table come after the table. */
  readonly places: readonly { readonly document: Document; readonly path: KeyPath }[];
}

export interface Places {
  readonly defined: readonly Defined[];
  readonly config: Document | undefined;
  readonly overrides: Overrides;
}

/**
 * Has each extension check its tables once all configuration is read and merged; returns all that they find wrong and
 * whatever kept one from checking.
 */
export async function extensionErrors(
  defs: readonly CommandDef[],
  places: Places,
  extensions: readonly ExtensionKeys[],
): Promise<UserError[]> {
  const written = defs.flatMap((def) => tablesOf(def, places));
  const found = await Promise.all(written.map((each) => problemsOf(each, extensions)));
  return found.flat();
}

function tablesOf(def: CommandDef, { defined, config, overrides }: Places): Written[] {
  const own = defined.find((each) => each.def.id === def.id && each.def.source === def.source);
  return Object.entries(def.extensionData).map(([key, table]) => {
    const changed = def.source === "runner" && overrides.tables[def.id]?.[key] !== undefined;
    return {
      key,
      table,
      places: [
        ...own ? [{ document: own.document, path: [...own.path, key] }] : [],
        ...changed && config ? [{ document: config, path: ["runners", def.id, key] }] : [],
      ],
    };
  });
}

async function problemsOf(
  written: Written,
  extensions: readonly ExtensionKeys[],
): Promise<UserError[]> {
  const { key, table } = written;
  const owner = extensions.find(({ keys }) => keys.includes(key));
  const by = `(extension "${owner?.names?.[key] ?? key}")`;
  try {
    const sentences = await owner?.validate(key, table) ?? [];
    return sentences.map((sentence) =>
      errorAt(written, subjectOf(sentence, table), `${sentence.trim()} ${by}`)
    );
  } catch (error) {
    // A table that could not be checked may be wrong.
    if (error instanceof PluginError) {
      return [errorAt(written, [], `it could not be checked: ${error.message} ${by}`)];
    }
    if (error instanceof UserError) return [errorAt(written, [], error.message, error.hint)];
    throw error;
  }
}

/** `inside` is a path in the table. */
function errorAt(
  { key, places }: Written,
  inside: KeyPath,
  message: string,
  hint?: string,
): UserError {
  const place = places.findLast(({ document, path }) => holds(document, [...path, ...inside])) ??
    places.at(-1);
  if (!place) return new UserError(`Cannot use the table "${key}": ${message}`);
  const { document, path } = place;
  const full = [...path, ...inside];
  const position = document.positions?.().at(full);
  return configError(document.file, `${keyText(path)}: ${message}`, position, full, hint);
}

/** The path that a sentence begins with, as far as it exists in the table: `limits.cpu must be …`. */
function subjectOf(sentence: string, table: ConfigTable): KeyPath {
  const [, word = ""] = /^\s*["'`]?([\w$-]+(?:\.[\w$-]+|\[\d+\])*)/.exec(sentence) ?? [];
  const path: (string | number)[] = [];
  let value: unknown = table;
  for (const [, name, index] of word.matchAll(/([\w$-]+)|\[(\d+)\]/g)) {
    const part = name ?? Number(index);
    if (!Object.hasOwn(Object(value), part)) break;
    path.push(part);
    value = Object(value)[part];
  }
  return path;
}

/** Whether the document has a key at a path: tables of extensions were removed from its value. */
function holds({ positions }: Document, path: KeyPath): boolean {
  return positions?.().has(path) ?? false;
}
