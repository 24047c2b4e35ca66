/**
 * Fetching: one GET within limits, and how registries resolve `jsr:` and `npm:`.
 *
 * JSR through its HTTP API: `@scope/name/meta.json` lists versions, `@scope/name/VERSION_meta.json` has the checksum
 * of every file and the package's exports. Format: https://jsr.io/docs/api#jsr-registry-api
 */

import * as v from "valibot";
import { messageOf, UserError } from "../errors.ts";
import type { HttpResponse, Io } from "../io.ts";
import { refusal, type Refused } from "./_refusal.ts";

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

/** One registry; each document is requested once. */
export class JsrRegistry {
  readonly #documents = new Map<string, Promise<unknown>>();

  constructor(private readonly base: string, private readonly fetchJson: FetchJson) {}

  /** The address of the module that `jsr:@scope/name@range/path` currently names. */
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
    const folder = `${this.base}${name}/${version}/`;
    const url = new URL(path, folder).href;
    if (url.startsWith(folder)) return url;
    throw refusal("module_address_invalid", refused, `its export "${exported}" is outside of it`);
  }

  /** SHA-256 that the registry published for a file; `undefined` for addresses outside packages. */
  async checksum(url: string, refused: Refused): Promise<string | undefined> {
    const [, name, version, path] = url.startsWith(this.base)
      ? /^(@[^/]+\/[^/]+)\/([^/]+)(\/[^?]+)$/.exec(url.slice(this.base.length)) ?? []
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
    const why = `no version of ${name} satisfies "${range ?? "*"}"`;
    const hint = `Versions: ${versions.slice(-10).join(", ") || "none"}`;
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
    const url = this.base + path;
    let document = this.#documents.get(url);
    if (document === undefined) {
      document = this.fetchJson(url, refused);
      this.#documents.set(url, document);
    }
    const result = v.safeParse(schema, await document);
    if (result.success) return result.output;
    throw refusal("module_unreachable", refused, `${url} is not the answer of a JSR registry`);
  }
}

/** By npm's rules, which JSR shares: a pre-release only matches a range that names one. */
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
  throw refusal("module_address_invalid", refused, `"${range}" is not a version range`);
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

// `npm:` packages through an ESM CDN, which serves them as modules.

/**
 * The CDN's address of `npm:name@range/path`. A query in the base address, such as `?target=es2022`, is
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
  throw refusal("module_address_invalid", refused, "its path leaves the package");
}

// One GET over {@linkcode Io.fetch}, with a byte limit.

type Answer =
  | { readonly kind: "redirect"; readonly to: string }
  | {
    readonly kind: "content";
    readonly bytes: Uint8Array;
    readonly contentType: string | undefined;
  };

export interface FetchLimits {
  readonly maxBytes: number;
  /** Aborts with the error to throw. */
  readonly signal: AbortSignal;
  /** Holds the addresses being requested while they are in flight. */
  readonly waiting: Set<string>;
}

const redirects = [301, 302, 303, 307, 308];

/** Gets `url`; a redirect is an answer too. */
export async function get(
  io: Io,
  url: string,
  limits: FetchLimits,
  refused: Refused,
): Promise<Answer> {
  limits.waiting.add(url);
  try {
    const response = await ask(io, url, limits.signal);
    const location = response.header("location");
    if (redirects.includes(response.status) && location !== undefined) {
      await response.body.cancel();
      return { kind: "redirect", to: location };
    }
    if (response.status !== 200) throw await badStatus(response, url, refused);
    const bytes = await readAtMost(response.body, limits, refused, url);
    return { kind: "content", bytes, contentType: response.header("content-type") };
  } catch (error) {
    limits.signal.throwIfAborted();
    if (error instanceof UserError) throw error;
    const hint = "Check the URL and the network; --cached-only works offline";
    throw refusal("module_unreachable", refused, failed(url, refused, error), hint, error);
  } finally {
    limits.waiting.delete(url);
  }
}

/** The requested address and Deno's error: often the reason is only in the cause. */
function failed(url: string, refused: Refused, error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const said = [error, ...cause === undefined ? [] : [cause]].map(messageOf);
  const why = said.join(": ").replaceAll(` for url (${url})`, "");
  return url === refused.url ? why : `for ${url}: ${why}`;
}

/** Ends with the signal whatever the request does; a later answer is discarded. */
async function ask(io: Io, url: string, signal: AbortSignal): Promise<HttpResponse> {
  const asking = io.fetch(url, { signal });
  try {
    return await orAborted(signal, asking);
  } catch (error) {
    asking.then(({ body }) => body.cancel()).catch(() => {
      // Nothing waits for it any more.
    });
    throw error;
  }
}

/**
 * The awaited value, or the signal's reason. Deno's `fetch` holds its signal weakly, so after
 * garbage collection the signal no longer ends a body.
 */
async function orAborted<T>(signal: AbortSignal, waited: Promise<T>): Promise<T> {
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([waited, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function badStatus(response: HttpResponse, url: string, refused: Refused): Promise<Error> {
  await response.body.cancel();
  const why = `${new URL(url).host} answered with HTTP status ${response.status} for ${url}`;
  const gone = response.status === 404 || response.status === 410;
  return refusal(gone ? "module_not_found" : "module_unreachable", refused, why);
}

/** Stops at the limit: nothing beyond it is held in memory. */
async function readAtMost(
  body: ReadableStream<Uint8Array>,
  { maxBytes, signal }: FetchLimits,
  refused: Refused,
  url: string,
): Promise<Uint8Array> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await orAborted(signal, reader.read());
      if (done) break;
      length += value.length;
      if (length > maxBytes) throw tooLarge(maxBytes, refused, url);
      chunks.push(value);
    }
  } catch (error) {
    // Not awaited: what stalls the body may stall this too.
    reader.cancel(error).catch(() => {
      // The body failed; that error is the one reported.
    });
    throw error;
  }
  return await new Blob(chunks as Uint8Array<ArrayBuffer>[]).bytes();
}

export function tooLarge(maxBytes: number, refused: Refused, url = refused.url): Error {
  const why = `${url === refused.url ? "it" : url} is larger than ${maxBytes} bytes`;
  const hint = "Raise max_bytes under [modules] in .assay/config.toml if it has to be that large";
  return refusal("module_too_large", refused, why, hint);
}
