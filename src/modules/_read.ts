/** Where a module's bytes come from: the project, the cache, or the network; always checked. */

import { messageOf } from "../errors.ts";
import { type Io, isNotFound } from "../io.ts";
import { isWithin } from "../text/paths.ts";
import type { LockedModule, LockedPlugin, ModuleMode } from "../plugin_setting.ts";
import { readSource, writeSource } from "./_cache.ts";
import { type FetchLimits, get, type JsrRegistry, tooLarge } from "./_fetch.ts";
import { type MediaType, mediaTypeOf, typeByName } from "./_media_type.ts";
import { refusal, type Refused } from "./_refusal.ts";
import { toPath } from "./_resolve.ts";

/** A module's bytes, or where they are instead. */
export type Source =
  | {
    readonly kind: "bytes";
    readonly bytes: Uint8Array;
    readonly sha256: string;
    readonly type: MediaType;
  }
  | { readonly kind: "redirect"; readonly to: string };

export interface SourceOptions {
  readonly io: Io;
  readonly mode: ModuleMode;
  readonly locked: LockedPlugin | undefined;
  readonly limits: FetchLimits;
  /** The plugin's address as configured, for hints. */
  readonly plugin: string;
  readonly jsr: JsrRegistry;
  /** Where imported files may be; see {@linkcode importedPath}. */
  readonly folders: readonly string[];
}

/** Reads the module at an address that was already checked. */
export async function readModule(
  url: string,
  refused: Refused,
  options: SourceOptions,
): Promise<Source> {
  if (url.startsWith("data:")) return await readData(url, refused, options);
  if (url.startsWith("file:")) return await readFile(url, refused, options);
  return await readRemote(url, refused, options);
}

async function readData(url: string, refused: Refused, options: SourceOptions): Promise<Source> {
  const { bytes, contentType } = readDataUrl(url, refused);
  if (bytes.length > options.limits.maxBytes) throw tooLarge(options.limits.maxBytes, refused);
  const type = mediaTypeOf(url, contentType, bytes, refused);
  return { kind: "bytes", bytes, sha256: await options.io.sha256(bytes), type };
}

async function readFile(
  url: string,
  refused: Refused,
  { io, limits, folders, plugin }: SourceOptions,
): Promise<Source> {
  // Read the path that was checked: a link changed since then has no effect.
  const path = refused.importer === undefined
    ? toPath(url)
    : await importedPath(io, url, folders, refused);
  const info = await io.fs.stat(path);
  if (info === undefined) {
    const hint =
      `check the path; to take it out of the configuration: assay plugin remove ${plugin}`;
    throw refusal("module_not_found", refused, `no such file: ${path}`, hint);
  }
  if (!info.isFile) throw refusal("module_not_found", refused, `${path} is not a file`);
  if (info.size > limits.maxBytes) throw tooLarge(limits.maxBytes, refused);
  const bytes = await orNotFound(path, refused, (path) => io.fs.readBytes(path));
  const type = mediaTypeOf(url, undefined, bytes, refused);
  return { kind: "bytes", bytes, sha256: await io.sha256(bytes), type };
}

/**
 * The path of an imported file, links followed.
 *
 * @throws {UserError} `module_file_outside` when it is in none of the folders; nothing was read.
 */
async function importedPath(
  io: Io,
  url: string,
  folders: readonly string[],
  refused: Refused,
): Promise<string> {
  const path = await orNotFound(toPath(url), refused, (path) => io.fs.realPath(path));
  if (folders.some((folder) => isWithin(path, folder))) return path;
  const led = path === toPath(url) ? "it lies" : `it leads to ${path}, which lies`;
  const why = `${led} outside of the project and of the plugin's own folder`;
  const hint =
    "Plugins import files of the project and those next to their entry; what else it is " +
    "to read it, grant read in its [[plugin]] table";
  throw refusal("module_file_outside", refused, why, hint);
}

async function orNotFound<T>(
  path: string,
  refused: Refused,
  act: (path: string) => Promise<T>,
): Promise<T> {
  try {
    return await act(path);
  } catch (error) {
    const why = isNotFound(error) ? `no such file: ${path}` : messageOf(error);
    throw refusal("module_not_found", refused, why, undefined, error);
  }
}

