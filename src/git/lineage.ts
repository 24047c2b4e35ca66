import { messageOf } from "../errors.ts";
import type { Io } from "../io.ts";
import {
  everythingElse,
  type Git,
  gitIn,
  type GitIndex,
  type GitMode,
  type GitResult,
  readIndex,
  readStatus,
  statusArguments,
  watchfulWith,
  type WorkStatus,
} from "./git.ts";
import { markWork, type WorkMarks } from "./work_marks.ts";
import { guarded } from "../failure.ts";
import { ulid } from "../ulid.ts";
import { dirname } from "@std/path";

/** A run's place in the project's history; `null` where unknown. */
export interface Lineage {
  readonly commit: string | null;
  /** `null` also where no branch is checked out. */
  readonly branch: string | null;
  /** Whether anything differs from the commit, untracked files included. */
  readonly dirty: boolean | null;
  /**
   * Git tree of what is on disk in the whole repository that holds the root, as checks may reach
   * outside the root: untracked files included, ignored ones and assay's own not. Contents count as
   * git would store them, after line endings and clean filters. A dirty submodule counts with the tree of
   * its working files in place of its commit.
   */
  readonly tree: string | null;
}

export interface LineageReading {
  readonly lineage: Lineage;
  readonly why?: string;
  /** The state of the files, to detect changes later; absent where git cannot tell. */
  readonly marks?: WorkMarks;
}

export interface LineageOptions {
  /**
   * Files of the project that its own commands write: they are evidence, not its subject. Paths
   * relative to the root, in which `*` matches anything. Asked for only where something has changed.
   */
  readonly written?: Promise<readonly string[]>;
  /** How many repositories lie around this one. */
  readonly depth?: number;
}

const nothing: Lineage = { commit: null, branch: null, dirty: null, tree: null };

/** Repositories within repositories that are followed; deeper ones make the tree unknown. */
const depthLimit = 8;

/** More files than this that git is told not to look for are a sparse checkout, which git itself checks. */
const skippedLimit = 1000;

/**
 * Commit, branch and tree of the project at `root`, an absolute path. The user's index and object store are
 * left as they are. A clean repository costs two git processes side by side, a dirty one two more.
 */
export async function lineage(
  io: Io,
  root: string,
  options: LineageOptions = {},
): Promise<Lineage> {
  return (await readLineage(io, root, options)).lineage;
}

/** As {@linkcode lineage}, with the reason for what is unknown. */
export async function readLineage(
  io: Io,
  root: string,
  options: LineageOptions = {},
): Promise<LineageReading> {
  let mode: GitMode;
  try {
    mode = await lookingMode(io, root);
  } catch (error) {
    return { lineage: nothing, why: messageOf(error) };
  }
  const git = gitIn(io, root, mode);
  const [answer, status] = await Promise.all([git(placeArguments), git(statusArguments)]);
  const place = placeOf(answer);
  if (typeof place === "string") return { lineage: nothing, why: place };
  if (status.code !== 0) return { lineage: nothing, why: status.why };
  const work = readStatus(status.stdout);
  const marks = { ...await markWork(io, place.top, work), mode };
  return { ...await readRepository(io, root, git, place, work, options), marks };
}

async function readRepository(
  io: Io,
  root: string,
  git: Git,
  place: GitFolders,
  status: WorkStatus,
  { written, depth = 0 }: LineageOptions,
): Promise<LineageReading> {
  const index = await openIndex(io, place);
  if (!isSeen(root, place, status, index)) {
    return { lineage: nothing, why: `the repository ${place.top} ignores the project root` };
  }
  const { commit, branch, changed } = status;
  // Both an unreadable and a readable index may hide changes.
  const shown = index !== undefined && await showHidden(io, place, index);
  const hides = index === undefined || index.unseen > 0 || shown;
  if (!changed && !hides && place.headTree !== undefined) {
    return { lineage: { commit, branch, dirty: false, tree: place.headTree } };
  }
  const known = { commit, branch, dirty: changed ? true : null };
  try {
    const links = await linksOf(io, place, status, depth);
    const except = (await written ?? []).map(exceptPath);
    const tree = await writeTree(io, git, { root, ...place, copy: index?.copy, links, except });
    return { lineage: { ...known, dirty: changed || tree !== place.headTree, tree } };
  } catch (error) {
    return {
      lineage: { ...known, tree: null },
      why: `git cannot hash the tree: ${messageOf(error)}`,
    };
  }
}

/**
 * Leaves a path out. `git add` refuses a pathspec that names an ignored file, even to exclude it, but not
 * a pattern that matches one: so one letter becomes a character class.
 */
function exceptPath(path: string): string {
  const escaped = path.replaceAll(/[?[\]\\]/g, "\\$&");
  return `:(exclude,glob)${escaped.replace(/[A-Za-z0-9]/, "[$&]")}`;
}

