/** The files of a project that are its own: tracked, or neither tracked nor ignored. */

import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { gitIn } from "../store/git.ts";

/** Lists them, relative to the root and sorted; files and links to files that are there. */
export async function listFiles(io: Io, root: string): Promise<readonly string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { code, stdout, why } = await gitIn(io, root)(args);
  if (code !== 0) {
    throw new UserError(`Cannot tell what {{files}} stands for: ${why}`, {
      code: "files_unknown",
      hint: "git lists the files: run this in a working tree of a repository",
    });
  }
  const paths = [...new Set(stdout.split("\0"))].filter((path) => path !== "").toSorted();
  return await existing(io, root, paths);
}

/**
 * Those that are there as files.
 *
 * @throws {UserError} for a name that is no UTF-8: it cannot be handed to a command
 */
export async function existing(
  io: Io,
  root: string,
  paths: readonly string[],
): Promise<readonly string[]> {
  const there: string[] = [];
  for (const path of paths) {
    if (path.includes("\ufffd")) {
      throw new UserError(`Cannot hand ${JSON.stringify(path)} to a command: it is no UTF-8`, {
        code: "path_not_utf8",
        hint: "rename it, or leave it out of `files` by a glob that begins with !",
      });
    }
    // Not by `join`, to which a backslash is a slash. A link that leads nowhere is there all the same.
    const full = `${root}/${path}`;
    const info = await io.fs.stat(full) ?? await io.fs.lstat(full);
    if (info?.isFile || info?.isSymlink) there.push(path);
  }
  return there;
}
