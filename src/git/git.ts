import { messageOf } from "../errors.ts";
import { type Io, isNotFound, textOf } from "../io.ts";
import { programEnvironment, programOf } from "../process/programs.ts";

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  /** Standard output as it was: names need not be UTF-8. */
  readonly bytes: Uint8Array;
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
  /** Standard input. */
  input?: Uint8Array,
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
    // A commit's tree is the one that its id names, whatever replaces it here.
    GIT_NO_REPLACE_OBJECTS: "1",
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
    // It trusts the times of folders, which a copy of the index makes look older than it is.
    ["core.untrackedCache", "false"],
    ["core.trustctime", "true"],
    ["core.checkStat", "default"],
    ["core.safecrlf", "false"],
    // What is on disk counts, also where another kind of file or a name in other case passes for what is tracked.
    ["core.symlinks", "true"],
    ["core.ignoreCase", "false"],
    // Files of a folder that is one entry of the index would not be looked for.
    ["index.sparse", "false"],
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
  return async (args, env = {}, input) => {
    let git: string;
    try {
      git = await programOf(io, "git");
    } catch (error) {
      if (isNotFound(error)) {
        return { code: 127, stdout: "", bytes: new Uint8Array(), why: messageOf(error) };
      }
      throw error;
    }
    const child = io.spawn([git, ...mode.settings, ...args], {
      cwd,
      env: { ...await cleanEnvironment(io), ...mode.env, ...env },
      group: false,
      ...input ? { input } : {},
    });
    const [bytes, stderr, { code }] = await Promise.all([
      new Response(child.stdout as BodyInit).bytes(),
      textOf(child.stderr),
      child.status,
    ]);
    return { code, stdout: new TextDecoder().decode(bytes), bytes, why: whyOf(stderr, code) };
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
  /** What is on disk, as git's mode: `000000` nothing that could be this file, `160000` a repository. */
  readonly mode: string;
  /** It has more than one version in the index: a merge that is not resolved. */
  readonly isUnmerged: boolean;
}

/** The parts of `git status` that lineage and hooks need. */
export interface WorkStatus {
  readonly commit: string | null;
  readonly branch: string | null;
  /** Anything but assay's own files differs from the commit. */
  readonly changed: boolean;
  /** Nested repositories that are neither tracked nor ignored, by their path from the top. */
  readonly nested: readonly string[];
  readonly untracked: readonly string[];
  /** Tracked files that differ from the commit. */
  readonly entries: readonly StatusEntry[];
  /** The names of a path as bytes, where some path is not UTF-8: several may read the same. */
  readonly bytesOf?: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** Whether an untracked path is what assay writes while it runs, in this or any other project. */
export function isOwn(path: string): boolean {
  return own.test(path);
}

const own =
  /(?:^|\/)\.assay\/(?:(?:runs|locks|tmp)\/|(?:assay\.db(?:\.(?:rebuild|(?:old|corrupt)-\d+))?(?:-wal|-shm|-journal)?|counters\.json)(?:\.\d+\.\d+\.tmp)?$)/;

/** https://git-scm.com/docs/git-status#_porcelain_format_version_2 */
export const statusArguments: readonly string[] = [
  ...["status", "--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "--untracked-files=all"],
  // Git is not started in submodules: lineage looks at each of them itself.
  ...["--no-renames", "--ignore-submodules=dirty", "--"],
  ":(top)",
];

/** Where the text behind `fields` fields begins. */
function afterFields(entry: string, fields: number): number {
  let at = 0;
  for (let field = 0; field < fields; field++) at = entry.indexOf(" ", at) + 1;
  return at;
}

/** Reads what `git status` with {@linkcode statusArguments} printed. */
export function readStatus({ stdout, bytes }: Pick<GitResult, "stdout" | "bytes">): WorkStatus {
  let commit: string | null = null;
  let branch: string | null = null;
  const nested: string[] = [];
  const untracked: string[] = [];
  const entries: StatusEntry[] = [];
  const bytesOf = stdout.includes("\ufffd") ? new Map<string, Uint8Array[]>() : undefined;
  let start = 0;
  for (const entry of stdout.split("\0")) {
    const end = bytesOf ? bytes.indexOf(0, start) : 0;
    const raw = bytes.subarray(start, end);
    start = end + 1;
    if (entry.startsWith("# branch.oid ")) {
      const id = entry.slice(13);
      commit = id === "(initial)" ? null : id;
    } else if (entry.startsWith("# branch.head ")) {
      const head = entry.slice(14);
      branch = head === "(detached)" ? null : head;
    } else if (entry !== "" && !entry.startsWith("#")) {
      const isUntracked = entry.startsWith("? ");
      const isUnmerged = entry.startsWith("u ");
      // What stands before the path is ASCII, so it is as long in bytes.
      const at = isUntracked ? 2 : afterFields(entry, isUnmerged ? 10 : 8);
      const path = entry.slice(at);
      if (isUntracked && isOwn(path)) continue;
      if (bytesOf) bytesOf.set(path, [...bytesOf.get(path) ?? [], raw.subarray(at)]);
      if (isUntracked) {
        untracked.push(path);
        // Files are listed one by one: only a repository is listed as a folder.
        if (path.endsWith("/")) nested.push(path.slice(0, -1));
        continue;
      }
      const [index, work] = [entry[2]!, entry[3]!];
      const modeAt = afterFields(entry, isUnmerged ? 6 : 5);
      const mode = entry.slice(modeAt, modeAt + 6);
      entries.push({ path, index, work, isSubmodule: entry[5] === "S", mode, isUnmerged });
    }
  }
  const changed = entries.length > 0 || untracked.length > 0;
  return {
    ...{ commit, branch, changed, nested, untracked, entries },
    ...bytesOf ? { bytesOf } : {},
  };
}
