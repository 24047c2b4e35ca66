/** Stage "execute": runs one argv to its end, its limit, or its cancellation. */

import { dirname } from "@std/path";
import {
  type Child,
  errorCode,
  type FileInfo,
  type FileWriter,
  type Io,
  isNotFound,
} from "../io.ts";
import { messageOf } from "../errors.ts";
import { capture, type Captured } from "./capture.ts";
import { launcherOf } from "./launch.ts";
import { endsWithin, killStragglers, stopGroup } from "./stop.ts";
import type { Executed, Execution, SpawnError, Usage } from "./types.ts";

/** How long the streams may stay open after the command ended, before the processes that hold them are stopped. */
const drainMs = 250;

/** How long what a command wrote before it ended may take to arrive, in milliseconds. */
const settleMs = 20;

/** How long what a command left in its group may take to end by itself, in milliseconds. */
const leftoverGraceMs = 500;

const nothing: Captured = { seen: 0, kept: 0, truncated: false, abandoned: false };

/** What the launcher exits with when it could not execute the program. */
const launchFailed = 127;

const notMeasured: Usage = { metrics: {}, programs: [], changed: false, oom: false };

/** Runs the command. Never throws for what the command does; a full disk under its output does. */
export async function execute(io: Io, execution: Execution): Promise<Executed> {
  const startedAt = io.now();
  const start = io.monotonic();
  const { output, outputCap, stdoutFile, stderrFile, usageFile } = execution;
  let child: Child;
  try {
    child = await spawn(io, execution);
  } catch (error) {
    return notStarted(io, startedAt, start, spawnErrorOf(execution, error));
  }

  const say = (stream: "stdout" | "stderr") => (chunk: Uint8Array) => output?.(stream, chunk);
  const fileAt = (path: string) => () => newFile(io, path);
  const mark = endMarkOf(execution);
  const stdout = capture(child.stdout, fileAt(stdoutFile), outputCap, say("stdout"), mark);
  const stderr = capture(child.stderr, fileAt(stderrFile), outputCap, say("stderr"));
  const streams = Promise.allSettled([stdout.done, stderr.done]);

  const stopped = await waitOrStop(io, child, execution);
  const durationMs = io.monotonic() - start;
  const status = await child.status;
  const report = await reportOf(io, execution);
  const usage = usageFile === undefined ? notMeasured : await takeUsage(io, usageFile);

  const isDrained = await endsWithin(io, streams, settleMs);
  const seen = stdout.seen();
  // Whatever the command left in its group is stopped: nothing of an attempt outlives it. A launcher that ended by
  // itself has seen to that; one that was killed has not, whatever stands in its file.
  const isSwept = status.signal === null && usage.left === 0;
  let leftBehind = !isSwept && io.kill(-child.pid, "SIGTERM");
  const isOver = isDrained || !leftBehind && await endsWithin(io, streams, drainMs);
  if (leftBehind || stopped !== undefined || !isOver) {
    leftBehind = await sweep(io, child.pid, execution.attemptId, streams) || leftBehind;
    stdout.abandon();
    stderr.abandon();
  }

  const [out, err] = await Promise.all([stdout.done, stderr.done]);
  if (usage.errno !== undefined && status.code === launchFailed) {
    return notStarted(io, startedAt, start, launchErrorOf(execution, usage.errno));
  }
  return {
    pid: child.pid,
    exitCode: status.signal === null ? status.code : null,
    signal: status.signal,
    timedOut: stopped === "timeout",
    cancelled: stopped === "cancelled",
    spawnError: null,
    startedAt,
    durationMs,
    stdout: out,
    stderr: err,
    leftBehind: (leftBehind || (usage.left ?? 0) > 0) && stopped === undefined,
    report,
    // Where there is a launcher, it has marked the end.
    outputGrew: out.seen > seen && usage.metrics.cpu_user_ms === undefined,
    usage,
  };
}

