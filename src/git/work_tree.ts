import type { Io } from "../io.ts";
import { guarded } from "../failure.ts";
import { everythingElse, type Git } from "./git.ts";
import { ulid } from "../ulid.ts";

export interface IndexRequest {
  /** A copy: git notes in it what it learned. */
  readonly index: string;
  /** The repository's own object store, which is only read. */
  readonly objects: string;
  /** For the objects that are made; removed afterwards. */
  readonly scratch: string;
}

/** The git tree of what an index holds. Throws an error that says why when git cannot tell. */
export async function treeOfIndex(
  io: Io,
  git: Git,
  { index, objects, scratch }: IndexRequest,
): Promise<string> {
  try {
    await guarded(`create ${scratch}`, () => io.fs.mkdir(scratch));
    const env = { GIT_INDEX_FILE: index, ...scratchObjects(scratch, objects) };
    const { code, stdout, why } = await git(["write-tree", "--missing-ok"], env);
    if (code !== 0) throw new Error(why);
    return stdout.trim();
  } finally {
    await io.fs.remove(scratch);
  }
}

/** New objects go into a store of their own. */
function scratchObjects(scratch: string, objects: string): Record<string, string> {
  return {
    GIT_OBJECT_DIRECTORY: scratch,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted(objects),
    // What a partial clone left out is not fetched to be hashed.
    GIT_NO_LAZY_FETCH: "1",
  };
}

/** A repository within the repository, and what stands for it in the tree. */
export interface Link {
  readonly path: string;
  /** A commit's id, or a tree's where no commit says what is on disk. */
  readonly id: string;
}

export interface TreeRequest {
  readonly root: string;
  /** The repository's own object store, which is only read. */
  readonly objects: string;
  readonly headTree: string | undefined;
  /** Private copy of the index, for what it knows of files that did not change; `undefined`: none. */
  readonly copy: Uint8Array | undefined;
  readonly links: readonly Link[];
  /** Files that do not count: pathspecs relative to the root. */
  readonly except: readonly string[];
}

/** A path in a list that is separated by colons. */
function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, "\\$&")}"`;
}

/**
 * The git tree of what is on disk, written into a temporary object store with a temporary index. Throws an
 * error that says why when git cannot tell.
 */
export async function writeTree(io: Io, git: Git, request: TreeRequest): Promise<string> {
  const folder = `${request.root}/.assay/tmp/tree-${ulid(io)}`;
  try {
    await guarded(`create ${folder}`, async () => {
      await io.fs.mkdir(`${folder}/objects`);
      if (request.copy?.length) await io.fs.writeAtomic(`${folder}/index`, request.copy);
    });
    const env = {
      GIT_INDEX_FILE: `${folder}/index`,
      ...scratchObjects(`${folder}/objects`, request.objects),
    };
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, why } = await git(args, env);
      if (code !== 0) throw new Error(why);
      return stdout.trim();
    };
    // Without a copy: tracked files that match a pattern of ignored ones are in the commit alone.
    if (!request.copy && request.headTree) await run("read-tree", request.headTree);
    const links = request.links.map(({ path }) => `:(top,exclude,literal)${path}`);
    await run("add", "--all", "--", ...everythingElse, ...links, ...request.except);
    if (request.links.length > 0) {
      const entries = request.links.flatMap((
        { path, id },
      ) => ["--cacheinfo", `160000,${id},${path}`]);
      await run("update-index", "--add", ...entries);
    }
    return await run("write-tree", "--missing-ok");
  } finally {
    await io.fs.remove(folder);
  }
}
