import { messageOf } from "../errors.ts";
import { guarded } from "../failure.ts";
import type { Io } from "../io.ts";
import { ulid } from "../ulid.ts";
import {
  type Git,
  gitIn,
  type GitMode,
  type GitResult,
  isOwn,
  readStatus,
  statusArguments,
  type WorkStatus,
} from "./git.ts";
import type { IndexLink } from "./index_file.ts";
import { bytesOf } from "./bytes.ts";
import {
  type Conversions,
  conversionsOf,
  likelyFolders,
  lookingMode,
  settingsOf,
} from "./looking_mode.ts";
import { copyIndex, type IndexPlace, type PrivateIndex } from "./private_index.ts";
import { joined, treeId } from "./tree_id.ts";
import { markWork, patternOf, type WorkMarks } from "./work_marks.ts";
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
   * its working files in place of its commit, a repository that is not tracked with its files.
   */
  readonly tree: string | null;
  /**
   * SHA-256 of what the tree does not say: path, mode on disk and SHA-256 of every file whose content git does not store
   * byte for byte, and modes that it does not look at. `null`: there is no such file, or the tree is unknown.
   */
  readonly bytes: string | null;
}

export interface LineageReading {
  readonly lineage: Lineage;
  readonly why?: string;
  /** The state of the files, to detect changes later; absent where git cannot tell. */
  readonly marks?: WorkMarks;
  /** Submodules, by their path from the top, in which something else lies than what is tested. */
  readonly mismatched?: readonly string[];
}

export interface LineageOptions {
  /**
   * Files of the project that its own commands write: they are evidence, not its subject. Paths
   * relative to the root, in which `*` matches anything. Asked for only where something has changed.
   */
  readonly written?: Promise<readonly string[]>;
}

/** A look at a repository that may lie in another one. */
interface Look extends LineageOptions {
  /** For temporary files; removed by whoever looks first. */
  readonly scratch: string;
  /** How many repositories lie around this one. */
  readonly depth: number;
}

const nothing: Lineage = { commit: null, branch: null, dirty: null, tree: null, bytes: null };

/** Repositories within repositories that are followed; deeper ones make the tree unknown. */
const depthLimit = 8;

/**
 * Commit, branch and tree of the project at `root`, an absolute path. The user's index and object store are
 * left as they are. A clean repository costs two git processes side by side, a dirty one two or three more.
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
  const scratch = scratchIn(io, root);
  try {
    return await lookAt(io, root, { ...options, scratch, depth: 0 });
  } finally {
    await io.fs.remove(scratch);
  }
}

/** A folder of the project's for temporary files. */
export function scratchIn(io: Io, root: string): string {
  return `${root}/.assay/tmp/tree-${ulid(io)}`;
}

async function lookAt(io: Io, root: string, options: Look): Promise<LineageReading> {
  try {
    const likely = await likelyFolders(io, root);
    const settings = settingsOf(io, root);
    settings.catch(() => {});
    const mode = await lookingMode(io, root, likely, settings);
    // A folder that is not a repository must not be taken for the one around it.
    const inside = options.depth > 0 ? { GIT_CEILING_DIRECTORIES: dirname(root) } : {};
    const git = gitIn(io, root, { ...mode, env: { ...mode.env, ...inside } });
    const asked = git(placeArguments).then(placeOf);
    const [place, early] = await Promise.all([
      asked,
      likely && seenBy(io, git, likely, options.scratch),
    ]);
    if (typeof place === "string") return { lineage: nothing, why: place };
    const isAsExpected = likely !== undefined &&
      (["top", "gitDir", "index", "hashBytes"] as const).every((key) => likely[key] === place[key]);
    const seen = early && isAsExpected ? early : await seenBy(io, git, place, options.scratch);
    if (seen.status.code !== 0) return { lineage: nothing, why: seen.status.why };
    // At the top, because paths are from there.
    const atTop = gitIn(io, place.top, { ...mode, env: { ...mode.env, ...inside } });
    const conversions = conversionsOf(await settings);
    const repository = { git: atTop, mode, conversions, root, place, index: seen.index };
    return await readRepository(io, repository, {
      ...options,
      status: readStatus(seen.status),
    });
  } catch (error) {
    return { lineage: nothing, why: messageOf(error) };
  }
}

/** What git says of the working tree by a private copy of its index. */
async function seenBy(io: Io, git: Git, place: IndexPlace, scratch: string) {
  await guarded(`create ${scratch}`, () => io.fs.mkdir(scratch));
  const index = await copyIndex(io, git, place, `${scratch}/index`);
  // The copy may be brought up to date.
  const env = { GIT_INDEX_FILE: index.file, GIT_OPTIONAL_LOCKS: "1" };
  return { index, status: await git(statusArguments, env) };
}

interface SeenRepository {
  readonly git: Git;
  readonly mode: GitMode;
  readonly conversions: Conversions;
  readonly root: string;
  readonly place: GitFolders;
  readonly index: PrivateIndex;
}

