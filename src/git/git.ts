import { messageOf } from "../errors.ts";
import { type Io, isNotFound, textOf } from "../io.ts";
import { programEnvironment, programOf } from "../process/programs.ts";

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  /** The line of standard error that says why it failed. */
  readonly why: string;
}

export interface GitMode {
  readonly settings: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export type Git = (
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
) => Promise<GitResult>;

/**
 * Variables in which a caller of git says what it works on are left out: inside a hook they name an index
 * that is being built, where the tree must be the one on disk at the root. Variables that configure git stay.
 */
const kept =
  /^GIT_(CONFIG_(COUNT|KEY_\d+|VALUE_\d+|GLOBAL|SYSTEM|NOSYSTEM)|CEILING_DIRECTORIES|DISCOVERY_ACROSS_FILESYSTEM|EXEC_PATH)$/;

async function cleanEnvironment(io: Io): Promise<Record<string, string>> {
  const entries = Object.entries(await programEnvironment(io));
  return {
    ...Object.fromEntries(entries.filter(([name]) => !name.startsWith("GIT_") || kept.test(name))),
    // Never write to the user's index, not even what git learned about its files.
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
}

/**
 * Settings under which git sees every change: no daemon or hook overrides the disk, changes
 * of a file's inode time count, line endings are not an error.
 */
const watchful: GitMode = {
  settings: [
    // A clone may contain a folder that looks like a repository, with a configuration that names programs.
    ["safe.bareRepository", "explicit"],
    ["core.fsmonitor", "false"],
    // Looking must not start a program that the repository names.
    ["core.hooksPath", "/dev/null"],
    ["core.splitIndex", "false"],
    ["core.trustctime", "true"],
    ["core.checkStat", "default"],
    ["core.safecrlf", "false"],
    ["core.looseCompression", "0"],
  ].flatMap(([key, value]) => ["-c", `${key}=${value}`]),
};

/** The usual mode, with more settings and variables. */
export function watchfulWith({ settings, env }: Required<GitMode>): GitMode {
  return { settings: [...watchful.settings, ...settings], env };
}

/** Git that tells where its hooks are. It must not be used for anything that starts one. */
export const withHooks: GitMode = { settings: ["-c", "safe.bareRepository=explicit"] };

/** Git in the folder `cwd`. Where there is none that may be started, the result is that of a failure. */
export function gitIn(
  io: Io,
  cwd: string,
  mode: GitMode = watchful,
): Git {
  return async (args, env = {}) => {
    let git: string;
    try {
      git = await programOf(io, "git");
    } catch (error) {
      if (isNotFound(error)) return { code: 127, stdout: "", why: messageOf(error) };
      throw error;
    }
    const child = io.spawn([git, ...mode.settings, ...args], {
      cwd,
      env: { ...await cleanEnvironment(io), ...mode.env, ...env },
      group: false,
    });
    const [stdout, stderr, { code }] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      child.status,
    ]);
    return { code, stdout, why: whyOf(stderr, code) };
  };
}

function whyOf(stderr: string, code: number): string {
  const lines = stderr.split("\n").filter((line) => line !== "");
  // The last line is git's own; errors before it are often a filter's.
  const why = lines.find((line) => line.startsWith("fatal: ")) ??
    lines.find((line) => line.startsWith("error: ")) ?? lines[0] ?? `exit code ${code}`;
  return why.replace(/^(fatal|error): /, "");
}

/** A tracked path that differs from the commit or the index; letters as in `git status`, `.` for no difference. */
export interface StatusEntry {
  readonly path: string;
  /** How the index differs from the commit. */
  readonly index: string;
  /** How the file on disk differs from the index. */
  readonly work: string;
  readonly isSubmodule: boolean;
  /** It has more than one version in the index: a merge that is not resolved. */
  readonly isUnmerged: boolean;
}

