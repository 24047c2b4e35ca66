/** `assay hook run`: tests what is going to be committed or pushed, and nothing else that lies there. */

import { join, relative, resolve } from "@std/path";
import { detectAll } from "../config/detect.ts";
import { ExitCode, UserError } from "../errors.ts";
import { recoverLocked, takeHookLock } from "../hook/recover.ts";
import type { Restored } from "../hook/restore.ts";
import { hookPlaces, openRepository, outsideOfHook } from "../hook/repository.ts";
import type { HookName } from "../hook/script.ts";
import { type Survey, survey } from "../hook/survey.ts";
import { isConfiguration } from "../hook/survey.ts";
import {
  headTarget,
  isStillStaged,
  stagedPaths,
  stagedTarget,
  type Target,
} from "../hook/target.ts";
import { untrackedSetting } from "../hook/hook_settings.ts";
import type { Io } from "../io.ts";
import { narrowed, planVerify, type Scope } from "../run/mod.ts";
import { existing, listFiles } from "../run/narrow.ts";
import { markWork } from "../git/work_marks.ts";
import { jobsOf } from "./_arguments.ts";
import { aside, type Place } from "./_hook_aside.ts";
import { type PushedHead, pushedHead } from "./_hook_push.ts";
import { backText, endLeft, refuseCollisions } from "./_recovery.ts";
import { runAndReport } from "./_run.ts";
import { openRunContext, rootOf } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call, hook: HookName): Promise<ExitCode> {
  const { io } = call;
  // A signal must not end this process while something is set aside.
  let stopped = false;
  const unlisten = io.onStop(() => stopped = true);
  try {
    const root = await rootOf(call);
    const repository = await openRepository(io, root);
    const places = hookPlaces(repository.gitDir);
    const lock = await takeHookLock(io, places);
    if (!lock) throw busy();
    try {
      const recovery = await recoverLocked(io, places, repository.top, () => endLeft(io, root));
      if (recovery.state === "restored") {
        refuseCollisions(recovery.restored.collisions, recovery.top);
        // What git is about to commit was chosen while all of it was away.
        throw isBack(recovery.restored);
      }
      const place: Place = { root, repository, places, isStopped: () => stopped };
      return await (hook === "pre-push" ? runPush(call, place) : runCommit(call, place));
    } finally {
      await io.fs.remove(join(places.folder, "index"));
      lock.release();
    }
  } finally {
    unlisten();
  }
}

function isBack(restored: Restored): UserError {
  return new UserError(backText(restored), {
    code: "set_aside_back",
    hint: "look at it, stage what you mean, then do it again",
  });
}

function busy(): UserError {
  return new UserError("Another hook run is at work in this working tree", {
    code: "hook_busy",
    hint: "wait until it has ended, then do it again",
  });
}

async function runCommit(call: Call, place: Place): Promise<ExitCode> {
  const { root, repository, places } = place;
  const before = await call.io.fs.stat(repository.index);
  const target = await stagedTarget(call.io, repository, places);
  const prefix = prefixOf(repository.top, root);
  const changed = target.status.entries.filter(({ index }) => index !== ".").flatMap((entry) =>
    entry.path.startsWith(prefix)
      ? [{
        path: entry.path.slice(prefix.length),
        deleted: entry.index === "D" || entry.isSubmodule,
      }]
      : []
  );
  const exit = await test(call, place, { hook: "pre-commit", target, changed, word: "staged" });
  const tested = target.lineage.tree;
  if (
    exit !== ExitCode.ok || await isStillStaged(call.io, repository, places, { tested, before })
  ) {
    return exit;
  }
  call.io.stderr.write(
    "assay: a command changed what is staged: what would be committed is not what was tested\n" +
      "  look at it (git diff --cached), then commit again\n",
  );
  return ExitCode.failed;
}

async function runPush(call: Call, place: Place): Promise<ExitCode> {
  const head = await pushedHead(call, place);
  if (typeof head === "number") return head;
  const target = await headTarget(call.io, place.repository, place.places);
  const staged = await stagedPaths(place.repository);
  return await test(call, place, { hook: "pre-push", target, staged, ...changesOf(head, place) });
}

function changesOf({ changed }: PushedHead, { repository, root }: Place) {
  const prefix = prefixOf(repository.top, root);
  const inside = changed?.filter(({ path }) => path.startsWith(prefix))
    .map(({ path, deleted }) => ({ path: path.slice(prefix.length), deleted }));
  return { word: "pushed", ...inside ? { changed: inside } : {} };
}

