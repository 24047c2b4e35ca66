/** Has every extension check its tables, once all configuration is read and merged. */

import { PluginError, UserError, UserErrors } from "../errors.ts";
import type { ConfigTable } from "../plugin.ts";
import type { Document } from "./_document.ts";
import { configError, inOrder } from "./_document.ts";
import type { KeyPath } from "./_positions.ts";
import { keyText } from "./_positions.ts";
import type { Sources } from "./_sources.ts";
import type { CommandDef, ExtensionKeys } from "./types.ts";

/** A table as it holds for a runner or command, and where it was written. */
interface Written {
  readonly key: string;
  readonly table: ConfigTable;
  /** The last one wins: what changes a table stands after what it changes. */
  readonly places: readonly { readonly document: Document; readonly path: KeyPath }[];
}

/**
 * Calls `validate` once for each table of each definition, with all changes made.
 *
 * @throws {UserErrors} with all that the extensions find wrong, and with what kept one from looking.
 */
export async function validateExtensions(
  defs: readonly CommandDef[],
  sources: Sources,
  extensions: readonly ExtensionKeys[],
): Promise<void> {
  const found = await Promise.all(
    defs.flatMap((def) => tablesOf(def, sources)).map((written) => problemsOf(written, extensions)),
  );
  const errors = found.flat();
  if (errors.length > 0) throw new UserErrors(inOrder(errors, sources.files));
}

function tablesOf(def: CommandDef, sources: Sources): Written[] {
  const definition = placeOf(def, sources);
  const { configDocument, overrides } = sources;
  return Object.entries(def.extensionData).map(([key, table]) => {
    const changed = def.source === "runner" && overrides.tables[def.id]?.[key] !== undefined;
    return {
      key,
      table,
      places: [
        ...definition ? [{ ...definition, path: [...definition.path, key] }] : [],
        ...changed && configDocument
          ? [{ document: configDocument, path: ["runners", def.id, key] }]
          : [],
      ],
    };
  });
}

function placeOf({ id, source }: CommandDef, sources: Sources) {
  if (source === "command") {
    const document = sources.commandsDocument;
    return document && { document, path: ["commands", id] };
  }
  const files = [...sources.plugins, ...sources.modules];
  return files.find(({ places }) => places.has(id))?.places.get(id);
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
    // A table that could not be checked is not known to be right.
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
  const position = document.positions?.at(full);
  return configError(document.file, `${keyText(path)}: ${message}`, position, full, hint);
}

/** The path that a sentence begins with, as far as the table holds it: `limits.cpu must be …`. */
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

/** Whether the document says something at a path: tables of extensions were taken out of its value. */
function holds({ positions }: Document, path: KeyPath): boolean {
  return positions?.has(path) ?? false;
}
