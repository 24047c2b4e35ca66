/**
 * The cache of modules on disk: `sources/<sha256>` as fetched, `graphs/<key>/` as built, and
 * `entries/<sha256 of an address>` that says what a local entry was built to last.
 *
 * Every file is written whole or not at all, so that any number of assays may share the folder and be
 * killed at any time. Every file is checked against a hash when it is read.
 */

import { dirname, join, relative } from "@std/path";
import { messageOf, UserError } from "../errors.ts";
import { type Io, isNotFound } from "../io.ts";
import { type RefusalCode } from "./_refusal.ts";

const code = (it: RefusalCode) => it;

/**
 * The cache's folder: `$XDG_CACHE_HOME/assay/modules`, else `$HOME/.cache/assay/modules`. A relative
 * XDG_CACHE_HOME is ignored, as the XDG Base Directory Specification says.
 */
export function cacheFolder(io: Io): string {
  const xdg = io.env("XDG_CACHE_HOME");
  if (xdg?.startsWith("/")) return join(xdg, "assay/modules");
  const home = io.env("HOME");
  if (home) return join(home, ".cache/assay/modules");
  throw new UserError("No folder for the module cache: HOME is not set", {
    code: code("module_cache_unwritable"),
    hint: "Set XDG_CACHE_HOME or HOME",
  });
}

/** A file in the cache differs from what was written. */
export function damaged(file: string, expected: string | undefined, found: string): UserError {
  const why = expected === undefined
    ? "its checksum is missing"
    : `expected SHA-256 ${expected}, found ${found}`;
  return new UserError(
    `The cached file ${file} was changed: ${why}`,
    {
      code: code("module_cache_damaged"),
      hint: "--reload fetches and builds the modules again",
    },
  );
}

export async function readSource(io: Io, sha256: string): Promise<Uint8Array | undefined> {
  const file = join(cacheFolder(io), "sources", sha256);
  const bytes = await orNothing(file, () => io.fs.readBytes(file));
  if (bytes === undefined) return undefined;
  const found = await io.sha256(bytes);
  if (found !== sha256) throw damaged(file, sha256, found);
  return bytes;
}

export async function writeSource(io: Io, sha256: string, bytes: Uint8Array): Promise<void> {
  await writeCached(io, join(cacheFolder(io), "sources", sha256), bytes);
}

const hashLength = 64;

export interface Sealed {
  readonly sha256: string;
  readonly text: string;
}

/**
 * Seals the text of the cache file `file`. The hash covers its path too, so that no sealed file can
 * be swapped for another.
 */
export async function seal(io: Io, file: string, text: string): Promise<Sealed> {
  const place = relative(cacheFolder(io), file);
  return { sha256: await io.sha256(new TextEncoder().encode(`${place}\n${text}`)), text };
}

export function sealedText({ sha256, text }: Sealed): string {
  return `${sha256}\n${text}`;
}

export async function writeSealed(io: Io, file: string, text: string): Promise<void> {
  await writeCached(io, file, sealedText(await seal(io, file, text)));
}

export async function readSealed(io: Io, file: string): Promise<Sealed | undefined> {
  // Invalid UTF-8 is decoded to something else, which has a different hash.
  const content = await orNothing(file, () => io.fs.readText(file));
  if (content === undefined) return undefined;
  const sealed = await seal(io, file, content.slice(hashLength + 1));
  if (sealedText(sealed) === content) return sealed;
  const [, expected] = /^([0-9a-f]{64})\n/.exec(content) ?? [];
  throw damaged(file, expected, sealed.sha256);
}

async function orNothing<T>(file: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw new UserError(`Cannot read the cached file ${file}: ${messageOf(error)}`, {
      code: code("module_cache_damaged"),
      hint: "Check who owns it; --reload fetches and builds the modules again",
      cause: error,
    });
  }
}

export async function writeCached(io: Io, file: string, data: string | Uint8Array): Promise<void> {
  await orUnwritable(file, async () => {
    await io.fs.mkdir(dirname(file));
    await io.fs.writeAtomic(file, data);
  });
}

/** Reports a failure to write as what it is. */
export async function orUnwritable<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new UserError(`Cannot write to the module cache at ${path}: ${messageOf(error)}`, {
      code: code("module_cache_unwritable"),
      hint: "Set XDG_CACHE_HOME to a writable folder",
      cause: error,
    });
  }
}
