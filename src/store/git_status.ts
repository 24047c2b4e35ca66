/** A tracked path that differs from the commit, or on disk from the index; letters as in `git status`, `.`: it does not. */
export interface StatusEntry {
  /** From the top. */
  readonly path: string;
  /** How the index differs from the commit. */
  readonly index: string;
  /** How the file on disk differs from the index. */
  readonly work: string;
  readonly isSubmodule: boolean;
  /** It has more than one version in the index: a merge that is not resolved. */
  readonly isUnmerged: boolean;
}

/** What `git status` says, as far as lineage and hooks need it. */
export interface WorkStatus {
  readonly commit: string | null;
  readonly branch: string | null;
  /** Anything but assay's own files differs from the commit. */
  readonly changed: boolean;
  /** Submodules with changes of their own, by their path from the top. */
  readonly submodules: readonly string[];
  /** Repositories in here that are neither tracked nor ignored, by their path from the top. */
  readonly nested: readonly string[];
  readonly untracked: readonly string[];
  /** Tracked files that differ from the commit, by their path from the top. */
  readonly tracked: readonly string[];
  /** The same in full. */
  readonly entries: readonly StatusEntry[];
}

/** Everything in the repository but what assay writes while it runs, in this project and any beside it. */
export const everythingElse: readonly string[] = [
  ":(top)",
  ...["runs/**", "assay.db*", "counters.json*", "locks/**", "tmp/**"].map((path) =>
    `:(top,exclude,glob)**/.assay/${path}`
  ),
];

/** https://git-scm.com/docs/git-status#_porcelain_format_version_2 */
export const statusArguments: readonly string[] = [
  "status",
  "--porcelain=v2",
  "--branch",
  "--no-ahead-behind",
  "-z",
  "--untracked-files=all",
  "--no-renames",
  "--ignore-submodules=none",
  "--",
  ...everythingElse,
];

/** The path behind `fields` fields, which may hold blanks itself. */
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
