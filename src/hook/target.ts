/**
 * What a hook run tests, in the repository named by the calling git: what is staged, or the commit
 * that is pushed.
 *
 * @module
 */

import { join, relative, resolve } from "@std/path";
import { messageOf, UserError } from "../errors.ts";
import {
  type Git,
  gitIn,
  type GitResult,
  readStatus,
  statusArguments,
  type WorkStatus,
} from "../git/git.ts";
import {
  bytesWithin,
  type GitFolders,
  type Lineage,
  type LineageReading,
  linkedRepositories,
  placeArguments,
  placeOf,
  unlinkedFiles,
} from "../git/lineage.ts";
import { bytesOf } from "../git/bytes.ts";
import { conversionsOf, settingsOf } from "../git/looking_mode.ts";
import { readIndex } from "../git/index_file.ts";
import { copyIndex } from "../git/private_index.ts";
import { treeId } from "../git/tree_id.ts";
import { markWork } from "../git/work_marks.ts";
import { guarded } from "../failure.ts";
import { type FileInfo, type Io, isNotFound } from "../io.ts";
import { closeFolders } from "../process/programs.ts";
import { parseToml } from "../text/toml.ts";
import { type HookPlaces, scratchName } from "./journal.ts";
import { isUntouched } from "./move.ts";

/** Its index is what will be committed: git creates a separate one for `commit -a` and `commit FILE`. */
export interface Repository extends GitFolders {
  /** Git at the top of this working tree, with this index. */
  readonly git: Git;
  /** The variables that select them. */
  readonly env: Readonly<Record<string, string>>;
}

/** The repository with a copy of the index, which was made in that second: see `PrivateIndex`. */
interface Copied extends Repository {
  readonly second: number;
}

/** Variables in which git tells its hooks what it works on. */
const given = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] as const;

/** Finds it from `start`, or from git's variables in the environment. */
export async function openRepository(io: Io, start: string): Promise<Repository> {
  const passed = given.flatMap((name) => {
    const value = io.env(name);
    return value ? [[name, resolve(io.cwd, value)] as const] : [];
  });
  const isPlaced = passed.some(([name]) => name !== "GIT_INDEX_FILE");
  const ask = gitIn(io, isPlaced ? io.cwd : start);
  const place = placeOf(await ask(placeArguments, Object.fromEntries(passed)));
  if (typeof place === "string") {
    throw new UserError(`Not in a git working tree: ${place}`, {
      code: "no_repository",
      hint: "hooks belong to git: run this in the working tree of a repository",
    });
  }
  const { top, gitDir, index } = place;
  closeFolders(io, [top], "inside the workspace");
  const env = { GIT_DIR: gitDir, GIT_WORK_TREE: top, GIT_INDEX_FILE: index };
  const git = gitIn(io, top);
  return { ...place, env, git: (args, own = {}, input) => git(args, { ...env, ...own }, input) };
}

/** Variables that tell git where to work. Git in a hook's commands must work where they are. */
const locating =
  /^GIT_(DIR|WORK_TREE|IMPLICIT_WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|GRAFT_FILE|SHALLOW_FILE|NAMESPACE|QUARANTINE_PATH|INTERNAL_SUPER_PREFIX)$/;

/** The environment without what git sets for its hooks. */
export function outsideOfHook(io: Io): Io {
  const environment = () =>
    Object.fromEntries(Object.entries(io.environment()).filter(([name]) => !locating.test(name)));
  return { ...io, environment, env: (name) => locating.test(name) ? undefined : io.env(name) };
}

/** What is tested, and how the working tree differs from it. */
export interface Target {
  /** The copy of the index holds what is tested and nothing hidden. */
  readonly repository: Copied;
  readonly status: WorkStatus;
  readonly lineage: Lineage;
  /** Why the tree is unknown. */
  readonly why?: string;
}

/** What is staged. The user's index is only read. */
export async function stagedTarget(
  io: Io,
  original: Repository,
  places: HookPlaces,
): Promise<Target> {
  const repository = await withCopy(io, original, places);
  const [status, tree] = await Promise.all([statusOf(repository), treeOf(io, repository)]);
  const { commit, branch } = status;
  const dirty = tree.id === null ? null : tree.id !== original.headTree;
  return {
    repository,
    status,
    lineage: { commit, branch, dirty, tree: tree.id, bytes: null },
    ...tree.why,
  };
}

/**
 * Whether what was tested is still what is staged: a command may have called `git add`, and git then commits
 * that.
 */
export async function isStillStaged(
  io: Io,
  original: Repository,
  places: HookPlaces,
  { tested, before }: { readonly tested: string | null; readonly before: FileInfo | undefined },
): Promise<boolean> {
  const now = await io.fs.stat(original.index);
  if (isUntouched(before, now)) return true;
  const { id } = await treeOf(io, await withCopy(io, original, places));
  return id !== null && id === tested;
}

/** The commit that is checked out, whatever is staged. */
export async function headTarget(
  io: Io,
  original: Repository,
  places: HookPlaces,
): Promise<Target> {
  const repository = await withCopy(io, original, places);
  const staged = await statusOf(repository);
  const isHead = staged.entries.every(({ index, isUnmerged }) => index === "." && !isUnmerged);
  if (!isHead) await mustSucceed(repository, ["read-tree", "--reset", "HEAD"]);
  const status = isHead ? staged : await statusOf(repository);
  const { commit, branch } = status;
  const lineage = { commit, branch, dirty: false, tree: original.headTree ?? null, bytes: null };
  return { repository, status, lineage };
}

