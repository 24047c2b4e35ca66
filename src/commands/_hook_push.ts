/** What a push is about: the commit that is checked out is tested, for another there must be evidence. */

import { ExitCode } from "../errors.ts";
import {
  changedBetween,
  outsideOfHook,
  type PushedRef,
  readRefs,
  type Tip,
  tipOf,
} from "../hook/repository.ts";
import { textOf } from "../io.ts";
import { coverageOf, gateRun, withEvidence } from "../run/judge.ts";
import type { PipelineContext } from "../run/mod.ts";
import type { Place } from "./_hook_aside.ts";
import { openRunContext } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** The commit that is checked out is pushed. */
export interface PushedHead {
  /** From the top; absent: it is not known what the remote has. */
  readonly changed?: readonly { readonly path: string; readonly deleted: boolean }[];
}

/** Runs that are looked through for evidence, the newest first. */
const lookedThrough = 1_000;

/** What is to be tested, or the exit code where nothing is. */
export async function pushedHead(call: Call, place: Place): Promise<PushedHead | ExitCode> {
  const { io } = call;
  const refs = readRefs(await textOf(io.stdin()));
  if (refs.length === 0) return ExitCode.ok;
  const head = await tipOf(place.repository, "HEAD");
  const tips = await Promise.all(
    refs.map(async (ref) => ({ ref, tip: await tipOf(place.repository, ref.object) })),
  );
  const isHead = ({ tip }: { tip: Tip | undefined }) =>
    tip !== undefined && tip.commit === head?.commit;
  const others = tips.filter((each) => !isHead(each));
  if (others.length > 0 && !await areReady(call, place, others)) return ExitCode.blocked;
  const own = tips.filter(isHead);
  if (own.length === 0) return ExitCode.ok;
  return await changesOf(place, own.map(({ ref }) => ref));
}

/** Whether there is evidence for each of them; says which has none. */
async function areReady(
  call: Call,
  { root }: Place,
  others: readonly { ref: PushedRef; tip: Tip | undefined }[],
): Promise<boolean> {
  const context = await openRunContext({ ...call, io: outsideOfHook(call.io) }, {
    root,
    lineage: () =>
      Promise.resolve({ lineage: { commit: null, branch: null, dirty: null, tree: null } }),
  });
  try {
    let ready = true;
    for (const { ref, tip } of others) {
      if (tip && await isReady(context, tip.tree)) continue;
      ready = false;
      call.io.stderr.write(`assay: ${missing(ref, tip)}\n`);
    }
    return ready;
  } finally {
    context.store.close();
  }
}

function missing({ name, object }: PushedRef, tip: Tip | undefined): string {
  if (!tip) return `${name} (${object.slice(0, 12)}) is no commit: nothing says that it is ready`;
  return `${name} is not what is checked out, and no run says that ${
    tip.commit.slice(0, 12)
  } is ready` +
    `\n  check it out and run assay verify, then push again (git push --no-verify goes around the hook)`;
}

/**
 * Whether the newest run of this tree says so, and its evidence is still there. One that passed and is about a
 * part speaks of a change, not of the tree; and what had to be warned of, such as files that lay there untracked,
 * was not in the tree alone.
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

async function changesOf({ repository }: Place, refs: readonly PushedRef[]): Promise<PushedHead> {
  const changed = await Promise.all(
    refs.map(({ remote, object }) =>
      remote === undefined ? undefined : changedBetween(repository, remote, object)
    ),
  );
  if (!changed.every((each) => each !== undefined)) return {};
  return { changed: changed.flat() };
}
