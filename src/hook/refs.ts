/** What `git push` tells its hook. */

import { UserError } from "../errors.ts";
import type { Repository } from "./repository.ts";

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
