/**
 * File access for a plugin, by the worker's own permissions and by where symbolic links lead. Deno checks the
 * path that is passed and then follows its links, so a link inside a granted folder can lead out of it;
 * here every path is resolved first, and the permission is checked for the place it leads to.
 *
 * Resolving and acting are two steps: whoever can create links while a plugin runs (a plugin that was granted
 * `run`, another program) can still win the race between them.
 *
 * @module
 */

import { requirePermission } from "./grants.ts";
import { lastIndex, sliceOf } from "./primordials.ts";

// Taken before the realm is hardened.
const { readTextFileSync, readFileSync, readDirSync, statSync, lstatSync } = Deno;
const { writeTextFileSync, writeFileSync, mkdirSync, removeSync, errors } = Deno;

const denoRealPathSync = Deno.realPathSync;

type Path = string | URL;

/** Where a path leads, if the plugin may read there and may see it. */
export function realPathSync(path: string): string {
  requirePermission({ name: "read", path });
  const real = denoRealPathSync(path);
  requirePermission({ name: "read", path: real });
  return real;
}

function writable(path: string): string {
  requirePermission({ name: "write", path });
  return path;
}

/** The functions for files that a plugin finds in `Deno`, and what services use. */
export function filesFor(root: string) {
  const absolute = (path: Path): string => {
    const given = typeof path === "string" ? path : decodeURIComponent(path.pathname);
    return given[0] === "/" ? given : `${root}/${given}`;
  };
  /** Where a path leads; throws if it does not exist or the plugin may not see it. */
  const real = (path: Path): string => realPathSync(absolute(path));
  /** Where an entry itself lies, whatever it points to. */
  const entry = (path: Path): string => {
    const given = absolute(path);
    const end = lastIndex(given, "/");
    const name = sliceOf(given, end + 1, given.length);
    if (name === "" || name === "." || name === "..") return realPathSync(given);
    const folder = realPathSync(end === 0 ? "/" : sliceOf(given, 0, end));
    return folder === "/" ? `/${name}` : `${folder}/${name}`;
  };
  /** Where writing to a path ends up. This needs `read` for the place too, to see where it leads. */
  const target = (path: Path): string => {
    const place = entry(path);
    try {
      return lstatSync(place).isSymlink ? realPathSync(place) : place;
    } catch (error) {
      if (error instanceof errors.NotFound && !isLink(place)) return place;
      throw error;
    }
  };
  const isLink = (place: string): boolean => {
    try {
      return lstatSync(place).isSymlink;
    } catch (error) {
      if (error instanceof errors.NotFound) return false;
      throw error;
    }
  };
  /** As {@linkcode target}, for a folder whose parents may be missing too. */
  const newFolder = (path: Path): string => {
    const given = absolute(path);
    for (let end = given.length; end > 0; end = lastIndex(sliceOf(given, 0, end), "/")) {
      try {
        return realPathSync(sliceOf(given, 0, end)) + sliceOf(given, end, given.length);
      } catch (error) {
        if (!(error instanceof errors.NotFound)) throw error;
      }
    }
    return given;
  };
  type WriteOptions = { readonly append?: boolean; readonly createNew?: boolean };
  const options = ({ append, createNew }: WriteOptions = {}) => ({
    append: append === true,
    createNew: createNew === true,
  });
  const recursive = (given: { readonly recursive?: boolean } | undefined) => ({
    recursive: given?.recursive === true,
  });

  const sync = {
    realPathSync: (path: Path) => real(path),
    readTextFileSync: (path: Path) => readTextFileSync(real(path)),
    readFileSync: (path: Path) => readFileSync(real(path)),
    readDirSync: (path: Path) => [...readDirSync(real(path))],
    statSync: (path: Path) => statSync(real(path)),
    lstatSync: (path: Path) => lstatSync(entry(path)),
    writeTextFileSync: (path: Path, text: string, given?: WriteOptions) =>
      writeTextFileSync(writable(target(path)), `${text}`, options(given)),
    writeFileSync: (path: Path, bytes: Uint8Array, given?: WriteOptions) =>
      writeFileSync(writable(target(path)), bytes, options(given)),
    mkdirSync: (path: Path, given?: { readonly recursive?: boolean }) =>
      mkdirSync(writable(newFolder(path)), recursive(given)),
    removeSync: (path: Path, given?: { readonly recursive?: boolean }) =>
      removeSync(writable(entry(path)), recursive(given)),
  };
  // Synchronous work behind promises: no code of the plugin runs between resolving a path and using it.
  const later = Object.entries(sync).map(([name, act]) => [
    sliceOf(name, 0, name.length - "Sync".length),
    // deno-lint-ignore require-await -- the promise carries what the synchronous call throws
    async (...args: unknown[]) => (act as (...args: unknown[]) => unknown)(...args),
  ]);
  return {
    ...sync,
    ...Object.fromEntries(later) as object,
    async *readDir(path: Path) {
      yield* sync.readDirSync(path);
    },
  };
}
