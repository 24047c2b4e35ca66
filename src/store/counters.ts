/**
 * `.assay/counters.json`: the highest `seq` and the highest serial of each name ever given out. It
 * outlives the index and the folders of runs, so that no number is given out twice.
 */

import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Layout } from "./_layout.ts";
import { seqMark } from "./_rows.ts";
import { busyLimitMs } from "./db.ts";
import { guarded, waitForLock } from "../failure.ts";
import { isNumber } from "./run_file.ts";

/** The highest number by name; `seqMark` is the name of `seq`. */
export type Marks = Map<string, number>;

/** The file's marks, or why they are unknown; `undefined`: there is no file. */
export async function readCounters(
  io: Io,
  { counters }: Layout,
): Promise<Marks | { readonly problem: string } | undefined> {
  const info = await io.fs.stat(counters);
  if (!info) return undefined;
  const text = await guarded(`read ${counters}`, () => io.fs.readText(counters));
  try {
    const value = JSON.parse(text);
    const marks = new Map<string, unknown>([
      [seqMark, value?.seq],
      ...Object.entries(value?.serials ?? { "?": undefined }),
    ]);
    if (marks.values().every(isNumber)) return marks as Marks;
    return { problem: "it does not contain the numbers of runs and attempts" };
  } catch {
    return { problem: "it is not JSON" };
  }
}

/** Writes the file; it exists before any of its numbers is used. */
export async function writeCounters(io: Io, { counters }: Layout, marks: Marks): Promise<void> {
  const { [seqMark]: seq, ...serials } = Object.fromEntries(marks);
  const text = `${JSON.stringify({ seq, serials }, null, 2)}\n`;
  await guarded(`write ${counters}`, () => io.fs.writeAtomic(counters, text));
}

/** Runs `body` while no other process takes numbers or replaces the index. */
export async function withStoreLock<T>(
  io: Io,
  { locks, storeLock }: Layout,
  body: () => Promise<T>,
): Promise<T> {
  await guarded(`create ${locks}`, () => io.fs.mkdir(locks));
  const lock = await guarded(
    `create ${storeLock}`,
    () => waitForLock(io, storeLock, busyLimitMs),
  );
  if (!lock) {
    const why = `another process has locked ${storeLock} for too long`;
    throw new UserError(`Cannot use the store: ${why}`, {
      code: "store_busy",
      hint: "Check which other assay is running, and try again",
    });
  }
  try {
    return await body();
  } finally {
    lock.release();
  }
}
