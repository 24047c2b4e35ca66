/** How the loader refuses a module. */

import { UserError } from "../errors.ts";
import { truncate } from "../text/words.ts";

/** Why a module is not loaded. Stable, machine-readable. */
export type RefusalCode =
  | "module_address_invalid"
  | "module_build_changed"
  | "module_cache_damaged"
  | "module_cache_unwritable"
  | "module_changed"
  | "module_export_missing"
  | "module_file_outside"
  | "module_graph_too_large"
  | "module_graph_too_slow"
  | "module_host_refused"
  | "module_import_refused"
  | "module_invalid_syntax"
  | "module_not_found"
  | "module_not_js"
  | "module_not_locked"
  | "module_offline"
  | "module_too_large"
  | "module_too_many_redirects"
  | "module_unreachable"
  | "module_unsupported_syntax"
  | "module_version_not_found";

export interface Refused {
  /** Its address, or the specifier that names it. */
  readonly url: string;
  /** The address of the module that imports it; absent for the plugin's entry. */
  readonly importer?: string | undefined;
  /** Where in the module; from 1. */
  readonly line?: number;
  readonly column?: number;
}

/** The error that refuses a module: which one, who imports it, why, what to do. */
export function refusal(
  code: RefusalCode,
  { url, importer, line, column }: Refused,
  why: string,
  hint?: string,
  cause?: unknown,
): UserError {
  const place = line === undefined ? "" : `:${line}${column === undefined ? "" : `:${column}`}`;
  const by = importer === undefined ? "" : `, imported by ${shown(importer)}`;
  return new UserError(`Cannot load the module ${shown(url)}${place}${by}: ${why}`, {
    ...{ code, hint, cause },
    ...(line === undefined ? {} : { file: shown(url), line, column }),
  });
}

/** `data:` addresses hold whole programs: show only the beginning. */
export function shown(url: string): string {
  return url.startsWith("data:") ? truncate(url, 60) : url;
}

/** The same error, naming the project's own files by their path. */
export function namedInProject(error: UserError, rootUrl: string): UserError {
  const named = (text: string | undefined, root: string) => text?.replaceAll(rootUrl, root);
  return new UserError(named(error.message, "./")!, {
    ...error.place,
    code: error.code,
    hint: named(error.hint, "./"),
    cause: error.cause,
    file: named(error.place.file, ""),
  });
}