/** The parts of `git status` that lineage and hooks need. */
export interface WorkStatus {
  readonly commit: string | null;
  readonly branch: string | null;
  /** Anything but assay's own files differs from the commit. */
  readonly changed: boolean;
  /** Submodules with changes of their own, by their path from the top. */
  readonly submodules: readonly string[];
  /** Nested repositories that are neither tracked nor ignored, by their path from the top. */
  readonly nested: readonly string[];
  readonly untracked: readonly string[];
  /** Tracked files that differ from the commit, by their path from the top. */
  readonly tracked: readonly string[];
  /** The same with details. */
  readonly entries: readonly StatusEntry[];
}

/** Everything in the repository except what assay writes while it runs, in this or any other project. */
export const everythingElse: readonly string[] = [
  ":(top)",
  ...["runs/**", "assay.db*", "counters.json*", "locks/**", "tmp/**"].map((path) =>
    `:(top,exclude,glob)**/.assay/${path}`
  ),
];

/** https://git-scm.com/docs/git-status#_porcelain_format_version_2 */
export const statusArguments: readonly string[] = [
  ...["status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "--untracked-files=all"],
  ...["--no-renames", "--ignore-submodules=none", "--"],
  ...everythingElse,
];

/** The path behind `fields` fields, which may contain spaces itself. */
function pathAfter(entry: string, fields: number): string {
  let at = 0;
  for (let field = 0; field < fields; field++) at = entry.indexOf(" ", at) + 1;
  return entry.slice(at);
}

/** Reads what `git status` with {@linkcode statusArguments} printed. */
export function readStatus(text: string): WorkStatus {
  let commit: string | null = null;
  let branch: string | null = null;
  let changed = false;
  const submodules: string[] = [];
  const nested: string[] = [];
  const untracked: string[] = [];
  const tracked: string[] = [];
  const entries: StatusEntry[] = [];
  for (const entry of text.split("\0")) {
    if (entry.startsWith("# branch.oid ")) {
      const id = entry.slice(13);
      commit = id === "(initial)" ? null : id;
    } else if (entry.startsWith("# branch.head ")) {
      const head = entry.slice(14);
      branch = head === "(detached)" ? null : head;
    } else if (entry !== "" && !entry.startsWith("#")) {
      changed = true;
      if (entry.startsWith("? ")) {
        const path = entry.slice(2);
        untracked.push(path);
        // Files are listed one by one: only a repository is listed as a folder.
        if (path.endsWith("/")) nested.push(path.slice(0, -1));
      } else {
        const isUnmerged = entry.startsWith("u ");
        const path = pathAfter(entry, isUnmerged ? 10 : 8);
        tracked.push(path);
        const [index, work] = [entry[2]!, entry[3]!];
        entries.push({ path, index, work, isSubmodule: entry[5] === "S", isUnmerged });
        if (/^1 .. S.(M.|.U) /.test(entry)) submodules.push(path);
      }
    }
  }
  return { commit, branch, changed, submodules, nested, untracked, tracked, entries };
}

// Git's index as a file (https://git-scm.com/docs/index-format), as much as a private copy needs
// that hides nothing.

interface IndexFacts {
  /** Bytes of an object id: 20 or 32. */
  readonly hashBytes: number;
  /** When the index was written, in milliseconds since 1970; `null`: unknown. */
  readonly mtimeMs: number | null;
}

export interface GitIndex {
  /**
   * The copy. Its file is younger than the original, so git would take entries written in the same
   * second as the original for unchanged; they are marked as git itself marks them, to be compared by
   * content. No entry is marked "assume unchanged" any more, and the checksum is left out.
   */
  readonly copy: Uint8Array;
  /**
   * Paths whose change git may not see: those marked "assume unchanged", and those whose inode changed in
   * the second in which the index was written, or later, by something that preserved their older time.
   */
  readonly unseen: number;
  /** Paths that git does not look for in the working tree, and how to make it look anyway. */
  readonly skipped: readonly SkippedEntry[];
  /** Whether a path begins with these characters. */
  holds(prefix: string): boolean;
}

/** An entry of a sparse checkout, or one hidden by hand. */
interface SkippedEntry {
  readonly path: string;
  /** Makes git look at the file, in the copy. */
  show(): void;
}

const assumeValid = 0x8000;
const extended = 0x4000;
const skipWorktree = 0x4000;
const decoder = new TextDecoder();

/** Reads an index; `undefined` for a kind that cannot be copied as one file. */
export function readIndex(original: Uint8Array, facts: IndexFacts): GitIndex | undefined {
  const copy = original.slice();
  const view = new DataView(copy.buffer);
  if (copy.length < 12 || decoder.decode(copy.subarray(0, 4)) !== "DIRC") return undefined;
  const version = view.getUint32(4);
  if (version < 2 || version > 4) return undefined;
  const second = facts.mtimeMs === null ? 0 : Math.floor(facts.mtimeMs / 1000);
  const skipped: SkippedEntry[] = [];
  const paths: Uint8Array[] = [];
  let unseen = 0;
  let at = 12;
  let path = new Uint8Array();
  for (let count = view.getUint32(8); count > 0; count--) {
    const flagsAt = at + 40 + facts.hashBytes;
    if (flagsAt + 2 > copy.length) return undefined;
    const [changed, modified] = [view.getUint32(at), view.getUint32(at + 8)];
    // Git only marks by the second.
    if (changed >= second && modified < second) unseen++;
    if (changed >= second || modified >= second) view.setUint32(at + 36, 0);
    const flags = view.getUint16(flagsAt);
    if (flags & assumeValid) {
      unseen++;
      view.setUint16(flagsAt, flags & ~assumeValid);
    }
    const isExtended = version > 2 && (flags & extended) !== 0;
    const nameAt = flagsAt + (isExtended ? 4 : 2);
    const name = version === 4 ? shared(copy, nameAt, path) : { path: path, start: nameAt };
    const end = copy.indexOf(0, name.start);
    if (end < 0) return undefined;
    path = version === 4
      ? joined(name.path, copy.subarray(name.start, end))
      : copy.subarray(name.start, end) as Uint8Array<ArrayBuffer>;
    paths.push(path);
    if (isExtended && view.getUint16(flagsAt + 2) & skipWorktree) {
      skipped.push({
        path: decoder.decode(path),
        show: () => view.setUint16(flagsAt + 2, view.getUint16(flagsAt + 2) & ~skipWorktree),
      });
    }
    at = version === 4 ? end + 1 : at + ((end - at) & ~7) + 8;
  }
  if (hasLink(copy, view, at, facts.hashBytes)) return undefined;
  copy.fill(0, copy.length - facts.hashBytes);
  const holds = (prefix: string) => {
    const bytes = new TextEncoder().encode(prefix);
    return paths.some((each) => bytes.every((byte, index) => each[index] === byte));
  };
  return { copy, unseen, skipped, holds };
}

/** Version 4: how much of the path before is kept, and where the rest begins. */
function shared(
  bytes: Uint8Array,
  start: number,
  before: Uint8Array,
): { path: Uint8Array; start: number } {
  let at = start;
  let byte = bytes[at++]!;
  let removed = byte & 127;
  while (byte & 128) {
    byte = bytes[at++]!;
    removed = (removed + 1) * 128 + (byte & 127);
  }
  return { path: before.subarray(0, before.length - removed), start: at };
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const path = new Uint8Array(head.length + tail.length);
  path.set(head);
  path.set(tail, head.length);
  return path;
}

/** Whether the index is split: its entries lie in another file. */
function hasLink(bytes: Uint8Array, view: DataView, start: number, hashBytes: number): boolean {
  let at = start;
  while (at + 8 <= bytes.length - hashBytes) {
    if (decoder.decode(bytes.subarray(at, at + 4)) === "link") return true;
    at += 8 + view.getUint32(at + 4);
  }
  return false;
}