/** Paths that the user's own index tracks, if they differ from the commit. */
export async function stagedPaths(repository: Repository): Promise<ReadonlySet<string>> {
  return new Set((await statusOf(repository)).entries.map(({ path }) => path));
}

async function withCopy(
  io: Io,
  original: Repository,
  { folder }: HookPlaces,
): Promise<Copied> {
  const index = `${folder}/index`;
  await io.fs.remove(index);
  await io.fs.mkdir(folder);
  const { second } = await copyIndex(io, original.git, original, index);
  const env = { ...original.env, GIT_INDEX_FILE: index };
  return {
    ...original,
    second,
    index,
    env,
    git: (args, own = {}, input) => original.git(args, { GIT_INDEX_FILE: index, ...own }, input),
  };
}

async function statusOf(repository: Repository): Promise<WorkStatus> {
  return readStatus(await mustSucceed(repository, statusArguments));
}

async function mustSucceed({ git }: Repository, args: readonly string[]): Promise<GitResult> {
  const result = await git(args);
  if (result.code === 0) return result;
  throw new UserError(`Cannot read what is staged: git ${args[0]}: ${result.why}`, {
    code: "git_failed",
  });
}

async function treeOf(
  io: Io,
  { index, hashBytes }: Repository,
): Promise<{ readonly id: string | null; readonly why?: { readonly why: string } }> {
  try {
    const bytes = await io.fs.stat(index) ? await io.fs.readBytes(index) : new Uint8Array();
    return { id: await treeId(bytes, hashBytes) };
  } catch (error) {
    return { id: null, why: { why: `the tree cannot be computed: ${messageOf(error)}` } };
  }
}

/** The state of the files when what is tested lies on disk, and the submodules in which something else lies. */
export async function stateOf(
  io: Io,
  { repository, status, lineage }: Target,
  kept: readonly string[],
  { folder }: HookPlaces,
): Promise<Pick<LineageReading, "lineage" | "marks" | "mismatched">> {
  const { top, env, git, hashBytes, second } = repository;
  const scratch = `${folder}/${scratchName}`;
  const file = `${scratch}/marks`;
  try {
    await guarded(`create ${scratch}`, () => io.fs.mkdir(scratch));
    const original = await io.fs.stat(repository.index);
    if (original) await io.fs.copy(repository.index, file);
    // What is on disk counts, whatever is staged: a hook in the working tree stays as it is.
    const differing = status.entries.filter(({ work, isSubmodule }) => work !== "." && !isSubmodule)
      .map(({ path }) => path);
    const names = [...differing, ...kept].flatMap((path) => [path, "\0"]).join("");
    const options = ["-q", "--refresh", "--info-only", "--add", "--remove", "--replace"];
    // Its exit code tells that a file differs, which is known.
    await git(
      ["update-index", ...options, "-z", "--stdin"],
      { GIT_INDEX_FILE: file },
      new TextEncoder().encode(names),
    );
    const tested = original ? await io.fs.readBytes(repository.index) : new Uint8Array();
    const { links = [], hasAttributes = false } = readIndex(tested, { hashBytes, mtimeMs: null }) ??
      {};
    const look = { scratch, depth: 0 };
    const within = await linkedRepositories(io, top, { links }, look);
    const bare = await unlinkedFiles(io, git, repository, { links }, look);
    const marks = await markWork(io, top, { file, hashBytes, second }, []);
    const request = {
      ...repository,
      file,
      content: marks.index,
      hasAttributes,
      counts: () => true,
    };
    const conversions = conversionsOf(await settingsOf(io, top));
    return {
      lineage: {
        ...lineage,
        bytes: await bytesOf(io, { ...request, conversions }, bytesWithin(within)),
      },
      marks: {
        ...marks,
        env,
        within: within.flatMap(({ reading }) => reading.marks ?? []),
      },
      mismatched: [...within.filter(({ id, pinned }) => id !== pinned), ...bare]
        .map(({ path }) => path),
    };
  } finally {
    await io.fs.remove(scratch);
  }
}

const configFiles = [".assay/config.toml", ".assay/config.json"] as const;

/**
 * Whether untracked files stay where they are, by the configuration that is tested. Errors in the file are
 * reported when the configuration is loaded.
 */
export async function keepsUntracked(io: Io, root: string, target: Target): Promise<boolean> {
  for (const file of configFiles) {
    const text = await configText(io, root, file, target);
    if (text === undefined) continue;
    try {
      const value = file.endsWith(".toml") ? await parseToml(text) : JSON.parse(text);
      const hook = (value as { hook?: { untracked?: unknown } }).hook;
      return hook?.untracked === "keep";
    } catch {
      return false;
    }
  }
  return false;
}

async function configText(
  io: Io,
  root: string,
  file: string,
  { repository: { git, top }, status }: Target,
): Promise<string | undefined> {
  const path = relative(top, join(root, file));
  if (status.entries.some((entry) => entry.path === path && entry.work !== ".")) {
    const { code, stdout } = await git(["cat-file", "blob", `:${path}`]);
    return code === 0 ? stdout : undefined;
  }
  try {
    return await io.fs.readText(join(root, file));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