/** What is to be tested. */
interface Subject extends Pick<Scope, "changed" | "word"> {
  readonly hook: HookName;
  readonly target: Target;
  /** Paths that are no untracked files though git says so of the target. */
  readonly staged?: ReadonlySet<string>;
}

async function test(call: Call, place: Place, subject: Subject): Promise<ExitCode> {
  const { io } = call;
  const { root } = place;
  const found = await surveyed(call, place, subject);
  return await aside(call, place, { ...subject, found }, async (note) => {
    const own: Call = { ...call, io: outsideOfHook(io) };
    const lineage = () => readingOf(io, subject.target, found);
    const context = await openRunContext(own, { root, lineage });
    const warnings = [...context.warnings, ...found.warnings, ...keptWarnings(found, root, place)];
    const selected = planVerify(await detectAll(io, context.project), { skip: [] });
    const plan = await narrowed(selected, root, await scopeOf(io, root, subject));
    return await runAndReport(own, { ...context, warnings }, plan, {
      verb: "hook",
      failFast: call.flag("fail-fast"),
      ended: note,
      ...jobsOf(call),
    });
  });
}

async function surveyed(
  call: Call,
  { root, repository: { top, gitDir } }: Place,
  subject: Subject,
) {
  const { io } = call;
  const { target, staged } = subject;
  const reports = reportsIn(call, top);
  const prefix = prefixOf(top, root);
  const hooks = hooksIn(io, top, gitDir);
  const isForeign = (path: string) => !isConfiguration(prefix, path);
  const { status } = target;
  const keepsAll = status.untracked.some(isForeign) &&
    await untrackedSetting(io, root, target) === "keep";
  const isHook = (path: string) => hooks !== undefined && path.startsWith(hooks);
  const known = {
    ...status,
    entries: status.entries.filter(({ path }) => !isHook(path)),
    untracked: status.untracked.filter((path) => !isHook(path) && !reports.has(path)),
  };
  return await survey(io, top, known, {
    keeps: (path) => !isForeign(path) || keepsAll && !staged?.has(path),
  });
}

/** The reports that this run writes, from the top: assay itself puts new ones in their place. */
function reportsIn({ io, list }: Call, top: string): ReadonlySet<string> {
  const files = list("reporter").filter((text) => text.includes("="))
    .map((text) => resolve(io.cwd, text.slice(text.indexOf("=") + 1)));
  return new Set(files.map((file) => relative(top, file)));
}

/** The folder of hooks where it lies in the working tree: what runs this must stay in its place. */
function hooksIn(io: Io, top: string, gitDir: string): string | undefined {
  const told = io.env("ASSAY_HOOKS");
  const folder = told === undefined ? undefined : resolve(io.cwd, told);
  if (!folder?.startsWith(`${top}/`) || folder.startsWith(`${gitDir}/`)) return undefined;
  return `${relative(top, folder)}/`;
}

/** The project's folder from the top, as paths begin with it. */
function prefixOf(top: string, root: string): string {
  return root === top ? "" : `${relative(top, root)}/`;
}

/** What is said of files that are there though they are not committed. */
function keptWarnings({ kept }: Survey, root: string, { repository: { top } }: Place): string[] {
  const prefix = prefixOf(top, root);
  const own = kept.filter((path) => isConfiguration(prefix, path));
  const others = kept.filter((path) => !isConfiguration(prefix, path));
  const shown = others.slice(0, 3).join(", ") + (others.length > 3 ? ", …" : "");
  return [
    ...own.length > 0
      ? [`${own[0]} is not tracked: what is checked is not part of the commit`]
      : [],
    ...others.length > 0 ? [`untracked files stay in their place: ${shown}`] : [],
  ];
}

/** The target as the run's lineage, with what the files are like now. */
async function readingOf(io: Io, { lineage, status, repository, why }: Target, found: Survey) {
  const { top, env } = repository;
  const { tracked } = status;
  const marks = await markWork(io, top, { tracked, untracked: found.kept });
  return { lineage, marks: { ...marks, env }, ...why === undefined ? {} : { why } };
}

async function scopeOf(io: Io, root: string, { changed, word }: Subject): Promise<Scope> {
  const scope = { files: () => listFiles(io, root) };
  if (changed === undefined) return scope;
  const there = new Set(
    await existing(io, root, changed.filter(({ deleted }) => !deleted).map(({ path }) => path)),
  );
  const known = changed.map(({ path }) => ({ path, deleted: !there.has(path) }));
  return { ...scope, changed: known, ...word === undefined ? {} : { word } };
}
