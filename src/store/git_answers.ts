/** What lineage asks git first. */

import type { Io } from "../io.ts";
import { gitIn, type GitMode, type GitResult, gitsIn } from "./git.ts";
import { statusArguments } from "./git_status.ts";

/** Where a repository keeps what. */
export interface Place {
  readonly top: string;
  readonly hashBytes: number;
  readonly index: string;
  readonly objects: string;
  /** `undefined`: there is no commit yet. */
  readonly headTree: string | undefined;
}

/** What git said of a folder. */
export interface GitAnswers {
  /** Of `git status`, for `readStatus`. */
  readonly status: GitResult;
  /** The place, or why git does not tell it. */
  readonly place: Place | string;
}

const placeArguments = [
  ...["rev-parse", "--path-format=absolute", "--show-toplevel", "--show-object-format"],
  ...["--git-path", "index", "--git-path", "objects", "HEAD^{tree}"],
];

/** Asks for state and place of the repository around the folder `root`. */
export async function askGit(io: Io, root: string, mode?: GitMode): Promise<GitAnswers> {
  const git = gitIn(io, root, mode);
  const [place, status] = await gitsIn(io, root, placeArguments, statusArguments, mode) ??
    await Promise.all([git(placeArguments), git(statusArguments)]);
  return { status, place: placeOf(place) };
}

function placeOf({ code, stdout, why }: GitResult): Place | string {
  // Without a commit git prints the rest, then the last argument as it stands, and fails.
  const [top, format, index, objects, tree, ...more] = stdout.trimEnd().split("\n");
  if (!top || !format || !index || !objects) return why;
  if (more.length > 0) return "the repository's path holds a line break";
  const headTree = code === 0 ? tree : undefined;
  return { top, hashBytes: format === "sha256" ? 32 : 20, index, objects, headTree };
}