/** The index; an empty one when there is none yet; `undefined` when its kind cannot be copied. */
async function openIndex(io: Io, { index, hashBytes }: GitFolders): Promise<GitIndex | undefined> {
  const info = await io.fs.stat(index);
  if (!info) return { copy: new Uint8Array(), unseen: 0, skipped: [], holds: () => false };
  return readIndex(await io.fs.readBytes(index), { hashBytes, mtimeMs: info.mtimeMs });
}

/** Whether git sees the project at all: in an ignored folder, no change would show. */
function isSeen(root: string, { top }: GitFolders, status: WorkStatus, index?: GitIndex): boolean {
  const prefix = root === top ? "" : `${root.slice(top.length + 1)}/`;
  if (prefix === "" || index === undefined) return true;
  return index.holds(prefix) || status.untracked.some((path) => path.startsWith(prefix));
}

/** Makes git look at existing files that it was told to skip; returns whether there were any. */
export async function showHidden(
  io: Io,
  { top }: { readonly top: string },
  { skipped }: GitIndex,
): Promise<boolean> {
  if (skipped.length > skippedLimit) return false;
  const present = await Promise.all(
    skipped.map(async (entry) => await io.fs.lstat(`${top}/${entry.path}`) ? entry : undefined),
  );
  for (const entry of present) entry?.show();
  return present.some((entry) => entry !== undefined);
}

/**
 * Nested repositories whose files are not those of a commit: changed submodules, and repositories that are
 * not tracked. In the tree, their working trees replace a commit.
 */
async function linksOf(
  io: Io,
  { top }: GitFolders,
  status: WorkStatus,
  depth: number,
): Promise<Link[]> {
  const paths = [...status.submodules, ...status.nested];
  if (paths.length > 0 && depth >= depthLimit) {
    throw new Error("repositories are nested too deeply");
  }
  const links: Link[] = [];
  for (const path of paths) {
    const { lineage, why } = await readLineage(io, `${top}/${path}`, { depth: depth + 1 });
    if (lineage.tree === null) throw new Error(`${path}: ${why}`);
    // A clean one equals its commit, and stays the same once tracked.
    const id = lineage.dirty === false && lineage.commit ? lineage.commit : lineage.tree;
    links.push({ path, id });
  }
  return links;
}

// What lineage asks git first.

/** Where a repository keeps its parts. */
export interface GitFolders {
  /** Of the working tree. */
  readonly top: string;
  /** Only for this working tree, where it is one of several. */
  readonly gitDir: string;
  /** Bytes of an object's name. */
  readonly hashBytes: number;
  readonly index: string;
  readonly objects: string;
  /** `undefined`: no commit yet. */
  readonly headTree: string | undefined;
}

export const placeArguments = [
  ...["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-dir"],
  ...["--show-object-format", "--git-path", "index", "--git-path", "objects", "HEAD^{tree}"],
];

/** The places, or why git cannot tell them. */
export function placeOf({ code, stdout, why }: GitResult): GitFolders | string {
  // Without a commit git prints the rest, then the last argument verbatim, and fails.
  const [top, gitDir, format, index, objects, tree, ...more] = stdout.trimEnd().split("\n");
  if (!top || !gitDir || !index || !objects) return why;
  if (more.length > 0) return "the repository's path holds a line break";
  const headTree = code === 0 ? tree : undefined;
  return { top, gitDir, hashBytes: format === "sha256" ? 32 : 20, index, objects, headTree };
}

// The tree of what is staged or on disk.

interface IndexRequest {
  /** A copy, because git writes to it what it learned. */
  readonly index: string;
  /** The repository's own object store, which is only read. */
  readonly objects: string;
  /** For newly created objects; removed afterwards. */
  readonly scratch: string;
}

type Run = (...args: string[]) => Promise<string>;

/** The git tree of what an index holds, once `fill` filled it. Throws an error with the reason when git fails. */
export async function treeOfIndex(
  io: Io,
  git: Git,
  { index, objects, scratch }: IndexRequest,
  fill?: (run: Run) => Promise<void>,
): Promise<string> {
  try {
    await guarded(`create ${scratch}`, () => io.fs.mkdir(scratch));
    const env = {
      GIT_INDEX_FILE: index,
      GIT_OBJECT_DIRECTORY: scratch,
      // A colon-separated list.
      GIT_ALTERNATE_OBJECT_DIRECTORIES: `"${objects.replaceAll(/["\\]/g, "\\$&")}"`,
      // Objects that a partial clone left out are not fetched for hashing.
      GIT_NO_LAZY_FETCH: "1",
    };
    const run: Run = async (...args) => {
      const { code, stdout, why } = await git(args, env);
      if (code !== 0) throw new Error(why);
      return stdout.trim();
    };
    await fill?.(run);
    return await run("write-tree", "--missing-ok");
  } finally {
    await io.fs.remove(scratch);
  }
}

/** A repository within the repository, and what represents it in the tree. */
interface Link {
  readonly path: string;
  /** A commit's id, or a tree's where no commit says what is on disk. */
  readonly id: string;
}

