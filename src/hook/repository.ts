/** The repository that a hook runs in, as the git that called it says. */

import { resolve } from "@std/path";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { closeFolders } from "../programs.ts";
import { type Git, gitIn } from "../store/git.ts";

/** Where it keeps what; absolute paths. */
export interface Repository {
  /** Of the working tree. */
  readonly top: string;
  /** Of this working tree alone, where it is one of several. */
  readonly gitDir: string;
  /** The index that is going to be committed: git makes one of its own for `commit -a` and `commit FILE`. */
  readonly index: string;
  readonly objects: string;
  /** Bytes of an object's name. */
  readonly hashBytes: number;
  /** `undefined`: there is no commit yet. */
  readonly headTree: string | undefined;
  /** Git at the top of this working tree, with this index. */
  readonly git: Git;
  /** The variables that say so. */
  readonly env: Readonly<Record<string, string>>;
}

/** By these git tells its hooks what it works on. */
const given = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] as const;

/** Finds it from `start`, or by what git set in the environment. */
export async function openRepository(io: Io, start: string): Promise<Repository> {
  const told = given.flatMap((name) => {
    const value = io.env(name);
    return value ? [[name, resolve(io.cwd, value)] as const] : [];
  });
  const isPlaced = told.some(([name]) => name !== "GIT_INDEX_FILE");
  const ask = gitIn(io, isPlaced ? io.cwd : start);
  const { code, stdout, why } = await ask([
    ...[
      "rev-parse",
      "--path-format=absolute",
      "--show-toplevel",
      "--git-dir",
      "--show-object-format",
    ],
    ...["--git-path", "index", "--git-path", "objects", "HEAD^{tree}"],
  ], Object.fromEntries(told));
  // Without a commit git prints the rest, then the last argument as it stands, and fails.
  const [top, gitDir, format, index, objects, tree, ...more] = stdout.trimEnd().split("\n");
  if (!top || !gitDir || !index || !objects) throw noRepository(why);
  if (more.length > 0) throw noRepository("its path holds a line break");
  closeFolders(io, [top], "inside the workspace");
  const env = { GIT_DIR: gitDir, GIT_WORK_TREE: top, GIT_INDEX_FILE: index };
  const git = gitIn(io, top);
  return {
    ...{ top, gitDir, index, objects, env },
    hashBytes: format === "sha256" ? 32 : 20,
    headTree: code === 0 ? tree : undefined,
    git: (args, own = {}) => git(args, { ...env, ...own }),
  };
}

function noRepository(why: string): UserError {
  return new UserError(`There is no git working tree here: ${why}`, {
    code: "no_repository",
    hint: "hooks are git's: run this in a working tree of a repository",
  });
}

/** Variables that tell git where to work. What a hook's commands do with git is about where they are. */
const locating =
  /^GIT_(DIR|WORK_TREE|IMPLICIT_WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|GRAFT_FILE|SHALLOW_FILE|NAMESPACE|QUARANTINE_PATH|INTERNAL_SUPER_PREFIX)$/;

/** The world without what git says to its hooks. */
export function outsideOfHook(io: Io): Io {
  const environment = () =>
    Object.fromEntries(Object.entries(io.environment()).filter(([name]) => !locating.test(name)));
  return { ...io, environment, env: (name) => locating.test(name) ? undefined : io.env(name) };
}