/** The own value of a key that may be any text. */
export function ownValue<T>(table: Readonly<Record<string, T>> | undefined, key: string) {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

async function readRemote(
  url: string,
  refused: Refused,
  options: SourceOptions,
): Promise<Source> {
  const { io, mode, locked } = options;
  const to = ownValue(locked?.redirects, url);
  if (to !== undefined) return { kind: "redirect", to };
  const pinned = ownValue(locked?.modules, url);
  if (pinned !== undefined && !mode.reload) {
    const bytes = await readSource(io, pinned.sha256);
    const type = pinned.type ?? typeByName(url);
    const { maxBytes } = options.limits;
    if (bytes && bytes.length > maxBytes) throw tooLarge(maxBytes, refused);
    if (bytes && type) return { kind: "bytes", bytes, sha256: pinned.sha256, type };
  }
  checkMayFetch(refused, pinned !== undefined, options);
  return await fetchModule(url, refused, pinned, options);
}

/** Refuses network access for what the user requires to be locked or cached. */
export function checkMayFetch(
  refused: Refused,
  isLocked: boolean,
  { mode, plugin }: Pick<SourceOptions, "mode" | "plugin">,
): void {
  if (mode.frozen && !isLocked) {
    const why = ".assay/lock.json does not pin it, which --frozen (or CI) requires";
    const hint = `Run assay plugin update ${plugin} without it, and commit the lock`;
    throw refusal("module_not_locked", refused, why, hint);
  }
  if (!mode.cachedOnly) return;
  const why = "it is not in the cache, and --cached-only does not fetch";
  throw refusal("module_offline", refused, why, "Run once without --cached-only");
}

async function fetchModule(
  url: string,
  refused: Refused,
  pinned: LockedModule | undefined,
  { io, limits, plugin, jsr }: SourceOptions,
): Promise<Source> {
  const answer = await get(io, url, limits, refused);
  if (answer.kind === "redirect") {
    if (pinned === undefined) return answer;
    const why = `the lock pins it, and now it redirects to ${answer.to}`;
    throw refusal("module_changed", refused, why, acceptHint(plugin));
  }
  const { bytes, contentType } = answer;
  const sha256 = await io.sha256(bytes);
  if (pinned !== undefined && pinned.sha256 !== sha256) {
    const why =
      `its content changed: the lock has SHA-256 ${pinned.sha256}, and now it is ${sha256}`;
    throw refusal("module_changed", refused, why, acceptHint(plugin));
  }
  if (pinned === undefined) await checkPublished(url, sha256, refused, jsr);
  const type = pinned
    ? pinned.type ?? typeByName(url) ?? mediaTypeOf(url, contentType, bytes, refused)
    : mediaTypeOf(url, contentType, bytes, refused);
  await writeSource(io, sha256, bytes);
  return { kind: "bytes", bytes, sha256, type };
}

function acceptHint(plugin: string): string {
  return `Review it; to accept it: assay plugin update ${plugin}`;
}

async function checkPublished(
  url: string,
  sha256: string,
  refused: Refused,
  jsr: JsrRegistry,
): Promise<void> {
  const published = await jsr.checksum(url, refused);
  if (published === undefined || published === sha256) return;
  const why = `the registry published it with SHA-256 ${published}, and the download has ${sha256}`;
  throw refusal("module_changed", refused, why, "Try again later, or report it to the registry");
}

// Reads `data:` addresses (RFC 2397).

interface DataContent {
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Decodes base64 and percent escapes. */
function readDataUrl(url: string, refused: Refused): DataContent {
  const [, meta, body] = /^data:([^,]*),([^]*)$/.exec(url) ?? [];
  if (meta === undefined || body === undefined) {
    throw refusal(
      "module_address_invalid",
      refused,
      "a data: URL needs a comma before its content",
    );
  }
  const contentType = meta.replace(/;\s*base64\s*$/i, "");
  const bytes = percentDecoded(body);
  if (contentType === meta) return { contentType, bytes };
  try {
    const text = new TextDecoder("latin1").decode(bytes).replaceAll(/\s/g, "");
    return { contentType, bytes: Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) };
  } catch (error) {
    throw refusal("module_address_invalid", refused, "its content is not base64", undefined, error);
  }
}

function percentDecoded(text: string): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  const bytes = new Uint8Array(encoded.length);
  let length = 0;
  for (let i = 0; i < encoded.length; i++) {
    const hex = encoded[i] === 0x25 ? String.fromCharCode(...encoded.subarray(i + 1, i + 3)) : "";
    const escaped = /^[0-9a-f]{2}$/i.test(hex);
    bytes[length++] = escaped ? parseInt(hex, 16) : encoded[i]!;
    if (escaped) i += 2;
  }
  return bytes.subarray(0, length);
}
