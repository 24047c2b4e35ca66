/**
 * A hook run: what must not be tested is set aside, the checks run, everything is restored, and the result is
 * shown. However it ends, even by `kill -9`, the user loses nothing: `recover.ts` does the rest.
 *
 * @module
 */

import { join, relative, resolve } from "@std/path";
import { ExitCode, messageOf, UserError } from "../errors.ts";
import { changeTime } from "../git/work_marks.ts";
import type { LineageReading } from "../git/lineage.ts";
import { type FileInfo, type Io, textOf } from "../io.ts";
import type { Run, Untested } from "../model.ts";
import type { PipelineContext, Scope } from "../run/mod.ts";
import { existing, listFiles } from "../run/narrow.ts";
import { parentOf } from "../text/paths.ts";
import { ulid } from "../ulid.ts";
import { type Entry, type HookPlaces, hookPlaces, type Journal } from "./journal.ts";
import { type Changed, changedBy, notReady, pushed } from "./push.ts";
import {
  backText,
  collisionText,
  recoverLocked,
  refuseCollisions,
  takeHookLock,
} from "./recover.ts";
import { type Policy, restore } from "./restore.ts";
import type { HookName } from "./script.ts";
import { isConfiguration, setAside, type Survey, survey } from "./stash.ts";
import {
  headTarget,
  isStillStaged,
  keepsUntracked,
  openRepository,
  type Repository,
  stagedPaths,
  stagedTarget,
  stateOf,
  type Target,
} from "./target.ts";

export interface Verification {
  lineage(): Promise<LineageReading>;
  readonly warnings: readonly string[];
  readonly untested: readonly Untested[];
  readonly scope: Scope;
  /** Called with the run when its commands have ended. */
  ended(run: Run): void;
}

export interface HookCall {
  readonly io: Io;
  readonly root: string;
  readonly hook: HookName;
  /** Files that the run writes into the working tree itself. */
  readonly reports: readonly string[];
  /** Opens the project as it is on disk, to look at the evidence in its store. */
  open(): Promise<PipelineContext>;
  verify(what: Verification): Promise<ExitCode>;
}

/** A hook run that holds the lock of the working tree. */
interface Session extends HookCall {
  readonly repository: Repository;
  readonly places: HookPlaces;
  /** The project's folder from the top, as a prefix of paths. */
  readonly prefix: string;
  /** Whether a signal asked it to stop. */
  isStopped(): boolean;
}

/** Tests what is going to be committed or pushed, and nothing else. */
export async function hookSession(call: HookCall): Promise<ExitCode> {
  const { io, root, hook } = call;
  // A signal must not end this process while something is set aside.
  let stopped = false;
  const unlisten = io.onStop(() => stopped = true);
  try {
    const repository = await openRepository(io, root);
    const { top, gitDir } = repository;
    const places = hookPlaces(gitDir);
    const lock = await takeHookLock(io, places);
    if (!lock) {
      throw new UserError("Another hook run is active in this working tree", {
        code: "hook_busy",
        hint: "wait until it has ended, then try again",
      });
    }
    try {
      const recovery = await recoverLocked(io, { places, top }, root);
      if (recovery.state === "restored") {
        refuseCollisions(recovery.restored.collisions, top);
        // The user staged this commit while the set-aside files were missing.
        throw new UserError(backText(recovery.restored), {
          code: "set_aside_back",
          hint: "check it, stage what you mean, then try again",
        });
      }
      const prefix = root === top ? "" : `${relative(top, root)}/`;
      const session = { ...call, repository, places, prefix, isStopped: () => stopped };
      return await (hook === "pre-push" ? testPushed(session) : testStaged(session));
    } finally {
      await io.fs.remove(join(places.folder, "index"));
      lock.release();
    }
  } finally {
    unlisten();
  }
}

async function testStaged(session: Session): Promise<ExitCode> {
  const { io, repository, places } = session;
  const before = await io.fs.stat(repository.index);
  const target = await stagedTarget(io, repository, places);
  const changed = target.status.entries.filter(({ index }) => index !== ".")
    .map(({ path, index, isSubmodule }) => ({ path, deleted: index === "D" || isSubmodule }));
  const exit = await test(session, { target, changed, word: "staged" });
  const tested = target.lineage.tree;
  if (exit !== ExitCode.ok || await isStillStaged(io, repository, places, { tested, before })) {
    return exit;
  }
  io.stderr.write(
    "assay: a command changed what is staged, so what would be committed was not tested\n" +
      "  check it (git diff --cached), then commit again\n",
  );
  return ExitCode.failed;
}

async function testPushed(session: Session): Promise<ExitCode> {
  const { io, repository, places, open } = session;
  const { own, others } = await pushed(repository, await textOf(io.stdin()));
  if (others.length > 0) {
    const context = await open();
    const unproven = await notReady(context, others);
    for (const each of unproven) io.stderr.write(`assay: ${each}\n`);
    if (unproven.length > 0) return ExitCode.blocked;
  }
  if (own.length === 0) return ExitCode.ok;
  const changed = await changedBy(repository, own);
  const target = await headTarget(io, repository, places);
  const staged = await stagedPaths(repository);
  return await test(session, { target, staged, changed, word: "pushed" });
}

interface Subject {
  readonly target: Target;
  /** Relative to the top; `undefined`: unknown, so everything is tested. */
  readonly changed: readonly Changed[] | undefined;
  readonly word: string;
  /** Paths that git lists as untracked in the target though they are not. */
  readonly staged?: ReadonlySet<string>;
}

