/** What a hook run is to test: what is staged, or the commit that is pushed. */

import { UserError } from "../errors.ts";
import type { FileInfo, Io } from "../io.ts";
import { readIndex, readStatus, statusArguments, type WorkStatus } from "../git/git.ts";
import { type Lineage, showHidden } from "../git/lineage.ts";
import { treeOfIndex } from "../git/work_tree.ts";
import { scratchName } from "./recover.ts";
import type { HookPlaces, Repository } from "./repository.ts";

/** What is tested, and how the working tree differs from it. */
export interface Target {
  /** The repository with a private copy of the index, which holds what is tested and nothing hidden. */
  readonly repository: Repository;
  readonly status: WorkStatus;
  readonly lineage: Lineage;
  /** Why the tree is not known. */
  readonly why?: string;
}

/** What is staged. The user's index is only read. */
export async function stagedTarget(
  io: Io,
  original: Repository,
  places: HookPlaces,
): Promise<Target> {
  const repository = await withCopy(io, original, places);
  const [status, tree] = await Promise.all([statusOf(repository), treeOf(io, repository, places)]);
  const { commit, branch } = status;
  const dirty = tree.id === null ? null : tree.id !== original.headTree;
  return { repository, status, lineage: { commit, branch, dirty, tree: tree.id }, ...tree.why };
}

/**
 * Whether what was tested is still what is staged: a command may have called `git add`, and git commits what it
 * finds then.
 */
export async function isStillStaged(
  io: Io,
  original: Repository,
  places: HookPlaces,
  { tested, before }: { readonly tested: string | null; readonly before: FileInfo | undefined },
): Promise<boolean> {
  const now = await io.fs.stat(original.index);
  const isUntouched = now?.ino === before?.ino && now?.size === before?.size &&
    now?.mtimeMs === before?.mtimeMs && now?.ctimeMs === before?.ctimeMs;
  if (isUntouched) return true;
  const { id } = await treeOf(io, await withCopy(io, original, places), places);
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
  const lineage = { commit, branch, dirty: false, tree: original.headTree ?? null };
  return { repository, status, lineage };
}

/** Paths that the user's own index tracks, as far as they differ from the commit. */
export async function stagedPaths(repository: Repository): Promise<ReadonlySet<string>> {
  return new Set((await statusOf(repository)).entries.map(({ path }) => path));
}

async function withCopy(
  io: Io,
  original: Repository,
  { folder }: HookPlaces,
): Promise<Repository> {
  const index = `${folder}/index`;
  await io.fs.remove(index);
  const info = await io.fs.stat(original.index);
  if (info) {
    const bytes = await io.fs.readBytes(original.index);
    const facts = { hashBytes: original.hashBytes, mtimeMs: info.mtimeMs };
    const read = readIndex(bytes, facts);
    if (read) await showHidden(io, original, read);
    await io.fs.writeAtomic(index, read?.copy ?? bytes);
  }
  const env = { ...original.env, GIT_INDEX_FILE: index };
  return {
    ...original,
    index,
    env,
    git: (args, own = {}) => original.git(args, { GIT_INDEX_FILE: index, ...own }),
  };
}

async function statusOf(repository: Repository): Promise<WorkStatus> {
  return readStatus(await mustSucceed(repository, statusArguments));
}

async function mustSucceed({ git }: Repository, args: readonly string[]): Promise<string> {
  const { code, stdout, why } = await git(args);
  if (code === 0) return stdout;
  throw new UserError(`Cannot tell what is staged: git ${args[0]}: ${why}`, {
    code: "git_failed",
  });
}

async function treeOf(
  io: Io,
  { git, index, objects }: Repository,
  { folder }: HookPlaces,
): Promise<{ readonly id: string | null; readonly why?: { readonly why: string } }> {
  try {
    const scratch = `${folder}/${scratchName}`;
    return { id: await treeOfIndex(io, git, { index, objects, scratch }) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    return { id: null, why: { why: `git cannot tell the tree: ${(error as Error).message}` } };
  }
}
