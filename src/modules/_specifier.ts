/** What a specifier names, before anything is fetched. */

import { toFileUrl } from "./_file_url.ts";
import { parseAddress } from "./_address.ts";
import { type Builtin, isPluginHelper, pluginHelper } from "./_builtin.ts";
import { isNodeName, nodeModuleRefused } from "./_node_modules.ts";
import { refusal, type Refused } from "./_refusal.ts";

/** What a specifier names. */
export type Target =
  /** A module with an address, or `jsr:` and `npm:` packages that lead to one. */
  | { readonly kind: "module" | "jsr" | "npm"; readonly url: string }
  /** A module of Node's that is allowed, with its scheme. */
  | { readonly kind: "node"; readonly url: string }
  | { readonly kind: "builtin"; readonly builtin: Builtin };

/** The plugin's address as configured; a path is relative to the project's root. */
export function entryTarget(root: string, url: string): Target {
  const refused = { url };
  if (/^\.{0,2}\//.test(url)) {
    return { kind: "module", url: parseAddress(url, refused, toFileUrl(`${root}/`)) };
  }
  return schemeTarget(url, refused) ?? refuseBare(url, refused);
}

/**
 * What `specifier` names in the module at `importer`.
 *
 * @throws {UserError} when no module of a plugin may be named so.
 */
export function importTarget(specifier: string, importer: string): Target {
  const refused = { url: specifier, importer };
  if (isPluginHelper(specifier)) return { kind: "builtin", builtin: pluginHelper };
  if (/^\.{0,2}\//.test(specifier)) {
    return { kind: "module", url: parseAddress(specifier, refused, importer) };
  }
  return schemeTarget(specifier, refused) ?? refuseBare(specifier, refused);
}

function schemeTarget(specifier: string, refused: Refused): Target | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(specifier)?.[1]?.toLowerCase();
  if (scheme === undefined) return undefined;
  if (scheme === "node") return nodeTarget(specifier, refused);
  if (scheme === "jsr" || scheme === "npm") {
    return { kind: scheme, url: specifier.replace(/^([a-z]+):\/?/i, `${scheme}:`) };
  }
  return { kind: "module", url: parseAddress(specifier, refused) };
}

function nodeTarget(specifier: string, refused: Refused): Target {
  const name = specifier.slice("node:".length);
  const why = nodeModuleRefused(name);
  if (why !== undefined) {
    throw refusal("module_import_refused", refused, `plugins may not import it: ${why}`);
  }
  return { kind: "node", url: `node:${name}` };
}

function refuseBare(specifier: string, refused: Refused): never {
  const hint = isNodeName(specifier)
    ? `Write "node:${specifier}"`
    : `Write where it comes from: "./${specifier}", "npm:${specifier}", "jsr:…" or "https://…"`;
  throw refusal("module_address_invalid", refused, "a bare name says not where it is", hint);
}