interface TreeRequest extends Pick<GitFolders, "objects" | "headTree"> {
  readonly root: string;
  /** Private copy of the index, for what it knows about unchanged files; `undefined`: none. */
  readonly copy: Uint8Array | undefined;
  readonly links: readonly Link[];
  /** Pathspecs of files that do not count, relative to the root. */
  readonly except: readonly string[];
}

/** The git tree of what is on disk, written with a temporary index. */
async function writeTree(io: Io, git: Git, request: TreeRequest): Promise<string> {
  const { objects, copy, headTree, links, except } = request;
  const scratch = `${request.root}/.assay/tmp/tree-${ulid(io)}`;
  const index = `${scratch}/index`;
  return await treeOfIndex(io, git, { index, objects, scratch }, async (run) => {
    if (copy?.length) await guarded(`create ${scratch}`, () => io.fs.writeAtomic(index, copy));
    // Without a copy: tracked files that match an ignore pattern are only in the commit.
    if (!copy && headTree) await run("read-tree", headTree);
    const others = links.map(({ path }) => `:(top,exclude,literal)${path}`);
    await run("add", "--all", "--", ...everythingElse, ...others, ...except);
    const entries = links.flatMap(({ path, id }) => ["--cacheinfo", `160000,${id},${path}`]);
    if (entries.length > 0) await run("update-index", "--add", ...entries);
  });
}

// Git that starts no program named in a repository's own configuration, which an unpacked folder may contain.
// Programs that the user's or the machine's configuration names are started as usual.

/** Scopes of git's configuration that belong to the repository. */
const own: readonly (string | undefined)[] = ["local", "worktree"];

/** How to start git in the repository around `root`. It looks into submodules by itself. */
export async function lookingMode(io: Io, root: string): Promise<GitMode> {
  const settings = await withoutFilters(
    io,
    root,
    depthLimit,
    watchfulWith({ settings: [], env: {} }),
  );
  // Nothing is fetched: in a partial clone that could start what `remote` or `core.sshCommand` names.
  return watchfulWith({ settings, env: { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "none" } });
}

async function withoutFilters(
  io: Io,
  folder: string,
  depth: number,
  mode: GitMode,
): Promise<string[]> {
  if (depth < 0) throw new Error("repositories are nested too deeply");
  const [settings, paths] = await Promise.all([
    ownFilters(io, folder, mode),
    submodules(io, folder, mode),
  ]);
  for (const path of paths) {
    // A folder that is not a repository must not be taken for the one around it.
    const inside = watchfulWith({ settings: [], env: { GIT_CEILING_DIRECTORIES: dirname(path) } });
    settings.push(...await withoutFilters(io, path, depth - 1, inside));
  }
  return settings;
}

/** Settings that reset filters configured by the repository to what other scopes say, or to nothing. */
async function ownFilters(io: Io, folder: string, mode: GitMode): Promise<string[]> {
  const { code, stdout, why } = await gitIn(io, folder, mode)([
    ...["config", "--includes", "--show-scope", "-z", "--get-regexp", "^filter\\."],
  ]);
  // Exit code 1: there are none.
  if (code > 1) throw new Error(why);
  const said = new Set<string>();
  const others: Record<string, string> = {};
  const entries = stdout.matchAll(/([^\0]*)\0([^\n\0]*)(?:\n([^\0]*))?\0/g);
  for (const [, scope, key, value = "true"] of entries) {
    if (own.includes(scope)) said.add(readable(key!));
    else others[key!] = value;
  }
  // An empty `process` would keep git from using `clean`, so only keys that the repository sets are reset.
  const keys = [...said].flatMap((key) => [key, key.replace(/[^.]*$/, "required")]);
  return keys.flatMap((key) => {
    const without = key.endsWith(".required") ? "false" : "";
    return ["-c", `${key}=${others[key] ?? without}`];
  });
}

async function submodules(io: Io, folder: string, mode: GitMode): Promise<string[]> {
  const git = gitIn(io, folder, mode);
  const [top, { stdout }] = await Promise.all([
    git(["rev-parse", "--show-toplevel"]),
    git(["ls-files", "--stage", "--full-name", "-z", "--", ":(top)"]),
  ]);
  const links = Array.from(
    stdout.matchAll(/(?<=^|\0)160000 [^\t]*\t([^\0]*)/g),
    ([, path]) => `${top.stdout.replace(/\n$/, "")}/${readable(path!)}`,
  );
  const there = await Promise.all(links.map((path) => io.fs.lstat(`${path}/.git`)));
  return links.filter((_, index) => there[index] !== undefined);
}

/** A name that is safe to pass to git or the system as it is. */
function readable(name: string): string {
  if (/[=\ufffd]/.test(name)) {
    const why = `${JSON.stringify(name)} cannot be named to it`;
    throw new Error(`git cannot be kept from starting the repository's filters: ${why}`);
  }
  return name;
}