async function test(session: Session, subject: Subject): Promise<ExitCode> {
  const { io, root, hook, places, repository, verify } = session;
  const { target } = subject;
  const found = await surveyed(session, subject);
  const { entries, emptied, made } = found;
  const noted: Noted = {};
  const act = async () =>
    await verify({
      lineage: () => readingOf(io, target, found, places),
      warnings: [...found.warnings, ...keptWarnings(found, session)],
      untested: untestedOf(session, subject, entries),
      scope: await scopeOf(session, subject),
      ended(run) {
        Object.assign(noted, { run, ended: io.now() });
      },
    });
  if (entries.length === 0) return await act();
  const request = { hook, entries, emptied, made, session: ulid(io) };
  let journal: Journal;
  try {
    journal = await setAside(io, target.repository, places, request);
  } catch (error) {
    await recoverLocked(io, { places, top: repository.top });
    if (error instanceof UserError) throw error;
    throw new UserError(`Cannot set aside what is not staged: ${messageOf(error)}`, {
      code: "set_aside_failed",
      hint: "nothing is lost: what was moved is back in place",
      cause: error,
    });
  }
  let exit: ExitCode = ExitCode.interrupted;
  try {
    if (!session.isStopped()) exit = await act();
  } finally {
    const { collisions } = await restore(io, places, journal, policyOf(io, root, noted));
    for (const each of collisions) {
      io.stderr.write(`assay: ${collisionText(each, journal.top)}\n`);
      if (exit === ExitCode.ok && each.outcome === "newer") exit = ExitCode.blocked;
    }
  }
  return exit;
}

interface Noted {
  readonly run?: Run;
  readonly ended?: number;
}

/** File systems have a coarser clock than the program, in milliseconds. */
const clockSlackMs = 20;

/** Files written while the commands ran are taken for theirs and kept with the run. */
function policyOf(io: Io, root: string, noted: Noted): Policy {
  return {
    async place(path: string, info: FileInfo) {
      const { run, ended } = noted;
      const written = changeTime(info);
      if (!run || ended === undefined || written === null) return undefined;
      const started = Date.parse(run.started_at) - clockSlackMs;
      if (written > ended || written < started) return undefined;
      const file = `${root}/.assay/runs/${run.run_id}/modified/${path}`;
      await io.fs.mkdir(parentOf(file));
      return file;
    },
  };
}

async function surveyed(
  { io, root, repository: { top, gitDir }, prefix, reports }: Session,
  { target, staged }: Subject,
): Promise<Survey> {
  // assay itself puts new files in their place.
  const written = new Set(reports.map((file) => relative(top, file)));
  const hooks = hooksIn(io, top, gitDir);
  const isHook = (path: string) => hooks !== undefined && path.startsWith(hooks);
  const isForeign = (path: string) => !isConfiguration(prefix, path);
  const { status } = target;
  const keepsAll = status.untracked.some(isForeign) && await keepsUntracked(io, root, target);
  const known = {
    ...status,
    entries: status.entries.filter(({ path }) => !isHook(path)),
    untracked: status.untracked.filter((path) => !isHook(path) && !written.has(path)),
  };
  const keeps = (path: string) => !isForeign(path) || keepsAll && !staged?.has(path);
  return await survey(io, top, known, keeps);
}

/** The hooks folder if it is in the working tree: the script that runs this must stay in place. */
function hooksIn(io: Io, top: string, gitDir: string): string | undefined {
  const value = io.env("ASSAY_HOOKS");
  const folder = value === undefined ? undefined : resolve(io.cwd, value);
  if (!folder?.startsWith(`${top}/`) || folder.startsWith(`${gitDir}/`)) return undefined;
  return `${relative(top, folder)}/`;
}

/** Warnings about files that are present but not committed. */
function keptWarnings({ kept }: Survey, { prefix }: Session): string[] {
  const own = kept.filter((path) => isConfiguration(prefix, path));
  const others = kept.filter((path) => !isConfiguration(prefix, path));
  const shown = others.slice(0, 3).join(", ") + (others.length > 3 ? ", …" : "");
  return [
    ...own.length > 0
      ? [`${own[0]} is not tracked: the checks use a file that is not part of the commit`]
      : [],
    ...others.length > 0 ? [`untracked files were left in place: ${shown}`] : [],
  ];
}

/** What is set aside, by paths from the project. */
function untestedOf(
  { root, prefix, repository: { top } }: Session,
  { word }: Subject,
  entries: readonly Entry[],
): Untested[] {
  // `relative` takes a backslash in a name for a slash.
  const up = `${relative(root, top)}/`;
  return entries.map(({ path, put }) => ({
    path: path.startsWith(prefix) ? path.slice(prefix.length) : up + path,
    state: word === "pushed" ? "uncommitted" : put ? "unstaged" : "untracked",
  }));
}

/** The target as the run's lineage, with the current state of the files. */
async function readingOf(io: Io, target: Target, found: Survey, places: HookPlaces) {
  const { why } = target;
  return { ...await stateOf(io, target, found.kept, places), ...why === undefined ? {} : { why } };
}

/** What of the project changed, as it is on disk now. */
async function scopeOf({ io, root, prefix }: Session, { changed, word }: Subject): Promise<Scope> {
  const scope = { files: () => listFiles(io, root) };
  if (changed === undefined) return scope;
  const own = changed.filter(({ path }) => path.startsWith(prefix))
    .map(({ path, deleted }) => ({ path: path.slice(prefix.length), deleted }));
  const there = new Set(
    await existing(io, root, own.filter(({ deleted }) => !deleted).map(({ path }) => path)),
  );
  return { ...scope, changed: own.map(({ path }) => ({ path, deleted: !there.has(path) })), word };
}
