/**
 * Which files of the machine a plugin's modules may be. The loader reads with all that assay may read, and
 * what it reads the plugin gets: without a border, one `import` of JSON would be a grant nobody gave.
 */

import { dirname } from "@std/path";
import { messageOf } from "../errors.ts";
import { type Io, isNotFound } from "../io.ts";
import { isWithin } from "../text/paths.ts";
import { toPath } from "./_address.ts";
import { refusal, type Refused } from "./_refusal.ts";

/**
 * The folders that the files of a plugin lie in, links followed: the project's root, and that of the
 * plugin's own entry, which may be anywhere, as the user chose it.
 */
export async function localFolders(
  io: Io,
  root: string,
  entry: string,
): Promise<readonly string[]> {
  const folders = entry.startsWith("file:") ? [root, dirname(toPath(entry))] : [root];
  const real = folders.map(async (folder) => {
    try {
      return [await io.fs.realPath(folder)];
    } catch {
      // Nothing lies in a folder that is not there; whoever reads the entry tells what is wrong.
      return [];
    }
  });
  return (await Promise.all(real)).flat();
}

/**
 * The path of an imported file, links followed.
 *
 * @throws {UserError} `module_file_outside` when it is in none of the folders; nothing of it was read then.
 */
export async function importedPath(
  io: Io,
  url: string,
  folders: readonly string[],
  refused: Refused,
): Promise<string> {
  const path = await realPathOf(io, toPath(url), refused);
  if (folders.some((folder) => isWithin(path, folder))) return path;
  const led = path === toPath(url) ? "it lies" : `it leads to ${path}, which lies`;
  const why = `${led} outside of the project and of the folder of the plugin's own entry`;
  const hint =
    "Plugins import files of the project and those beside their entry; what else it is " +
    "to read, grant it with read in its [[plugin]] table";
  throw refusal("module_file_outside", refused, why, hint);
}

/** Whether an imported file is still where it may be. */
export async function mayImport(
  io: Io,
  url: string,
  folders: readonly string[],
): Promise<boolean> {
  try {
    const path = await io.fs.realPath(toPath(url));
    return folders.some((folder) => isWithin(path, folder));
  } catch {
    // Whoever loads it tells why it cannot be read.
    return false;
  }
}

/** The path of a file with all links followed. */
async function realPathOf(io: Io, path: string, refused: Refused): Promise<string> {
  try {
    return await io.fs.realPath(path);
  } catch (error) {
    const why = isNotFound(error) ? `there is no file ${path}` : messageOf(error);
    throw refusal("module_not_found", refused, why, undefined, error);
  }
}
