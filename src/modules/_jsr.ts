/**
 * `jsr:` packages by the registry's HTTP API: `@scope/name/meta.json` lists versions,
 * `@scope/name/VERSION_meta.json` has the checksum of every file and what the package exports.
 * Format: https://jsr.io/docs/api#jsr-registry-api
 */

import * as v from "valibot";
import { refusal, type Refused } from "./_refusal.ts";

/** Fetches JSON of the registry. */
export type FetchJson = (url: string, refused: Refused) => Promise<unknown>;

const packageSchema = v.object({
  latest: v.nullish(v.string()),
  versions: v.record(v.string(), v.object({ yanked: v.optional(v.boolean()) })),
});

const versionSchema = v.object({
  exports: v.union([v.string(), v.record(v.string(), v.string())]),
  manifest: v.record(v.string(), v.object({ checksum: v.string() })),
});

interface Specifier {
  readonly name: string;
  readonly range: string | undefined;
  /** `.` or `./path`. */
  readonly exported: string;
}

/** One registry, asked once for each document. */
export class JsrRegistry {
  readonly #base: string;
  readonly #fetchJson: FetchJson;
  readonly #documents = new Map<string, Promise<unknown>>();

  constructor(base: string, fetchJson: FetchJson) {
    this.#base = base;
    this.#fetchJson = fetchJson;
  }

  /** The address of the module that `jsr:@scope/name@range/path` names now. */
  async resolve(specifier: string, refused: Refused): Promise<string> {
    const { name, range, exported } = parseSpecifier(specifier, refused);
    const version = await this.#version(name, range, refused);
    const { exports } = await this.#versionMeta(name, version, refused);
    const all = typeof exports === "string" ? { ".": exports } : exports;
    const path = Object.hasOwn(all, exported) ? all[exported]! : undefined;
    if (path === undefined) {
      const why = `${name}@${version} exports no "${exported}"`;
      const hint = `It exports ${
        Object.keys(all).map((key) => `"${key}"`).join(", ") || "nothing"
      }`;
      throw refusal("module_not_found", refused, why, hint);
    }
    const folder = `${this.#base}${name}/${version}/`;
    const url = new URL(path, folder).href;
    if (url.startsWith(folder)) return url;
    throw refusal("module_address_invalid", refused, `its export "${exported}" lies outside of it`);
  }

  /** SHA-256 that the registry published for a file; `undefined` for addresses of no package. */
  async checksum(url: string, refused: Refused): Promise<string | undefined> {
    const [, name, version, path] = url.startsWith(this.#base)
      ? /^(@[^/]+\/[^/]+)\/([^/]+)(\/[^?]+)$/.exec(url.slice(this.#base.length)) ?? []
      : [];
    if (name === undefined || version === undefined || path === undefined) return undefined;
    const { manifest } = await this.#versionMeta(name, version, refused);
    const decoded = decodeURIComponent(path);
    const entry = Object.hasOwn(manifest, decoded) ? manifest[decoded] : undefined;
    const [, sha256] = /^sha256-([0-9a-f]{64})$/.exec(entry?.checksum ?? "") ?? [];
    if (sha256 !== undefined) return sha256;
    throw refusal("module_not_found", refused, `${name}@${version} has no file ${decoded}`);
  }

  async #version(name: string, range: string | undefined, refused: Refused): Promise<string> {
    const meta = await this.#json(packageSchema, `${name}/meta.json`, refused);
    const versions = Object.entries(meta.versions).flatMap(([version, { yanked }]) =>
      yanked ? [] : [version]
    );
    const found = await newest(versions, range ?? "*", refused);
    if (found !== null) return found;
    if (range === undefined && meta.latest && versions.includes(meta.latest)) return meta.latest;
    const why = `no version of ${name} that was not withdrawn satisfies "${range ?? "*"}"`;
    const hint = `There are ${versions.slice(-10).join(", ") || "none"}`;
    throw refusal("module_version_not_found", refused, why, hint);
  }

  #versionMeta(name: string, version: string, refused: Refused) {
    return this.#json(versionSchema, `${name}/${version}_meta.json`, refused);
  }

  async #json<T>(
    schema: v.GenericSchema<unknown, T>,
    path: string,
    refused: Refused,
  ): Promise<T> {
    const url = this.#base + path;
    let document = this.#documents.get(url);
    if (document === undefined) {
      document = this.#fetchJson(url, refused);
      this.#documents.set(url, document);
    }
    const result = v.safeParse(schema, await document);
    if (result.success) return result.output;
    throw refusal("module_unreachable", refused, `${url} is not what a JSR registry answers`);
  }
}

/** By the rules of npm, which are those of JSR: a pre-release only where the range names one. */
async function newest(
  versions: readonly string[],
  range: string,
  refused: Refused,
): Promise<string | null> {
  const [maxSatisfying, validRange] = await Promise.all([
    import("semver/max-satisfying"),
    import("semver/valid-range"),
  ]);
  const valid: string | null = validRange.default(range);
  if (valid !== null) return maxSatisfying.default(versions, valid);
  throw refusal("module_address_invalid", refused, `"${range}" is no range of versions`);
}

function parseSpecifier(specifier: string, refused: Refused): Specifier {
  const [, name, range, path] =
    /^jsr:(@[a-z0-9-]+\/[a-z0-9-]+)(?:@([^/]+))?(\/.*)?$/.exec(specifier) ?? [];
  if (name === undefined) {
    const why = "a jsr: address is jsr:@scope/name@range/path";
    throw refusal("module_address_invalid", refused, why);
  }
  const exported = path === undefined || path === "/" ? "." : `.${path}`;
  return { name, range: range === undefined ? undefined : decodeURIComponent(range), exported };
}
