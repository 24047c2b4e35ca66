/** Makes the working tree what is going to be committed. The user's own versions wait in the git folder. */

import { messageOf, UserError } from "../errors.ts";
import { errorCode, type Io } from "../io.ts";
import { type Journal, writeJournal } from "./journal.ts";
import { markOf, moveInto, takeAway } from "./move.ts";
import { type HookPlaces, type Repository, sessionPlaces } from "./repository.ts";
import type { Survey } from "./survey.ts";

/** Arguments of one call of git, in characters: far below what any system takes. */
const argumentsLimit = 60_000;

/** What there is to do. */
export interface SetAsideRequest extends Pick<Survey, "entries" | "emptied" | "made"> {
  readonly hook: string;
  readonly session: string;
}

/**
 * Sets aside what the survey found. Each step is noted before it is done, so that whatever ends this process
 * leaves what {@linkcode restore} can put back; so does an error that is thrown here.
 */
export async function setAside(
  io: Io,
  repository: Pick<Repository, "top" | "git">,
  places: HookPlaces,
  request: SetAsideRequest,
): Promise<Journal> {
  const { top } = repository;
  const journal: Journal = {
    schema: "assay.hook-journal/1",
    top,
    started_at: new Date(io.now()).toISOString(),
    ...request,
  };
  const { own, aside, asides, trashes, folder, folders, puts } = sessionPlaces(places, journal);
  for (const each of [asides, trashes, folders, puts]) await io.fs.mkdir(each);
  await io.fs.sync(own);
  await writeJournal(io, places, journal);
  for (const [index, { path, moved }] of journal.entries.entries()) {
    if (moved) await takeAway(io, `${top}/${path}`, aside(index), journal.session);
  }
  for (const [index, { path }] of journal.emptied.entries()) {
    await takeFolder(io, `${top}/${path}`, folder(index));
  }
  if (!journal.entries.some(({ put }) => put)) return journal;
  return await putAll(io, repository, places, journal);
}

/** Moved and not removed where that can be: somebody's shell may be in it. */
async function takeFolder(io: Io, from: string, to: string): Promise<void> {
  try {
    await io.fs.rename(from, to);
  } catch (error) {
    if (errorCode(error) !== "EXDEV") throw error;
    return await io.fs.removeOne(from);
  }
  if ((await io.fs.list(to)).length === 0) return;
  await io.fs.rename(to, from);
  throw busy(from);
}

function busy(path: string): UserError {
  return new UserError(`Cannot test what is staged: ${path} was written at this very moment`, {
    code: "work_tree_busy",
    hint: "do it again when nothing else writes here",
  });
}

async function putAll(
  io: Io,
  repository: Pick<Repository, "top" | "git">,
  places: HookPlaces,
  bare: Journal,
): Promise<Journal> {
  const { top } = repository;
  const { puts } = sessionPlaces(places, bare);
  await checkOut(repository, puts, bare.entries.filter(({ put }) => put).map(({ path }) => path));
  const entries = await Promise.all(bare.entries.map(async (entry) => {
    if (!entry.put) return entry;
    const mark = await markOf(io, `${puts}/${entry.path}`);
    if (mark !== undefined) return { ...entry, mark };
    throw new UserError(`Cannot test what is staged: git did not write ${entry.path}`, {
      code: "checkout_failed",
    });
  }));
  const journal = { ...bare, entries };
  await writeJournal(io, places, journal);
  for (const path of journal.made.toReversed()) await io.fs.mkdir(`${top}/${path}`);
  for (const { path, put } of entries) {
    if (!put || await moveInto(io, `${puts}/${path}`, `${top}/${path}`, journal.session)) continue;
    throw busy(path);
  }
  return journal;
}

/** Writes what the index holds as a checkout would: line endings, filters, modes. */
async function checkOut(
  { git }: Pick<Repository, "git">,
  folder: string,
  paths: readonly string[],
): Promise<void> {
  for (const batch of batches(paths)) {
    const { code, why } = await git(["checkout-index", `--prefix=${folder}/`, "--", ...batch]);
    if (code === 0) continue;
    throw new UserError(`Cannot test what is staged: git cannot write it: ${why}`, {
      code: "checkout_failed",
    });
  }
}

function batches(paths: readonly string[]): string[][] {
  const all: string[][] = [];
  let length = argumentsLimit;
  for (const path of paths) {
    if (length + path.length > argumentsLimit) {
      all.push([]);
      length = 0;
    }
    all.at(-1)!.push(path);
    length += path.length + 1;
  }
  return all;
}

/** What is said when setting aside failed, once everything is back. */
export function notSetAside(error: unknown): UserError {
  if (error instanceof UserError) return error;
  return new UserError(`Cannot set aside what is not staged: ${messageOf(error)}`, {
    code: "set_aside_failed",
    hint: "nothing is lost: what was moved is back in its place",
    cause: error,
  });
}
