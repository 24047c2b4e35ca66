/** Ends a command's processes: the whole group, then any straggler that carries the attempt's mark. */

import type { Io } from "../io.ts";
import { printed, programOf } from "./programs.ts";

/** The environment variable every process of an attempt inherits. */
export const attemptMark = "ASSAY_ATTEMPT_ID";

/** How long a command may take to end by itself after SIGTERM, in milliseconds. */
export const graceMs = 5_000;

/** Asks a command's process group to end, and kills it after {@linkcode graceMs}. */
export async function stopGroup(io: Io, pid: number, ended: Promise<unknown>): Promise<void> {
  // There is none yet where a launcher has only just started.
  if (!io.kill(-pid, "SIGTERM")) io.kill(pid, "SIGTERM");
  if (!await endsWithin(io, ended, graceMs)) io.kill(-pid, "SIGKILL");
}

/** Whether `ended` settles within `ms`. */
export async function endsWithin(io: Io, ended: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([
      ended.then(() => true, () => true),
      io.sleep(ms, timer.signal).then(() => false, () => false),
    ]);
  } finally {
    // With a reason: without one an error with its stack is made, each time.
    timer.abort(ended);
  }
}

/**
 * Kills what left its process group (`setsid`, double fork) but still carries the attempt's mark in
 * its environment. Linux only: elsewhere the environment of other processes cannot be read.
 *
 * @returns how many processes were killed
 */
export async function killStragglers(io: Io, attemptId: string): Promise<number> {
  if (io.os !== "linux") return 0;
  const killed = new Set<number>();
  // A straggler may fork while it is being looked for; a few rounds catch its children.
  for (let round = 0; round < 5; round++) {
    const found = (await marked(io, attemptId)).filter((pid) => !killed.has(pid));
    if (found.length === 0) break;
    for (const pid of found) {
      io.kill(pid, "SIGKILL");
      killed.add(pid);
    }
  }
  return killed.size;
}

/**
 * `/proc/PID/environ` is closed to Deno without `--allow-all`, so `grep` reads it: `-z` because the
 * variables end in NUL, `-s` because processes come and go and those of others are unreadable.
 */
async function marked(io: Io, attemptId: string): Promise<number[]> {
  const script = `exec "$0" -lsaz "^${attemptMark}=${attemptId}$" /proc/[0-9]*/environ`;
  const programs = [programOf(io, "sh"), programOf(io, "grep")];
  const [shell, grep] = await Promise.all(programs).catch(() => []);
  if (shell === undefined || grep === undefined) return [];
  const { text } = await printed(io, [shell, "-c", script, grep]);
  return [...text.matchAll(/^\/proc\/(\d+)\//gm)].map((match) => Number(match[1]));
}
