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
  const name = owner?.names?.[key] ?? key;
  try {
    const sentences = await owner?.validate(key, table) ?? [];
    return sentences.map((sentence) => errorAt(written, name, sentence));
  } catch (error) {
    const told = error instanceof UserError || error instanceof PluginError;
    if (!told) throw error;
    return [errorAt(written, name, `it could not be checked: ${error.message}`)];
  }
}

function errorAt({ table, places }: Written, name: string, sentence: string): UserError {
  const inside = subjectOf(sentence, table);
  const place = places.findLast(({ document, path }) => holds(document, [...path, ...inside])) ??
    places.at(-1);
  const said = `${sentence.trim()} (extension "${name}")`;
  if (!place) return new UserError(`Cannot use the table of the extension "${name}": ${sentence}`);
  const { document, path } = place;
  const full = [...path, ...inside];
  const message = `${keyText(path)}: ${said}`;
  return configError(document.file, message, document.positions?.at(full), full);
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
