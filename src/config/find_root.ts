/** Finds the project a folder belongs to. */

import { dirname, join } from "@std/path";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";

const markers = [".assay", ".codeloop", ".git"] as const;

/**
 * The nearest folder from `start` upwards that holds `.assay/` or `.codeloop/`; else the top of the git
 * working tree (`.git` is a folder, or a file in worktrees and submodules); else `start`. Absolute and
 * real.
 *
 * @throws {UserError} if what makes a folder above `start` the project belongs to another user: otherwise anyone
 * who can write to `/tmp` could decide what runs in every folder below.
 */
export async function findRoot(io: Io, start: string): Promise<string> {
  const real = await io.fs.realPath(start);
  for (let folder = real;; folder = dirname(folder)) {
    const infos = await Promise.all(markers.map((name) => io.fs.stat(join(folder, name))));
    const [assay, codeloop, git] = infos;
    // A project is inside its working tree: what is above belongs to someone else.
    const marker = assay?.isDirectory ? 0 : codeloop?.isDirectory ? 1 : git ? 2 : undefined;
    if (marker !== undefined) {
      if (folder !== real) await checkOwner(io, real, join(folder, markers[marker]!));
      return folder;
    }
    if (dirname(folder) === folder) return real;
  }
}

async function checkOwner(io: Io, start: string, path: string): Promise<void> {
  const [mine, ...owners] = (await Promise.all([
    io.fs.stat(start),
    io.fs.stat(path),
    // If it is a link, check the owner of the link too.
    io.fs.lstat(path),
  ])).map((info) => info?.uid ?? null);
  const foreign = owners.filter((uid) => uid !== null && uid !== 0 && uid !== mine);
  // Finding one's own user id takes more than a lookup.
  const self = foreign.length > 0 ? io.uid() : null;
  const other = foreign.find((uid) => uid !== self);
  if (other === undefined) return;
  throw new UserError(
    `Refusing to use ${path}: another user (uid ${other}) owns it and could decide what runs here`,
    {
      code: "foreign_root",
      hint: `if you mean that project: --root ${dirname(path)}`,
    },
  );
}
