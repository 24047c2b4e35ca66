/** Finds the project a folder belongs to. */

import { dirname, join } from "@std/path";
import type { Io } from "../io.ts";

/**
 * The nearest folder from `start` upwards that holds `.assay/` or `.codeloop/`; else the top of the git
 * working tree (`.git` is a folder, or a file in worktrees and submodules); else `start`. Absolute and
 * real.
 */
export async function findRoot(io: Io, start: string): Promise<string> {
  const real = await io.fs.realPath(start);
  let gitTop: string | undefined;
  for (let folder = real;; folder = dirname(folder)) {
    const [assay, codeloop, git] = await Promise.all(
      [".assay", ".codeloop", ".git"].map((name) => io.fs.stat(join(folder, name))),
    );
    if (assay?.isDirectory || codeloop?.isDirectory) return folder;
    if (git) gitTop ??= folder;
    // A project lies inside its working tree: what is above belongs to somebody else.
    if (gitTop !== undefined || dirname(folder) === folder) return gitTop ?? real;
  }
}
