/** The repository that a hook runs in, as the git that called it says. */

import { join, resolve } from "@std/path";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { closeFolders } from "../process/programs.ts";
import { type Git, gitIn } from "../git/git.ts";

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

// Where hook runs keep what they set aside: in the git folder of the working tree.

/** The places of one working tree. */
export interface HookPlaces {
  readonly folder: string;
  readonly journal: string;
  /** Held by a hook run for as long as it lives. */
  readonly lock: string;
}

/** Says where they are; `gitDir` is absolute. */
export function hookPlaces(gitDir: string): HookPlaces {
  const folder = join(gitDir, "assay", "hook");
  return { folder, journal: join(folder, "journal.json"), lock: join(folder, "lock") };
}

/** The places of the files of one journal. */
export function sessionPlaces({ folder }: HookPlaces, { session }: { readonly session: string }) {
  const own = join(folder, session);
  const [asides, trashes, folders] = ["aside", "trash", "folders"].map((name) =>
    join(own, name)
  ) as [string, string, string];
  return {
    own,
    folders,
    /** A folder that held nothing else. */
    folder: (index: number) => join(folders, String(index)),
    asides,
    /** The user's version of an entry. */
    aside: (index: number) => join(asides, String(index)),
    trashes,
    /** What was taken from the place of an entry and is still to be looked at. */
    trash: (index: number) => join(trashes, String(index)),
    /** What the index holds lies here by its path. */
    puts: join(own, "put"),
  };
}

// What `git push` tells its hook.

/** One ref that is pushed, not deleted; names as git gives them. */
export interface PushedRef {
  readonly name: string;
  readonly object: string;
  /** What the remote has under that name; absent: nothing, or it is not known here. */
  readonly remote?: string;
}

const isNothing = (object: string) => /^0+$/.test(object);

/** Reads the lines of standard input: https://git-scm.com/docs/githooks#_pre_push */
export function readRefs(text: string): PushedRef[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.flatMap((line): PushedRef[] => {
    const [name, object, , remote] = line.split(" ");
    if (!name || !object || !remote || !/^[0-9a-f]+$/.test(object)) {
      throw new UserError(`Standard input is not what git gives to pre-push: ${line}`, {
        code: "usage",
        hint:
          "git push runs this hook; by hand, pipe lines of LOCAL_REF OBJECT REMOTE_REF OBJECT into it",
      });
    }
    if (isNothing(object)) return [];
    return [{ name, object, ...isNothing(remote) ? {} : { remote } }];
  });
}

/** A commit and its tree. */
export interface Tip {
  readonly commit: string;
  readonly tree: string;
}

/** The commit that a ref names, through tags; `undefined` when it names none. */
export async function tipOf({ git }: Repository, object: string): Promise<Tip | undefined> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options"];
  const [commit, tree] = await Promise.all(
    [`${object}^{commit}`, `${object}^{tree}`].map((name) => git([...args, name])),
  );
  if (commit!.code !== 0 || tree!.code !== 0) return undefined;
  return { commit: lastLine(commit!.stdout), tree: lastLine(tree!.stdout) };
}

/** `--end-of-options` is printed by some versions. */
function lastLine(text: string): string {
  return text.trim().split("\n").at(-1)!;
}

/** The paths that differ between two commits; `undefined` when one is not known here. */
export async function changedBetween(
  { git }: Repository,
  before: string,
  after: string,
): Promise<{ path: string; deleted: boolean }[] | undefined> {
  const args = [
    "diff",
    "--name-status",
    "-z",
    "--no-renames",
    "--no-ext-diff",
    before,
    after,
    "--",
  ];
  const { code, stdout } = await git(args);
  if (code !== 0) return undefined;
  const fields = stdout.split("\0");
  return Array.from({ length: Math.floor(fields.length / 2) }, (_, index) => ({
    path: fields[2 * index + 1]!,
    deleted: fields[2 * index] === "D",
  }));
}