async function readRepository(
  io: Io,
  { git, mode, conversions, root, place, index }: SeenRepository,
  look: Look & { readonly status: WorkStatus },
): Promise<LineageReading> {
  const { status, written } = look;
  const { top } = place;
  const prefix = root === top ? "" : `${root.slice(top.length + 1)}/`;
  const isSeen = prefix === "" || index.holds(prefix) ||
    status.untracked.some((path) => path.startsWith(prefix));
  // In an ignored folder, no change would show.
  if (!isSeen) {
    return { lineage: nothing, why: `the repository ${top} ignores the project root` };
  }
  const { commit, branch } = status;
  const within = await linkedRepositories(io, top, index, look);
  const bare = await unlinkedFiles(io, git, place, index, look);
  const changed = status.changed || bare.length > 0 ||
    within.some(({ reading, id, pinned }) => reading.lineage.tree === null || id !== pinned);
  const gone = status.entries.filter(({ mode }) => mode === missing).map(({ path }) => path);
  const marks = async () => ({
    ...await markWork(io, top, index, gone),
    mode,
    within: within.flatMap(({ reading }) => reading.marks ?? []),
  });
  try {
    const unknown = within.find(({ reading }) => reading.lineage.tree === null);
    if (unknown) throw new Error(`${unknown.path}: ${unknown.reading.why}`);
    const patterns = changed ? (await written ?? []).map(patternOf) : [];
    const counts = (path: string) =>
      !path.startsWith(prefix) ||
      !patterns.some((pattern) => pattern.test(path.slice(prefix.length)));
    if (changed) await addWork({ git, place, index, within, bare, counts }, look);
    const marked = await marks();
    const isClean = !changed && place.headTree !== undefined;
    const tree = isClean ? place.headTree : await treeId(marked.index, index.hashBytes);
    const bytes = await bytesOf(io, {
      ...{ ...place, ...index, git, conversions, counts, content: marked.index },
    }, bytesWithin(within));
    const dirty = changed || tree !== place.headTree;
    return { lineage: { commit, branch, dirty, tree, bytes }, marks: marked };
  } catch (error) {
    return {
      lineage: { ...nothing, commit, branch, dirty: changed ? true : null },
      why: `git cannot hash the tree: ${messageOf(error)}`,
      marks: await marks(),
    };
  }
}

// Repositories within the repository.

/** A submodule that is checked out. */
export interface Submodule {
  readonly path: string;
  /** The commit that the index pins. */
  readonly pinned: string;
  readonly reading: LineageReading;
  /** What represents it in the tree: its commit, or a tree where no commit says what is on disk. */
  readonly id: string | null;
}

/** Every submodule that is checked out, with what lies there. */
export async function linkedRepositories(
  io: Io,
  top: string,
  { links }: Pick<PrivateIndex, "links">,
  { scratch, depth }: Look,
): Promise<Submodule[]> {
  const found = await Promise.all(links.map(async (link: IndexLink, index) => {
    const root = `${top}/${link.path}`;
    if (!await io.fs.lstat(`${root}/.git`)) return [];
    const reading = depth >= depthLimit
      ? { lineage: nothing, why: "repositories are nested too deeply" }
      : await lookAt(io, root, { scratch: `${scratch}/${index}`, depth: depth + 1 });
    const { dirty, commit, tree } = reading.lineage;
    // A clean one equals its commit.
    const id = dirty === false && commit ? commit : tree;
    return [{ path: link.path, pinned: link.id, reading, id }];
  }));
  return found.flat();
}

/** The folders of submodules that are no repositories and hold files, with these by their path from the top. */
export async function unlinkedFiles(
  io: Io,
  git: Git,
  place: Pick<GitFolders, "top" | "gitDir">,
  { links }: Pick<PrivateIndex, "links">,
  look: Look,
): Promise<{ readonly path: string; readonly files: readonly Uint8Array[] }[]> {
  const found: { path: string; files: Uint8Array[] }[] = [];
  for (const { path } of links) {
    const folder = `${place.top}/${path}`;
    if (!(await io.fs.lstat(folder))?.isDirectory || await io.fs.lstat(`${folder}/.git`)) continue;
    if ((await io.fs.list(folder)).length === 0) continue;
    const files = await filesOfNested(git, place, path, look);
    if (files.length > 0) found.push({ path, files });
  }
  return found;
}

/** What is not in their trees either. */
export function bytesWithin(within: readonly Submodule[]) {
  return within.map(({ path, reading: { lineage: { bytes } } }) => ({ path, bytes }));
}

/**
 * The files of a repository that is not tracked, by their path from the top. Git is not started in that repository, as
 * its configuration may name programs: it is the outer one that looks at a folder that happens to hold files.
 */