/** Starts the command under the launcher, or without it where there is none that works. */
async function spawn(io: Io, execution: Execution): Promise<Child> {
  const { argv, cwd, env, sandboxed, resultFile, usageFile } = execution;
  const launcher = usageFile === undefined ? undefined : await launcherOf(io);
  if (usageFile !== undefined && launcher !== undefined) {
    try {
      const closesInherited = sandboxed !== undefined;
      const options = { usageFile, closesInherited, resultFile, endMark: endMarkOf(execution) };
      const launched = launcher({ argv, env }, options);
      return io.spawn(launched.argv, { cwd, env: launched.env, group: false });
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }
  return io.spawn(argv, { cwd, env, group: true });
}

function endMarkOf({ readsOutput, attemptId }: Execution): string | undefined {
  return readsOutput ? `assay: ${attemptId} ended` : undefined;
}

/** Opens a file that must not exist, by whatever name and kind: what the command put there is not written to. */
async function newFile(io: Io, path: string): Promise<FileWriter | undefined> {
  try {
    await io.fs.mkdir(dirname(path));
    return await io.fs.openNew(path);
  } catch (error) {
    const code = errorCode(error);
    if (code === "EEXIST" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** A dangling or circular link is not a report. */
async function reportOf(io: Io, { resultFile }: Execution): Promise<FileInfo | undefined> {
  return resultFile === undefined ? undefined : await io.fs.stat(resultFile).catch(() => undefined);
}

/** Waits for the command; stops it at its limit or on cancellation, and returns which it was. */
async function waitOrStop(
  io: Io,
  child: Child,
  { timeoutMs, signal }: Execution,
): Promise<"timeout" | "cancelled" | undefined> {
  const timer = new AbortController();
  const limit = io.sleep(timeoutMs, timer.signal).then(() => "timeout" as const, () => undefined);
  const cancelled = new Promise<"cancelled">((resolve) => {
    if (signal.aborted) resolve("cancelled");
    signal.addEventListener("abort", () => resolve("cancelled"), { once: true });
  });
  const ended = child.status.then(() => undefined);
  const stopped = await Promise.race([ended, limit, cancelled]);
  timer.abort(ended);
  if (stopped !== undefined) await stopGroup(io, child.pid, child.status);
  await ended;
  return stopped;
}

/** Stops the rest of the group and every marked process, waiting a moment for the streams to end. */
async function sweep(
  io: Io,
  pid: number,
  attemptId: string,
  streams: Promise<unknown>,
): Promise<boolean> {
  const inGroup = io.kill(-pid, "SIGTERM");
  if (inGroup && !await groupEnds(io, pid)) io.kill(-pid, "SIGKILL");
  const killed = await killStragglers(io, attemptId);
  await endsWithin(io, streams, drainMs);
  return inGroup || killed > 0;
}

/**
 * Waits for a group that was asked to end. A group has no status to wait for, so it is polled.
 * Its zombies count as members until they are reaped, so the wait is short: killing them is harmless.
 */
async function groupEnds(io: Io, pid: number): Promise<boolean> {
  for (let waited = 0; waited < leftoverGraceMs; waited += 20) {
    await io.sleep(20);
    if (!io.kill(-pid, "SIGTERM")) return true;
  }
  return false;
}

/** A system error about a program is data; anything else thrown is not. */
function spawnErrorOf({ argv }: Execution, error: unknown): SpawnError {
  const [program] = argv;
  if (isNotFound(error)) return { message: `cannot start ${program}: not found`, isMissing: true };
  const code = errorCode(error);
  if (code === undefined) throw error;
  return { message: `cannot start ${program}: ${messageOf(error)}`, isMissing: code === "EACCES" };
}

/** Numbers and words of Linux, see errno(3); the launcher knows the number alone. */
const errors: Readonly<Record<number, string>> = {
  2: "not found",
  7: "its arguments are too long",
  8: "it is not an executable program (exec format error)",
  13: "permission denied",
  20: "part of its path is not a folder",
};

function launchErrorOf({ argv: [program] }: Execution, errno: number): SpawnError {
  const why = errors[errno] ?? `error ${errno}`;
  return { message: `cannot start ${program}: ${why}`, isMissing: errno === 2 || errno === 13 };
}

function notStarted(
  io: Io,
  startedAt: number,
  start: number,
  spawnError: SpawnError,
): Executed {
  return {
    pid: null,
    exitCode: null,
    signal: null,
    timedOut: false,
    cancelled: false,
    spawnError,
    startedAt,
    durationMs: io.monotonic() - start,
    stdout: nothing,
    stderr: nothing,
    leftBehind: false,
    report: undefined,
    outputGrew: false,
    usage: notMeasured,
  };
}

// What a command used, as recorded by its launcher.

/** More is not what the launcher writes. */
const maxSize = 4096;

/** The numbers it may hold. */
export const usageNames: readonly string[] = [
  "cpu_user_ms",
  "cpu_system_ms",
  "memory_peak_bytes",
  "read_bytes",
  "written_bytes",
];

/** Reads what the launcher left. A killed launcher left nothing, which is not an error. */
export async function readUsage(io: Io, file: string): Promise<Usage> {
  const text = await textOf(io, file);
  const entries = [...text.matchAll(/^(\w+) (\d{1,15}(?:\.\d{1,3})?)$/gm)]
    .map(([, name, value]) => [name!, Number(value)] as const);
  const valueOf = (wanted: string) => entries.find(([name]) => name === wanted)?.[1];
  const errno = valueOf("errno");
  return {
    metrics: Object.fromEntries(entries.filter(([name]) => usageNames.includes(name))),
    ...(errno === undefined ? {} : { errno }),
    left: valueOf("left"),
    programs: Array.from(text.matchAll(/^program (.+)$/gm), ([, name]) => name!),
    changed: valueOf("changed") !== undefined,
    oom: valueOf("oom") !== undefined,
  };
}

async function takeUsage(io: Io, file: string): Promise<Usage> {
  const usage = await readUsage(io, file);
  await io.fs.removeOne(file);
  return usage;
}

async function textOf(io: Io, file: string): Promise<string> {
  try {
    // A command that could write there may have put a link or a pipe in its place.
    const info = await io.fs.lstat(file);
    return info?.isFile && info.size <= maxSize ? await io.fs.readText(file) : "";
  } catch (error) {
    if (isNotFound(error)) return "";
    throw error;
  }
}
