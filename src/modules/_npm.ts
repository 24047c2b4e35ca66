/** `npm:` packages through an ESM CDN, which serves them as modules. */

import { refusal, type Refused } from "./_refusal.ts";

/**
 * The CDN's address of `npm:name@range/path`. A query of the base address, such as `?target=es2022`, is
 * kept.
 */
export function npmAddress(base: string, specifier: string, refused: Refused): string {
  const [, name, range, path = ""] =
    /^npm:((?:@[a-z0-9_.~-]+\/)?[a-z0-9_.~-]+)(?:@([^/]+))?(\/.*)?$/i.exec(specifier) ?? [];
  if (name === undefined || name.startsWith(".")) {
    const why = "an npm: address is npm:name@range/path";
    throw refusal("module_address_invalid", refused, why);
  }
  const url = new URL(base);
  const before = url.pathname;
  const version = range === undefined ? "" : `@${encodeURIComponent(decodeURIComponent(range))}`;
  url.pathname = `${url.pathname}${name}${version}${path === "/" ? "" : path}`;
  if (url.pathname.startsWith(`${before}${name}`)) return url.href;
  throw refusal("module_address_invalid", refused, "its path leads out of the package");
}
