/** Tables of extensions in runners, commands and changes to runners. */

import type { UserError } from "../errors.ts";
import type { ConfigTable } from "../plugin.ts";
import type { ExtensionTables } from "./_define.ts";
import type { Document } from "./_document.ts";
import { asTable, documentError } from "./_document.ts";
import type { KeyPath } from "../text/positions.ts";
import { keyText } from "../text/positions.ts";

/**
 * Takes the tables that belong to extensions out of the entry at `path`, so that its schema sees only its
 * own keys. What they hold is for the extension to check; that they are tables is checked here.
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

/** The tables with changes: key by key, tables in them as well; lists and all else are replaced. */
export function changedTables(
  tables: ExtensionTables,
  changes: ExtensionTables,
): ExtensionTables {
  const merged: Record<string, ConfigTable> = { ...tables };
  for (const [key, change] of Object.entries(changes)) {
    merged[key] = changedTable(merged[key] ?? {}, change);
  }
  return merged;
}

function changedTable(table: ConfigTable, change: ConfigTable): ConfigTable {
  const merged: Record<string, unknown> = { ...table };
  for (const [key, value] of Object.entries(change)) {
    const [before, after] = [asTable(merged[key]), asTable(value)];
    merged[key] = before && after ? changedTable(before, after) : value;
  }
  return merged;
}