async function filesOfNested(
  git: Git,
  { top, gitDir }: Pick<GitFolders, "top" | "gitDir">,
  folder: string,
  { scratch, depth }: Look,
): Promise<Uint8Array[]> {
  if (depth >= depthLimit) throw new Error("repositories are nested too deeply");
  const { code, stdout, bytes, why } = await git(
    [`--git-dir=${gitDir}`, `--work-tree=${top}/${folder}`, "-C", `${top}/${folder}`].concat(
      ["ls-files", "--others", "--exclude-standard", "-z"],
    ),
    { GIT_INDEX_FILE: `${scratch}/none` },
  );
  if (code !== 0) throw new Error(`${folder}: ${why}`);
  const files: Uint8Array[] = [];
  const prefix = encoder.encode(`${folder}/`);
  let start = 0;
  for (const path of stdout.split("\0").slice(0, -1)) {
    const end = bytes.indexOf(0, start);
    const raw = bytes.subarray(start, end);
    start = end + 1;
    if (isOwn(path)) continue;
    if (path.endsWith("/")) {
      const inner = `${folder}/${path.slice(0, -1)}`;
      files.push(
        ...await filesOfNested(git, { top, gitDir }, inner, { scratch, depth: depth + 1 }),
      );
    } else files.push(joined([prefix, raw]));
  }
  return files;
}

// What lineage asks git first.

/** Where a repository keeps its parts. */
export interface GitFolders extends IndexPlace {
  /** Only for this working tree, where it is one of several. */
  readonly gitDir: string;
  /** `undefined`: no commit yet. */
  readonly headTree: string | undefined;
}

export const placeArguments = [
  ...["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-dir"],
  ...["--show-object-format", "--git-path", "index", "HEAD^{tree}"],
];

/** The places, or why git cannot tell them. */
export function placeOf({ code, stdout, why }: GitResult): GitFolders | string {
  // Without a commit git prints the rest, then the last argument verbatim, and fails.
  const [top, gitDir, format, index, tree, ...more] = stdout.trimEnd().split("\n");
  if (!top || !gitDir || !index) return why;
  if (more.length > 0) return "the repository's path holds a line break";
  const headTree = code === 0 ? tree : undefined;
  return { top, gitDir, hashBytes: format === "sha256" ? 32 : 20, index, headTree };
}

// The tree of what is on disk.

const missing = "000000";
const repository = "160000";

const encoder = new TextEncoder();

interface Work {
  readonly git: Git;
  readonly place: GitFolders;
  readonly index: PrivateIndex;
  readonly within: readonly Submodule[];
  readonly bare: Awaited<ReturnType<typeof unlinkedFiles>>;
  /** Whether a path is part of what is hashed. */
  counts(path: string): boolean;
}

/**
 * Brings an index up to date with what is on disk, as `git add --all` would: no content is stored, and repositories
 * within count with their files.
 */
async function addWork(
  { git, place, index, within, bare, counts }: Work,
  look: Look & { readonly status: WorkStatus },
): Promise<void> {
  const run = async (args: readonly string[], input: Uint8Array) => {
    const { code, why } = await git(args, { GIT_INDEX_FILE: index.file }, input);
    if (code !== 0) throw new Error(why);
  };
  const { status: { entries, untracked, nested, bytesOf } } = look;
  const pinned = new Set(index.links.map(({ path }) => path));
  const changed = entries.filter(({ path, work, isUnmerged }) =>
    (work !== "." || isUnmerged) && counts(path)
  );
  const replaced = changed.filter(({ path, mode }) => mode === repository && !pinned.has(path));
  const folders = [...nested, ...replaced.map(({ path }) => path)];
  const inside = bare.flatMap(({ files }) => files);
  for (const folder of folders) inside.push(...await filesOfNested(git, place, folder, look));
  const bytes = (paths: readonly string[]): readonly (string | Uint8Array)[] =>
    bytesOf
      ? paths.flatMap((path): readonly (string | Uint8Array)[] => bytesOf.get(path) ?? [path])
      : paths;
  const removed = changed.filter(({ mode, isUnmerged }) => mode === missing || isUnmerged);
  const lists = {
    remove: bytes([...removed, ...replaced, ...bare].map(({ path }) => path)),
    add: [
      ...bytes(
        changed.filter(({ mode }) => mode !== missing && mode !== repository)
          .map(({ path }) => path),
      ),
      ...bytes(untracked.filter((path) => !path.endsWith("/") && counts(path))),
      ...inside,
    ],
  };
  // By force: a folder above may be a link now, beyond which git does not look.
  if (lists.remove.length > 0) {
    await run(["update-index", "--force-remove", "-z", "--stdin"], listed(lists.remove));
  }
  const links = within.filter(({ path, id, pinned }) =>
    id !== pinned || entries.some((entry) => entry.isUnmerged && entry.path === path)
  ).flatMap(({ path, id }) => ["--cacheinfo", `${repository},${id},${path}`]);
  if (lists.add.length === 0 && links.length === 0) return;
  await run(
    ["update-index", "--info-only", "--add", "--remove", "--replace", ...links, "-z", "--stdin"],
    listed(lists.add),
  );
}

/** Names, each with a NUL behind it. */
function listed(names: readonly (string | Uint8Array)[]): Uint8Array {
  if (names.every((name) => typeof name === "string")) {
    return encoder.encode(names.map((name) => `${name}\0`).join(""));
  }
  return joined(
    names.flatMap((name) => [typeof name === "string" ? encoder.encode(name) : name, nul]),
  );
}

const nul = new Uint8Array(1);
