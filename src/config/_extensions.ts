/** Tables of extensions in runners and commands. */

import { asTable } from "./_document.ts";

/**
 * Takes the tables that belong to extensions out of an entry, so that its schema sees only its own keys.
 * What they hold is for the extension to check.
 */
export function takeExtensions(
  entry: unknown,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  const own = asTable(entry);
  const taken: Record<string, unknown> = {};
  for (const key of keys) {
    if (!own || !asTable(own[key])) continue;
    taken[key] = own[key];
    delete own[key];
  }
  return taken;
}
