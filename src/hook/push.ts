/** What a push is about: the checked-out commit is tested; for any other there must be evidence. */

import { UserError } from "../errors.ts";
import { coverageOf, gateRun } from "../run/judge.ts";
import type { PipelineContext } from "../run/mod.ts";
import { withEvidence } from "../run/judge.ts";
import type { Repository } from "./target.ts";

/** One ref that is pushed, not deleted; names as git gives them. */
interface PushedRef {
  readonly name: string;
  readonly object: string;
  /** The remote's commit of that name; absent: none, or not known here. */
  readonly remote?: string;
}

const isNothing = (object: string) => /^0+$/.test(object);

/** Reads the lines of standard input: https://git-scm.com/docs/githooks#_pre_push */
function readRefs(text: string): PushedRef[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.flatMap((line): PushedRef[] => {
    const [name, object, , remote] = line.split(" ");
    if (!name || !object || !remote || !/^[0-9a-f]+$/.test(object)) {
      throw new UserError(`Standard input is not what git passes to pre-push: ${line}`, {
        code: "usage",
        hint:
          "git push runs this hook; to run it by hand, pipe in lines of LOCAL_REF OBJECT REMOTE_REF OBJECT",
      });
    }
    if (isNothing(object)) return [];
    return [{ name, object, ...isNothing(remote) ? {} : { remote } }];
  });
}

interface Tip {
  readonly commit: string;
  readonly tree: string;
}

/** The commit that a ref names, through tags; `undefined` when it names none. */
async function tipOf({ git }: Repository, object: string): Promise<Tip | undefined> {
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

export interface Changed {
  readonly path: string;
  readonly deleted: boolean;
}

/** The paths that differ between two commits; `undefined` when one is not known here. */
async function changedBetween(
  { git }: Repository,
  before: string,
  after: string,
): Promise<Changed[] | undefined> {
  const how = ["--name-status", "-z", "--no-renames", "--no-ext-diff"];
  const { code, stdout } = await git(["diff", ...how, before, after, "--"]);
  if (code !== 0) return undefined;
  const fields = stdout.split("\0");
  return Array.from({ length: Math.floor(fields.length / 2) }, (_, index) => ({
    path: fields[2 * index + 1]!,
    deleted: fields[2 * index] === "D",
  }));
}

/** Runs searched for evidence, the newest first. */
const lookedThrough = 1_000;

interface Pushed {
  readonly ref: PushedRef;
  readonly tip: Tip | undefined;
}

/** What is pushed: the checked-out commit, and others. */
export async function pushed(
  repository: Repository,
  input: string,
): Promise<{ readonly own: readonly Pushed[]; readonly others: readonly Pushed[] }> {
  const refs = readRefs(input);
  const head = await tipOf(repository, "HEAD");
  const tips = await Promise.all(
    refs.map(async (ref) => ({ ref, tip: await tipOf(repository, ref.object) })),
  );
  const isHead = ({ tip }: Pushed) => tip !== undefined && tip.commit === head?.commit;
  return { own: tips.filter(isHead), others: tips.filter((each) => !isHead(each)) };
}

/** One sentence for each that has no evidence that it is ready. */
export async function notReady(
  context: PipelineContext,
  others: readonly Pushed[],
): Promise<readonly string[]> {
  const open: string[] = [];
  for (const { ref, tip } of others) {
    if (!tip || !await isReady(context, tip.tree)) open.push(missing(ref, tip));
  }
  return open;
}

function missing({ name, object }: PushedRef, tip: Tip | undefined): string {
  if (!tip) return `${name} (${object.slice(0, 12)}) is not a commit, so it cannot be checked`;
  return `${name} is not checked out, and no run shows that ${tip.commit.slice(0, 12)} is ready\n` +
    "  check it out and run assay verify, then push again (or skip the hook: git push --no-verify)";
}

/**
 * Whether the newest run of this tree says so and its evidence still exists. A passed run about a
 * part covers a change, not the tree; and what a run warned about, such as untracked files present,
 * went beyond the tree.
 */
async function isReady(context: PipelineContext, tree: string): Promise<boolean> {
  let left = lookedThrough;
  for await (const judged of context.store.judged()) {
    if (left-- === 0) return false;
    if ("problem" in judged) throw judged.problem;
    const { run } = judged;
    if (run.tree !== tree) continue;
    if (run.state !== "finished" || run.recommendation !== "ready_for_review") return false;
    if (run.coverage?.partial !== false || run.warnings.length > 0) continue;
    const stored = await withEvidence(context.io, context.project.root, run);
    const { recommendation } = await gateRun(stored, coverageOf(stored), context, { tree });
    return recommendation === "ready_for_review";
  }
  return false;
}

/** The paths that the pushed refs change, from the top; `undefined`: the remote's state is unknown. */
export async function changedBy(
  repository: Repository,
  refs: readonly Pushed[],
): Promise<readonly Changed[] | undefined> {
  const changed = await Promise.all(
    refs.map(({ ref: { remote, object } }) =>
      remote === undefined ? undefined : changedBetween(repository, remote, object)
    ),
  );
  return changed.every((each) => each !== undefined) ? changed.flat() : undefined;
}
