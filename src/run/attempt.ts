/** The path of one command: prepare → execute → collect → parse → store → settle → annotate. */

import { join, relative } from "@std/path";
import type { CommandDef } from "../config/types.ts";
import { messageOf } from "../errors.ts";
import type { FileLock, Io } from "../io.ts";
import type { Attempt } from "../model.ts";
import { bringBack, realPlace } from "../store/aside.ts";
import { execute } from "../process/execute.ts";
import { cancelled, notRun, type Outcome, pending, settled } from "./outcome.ts";
import { openKept } from "./output_handle.ts";
import { prepare } from "./prepare.ts";
import { type Made, makePlaces } from "./places.ts";
import { type Before, lookBefore } from "./report.ts";
import { type Evidence, gather } from "./evidence.ts";
import type { Executed, Execution } from "../process/types.ts";
import type { Emit } from "./events.ts";
import type { AttemptContext, Prepared } from "./types.ts";

/** Runs one command to its outcome. The store holds the attempt from before its process starts. */
export async function runAttempt(def: CommandDef, context: AttemptContext): Promise<Attempt> {
  const prepared = await prepare(def, context);
  const attempt = pending(prepared, context);
  const running = { ...attempt, ref: context.writer.startAttempt(attempt).ref };
  context.emit({ type: "started", attempt: running });
  const outcome = await outcomeOf(prepared, context);
  const ended: Attempt = { ...running, ...outcome, state: "finished" };
  const warnings = await annotated(ended, def, context);
  const finished = { ...ended, warnings: [...ended.warnings, ...warnings] };
  context.emit({ type: "settled", attempt: finished });
  context.writer.finishAttempt(finished);
  return finished;
}

/** Lets the eager annotators speak; they are loaded only where there are any. Returns their warnings. */
async function annotated(
  attempt: Attempt,
  { extensionData }: CommandDef,
  context: AttemptContext,
): Promise<readonly string[]> {
  const { plugins, run, signal } = context;
  if (signal.aborted || !plugins.annotators.some(({ value }) => value.eager)) return [];
  const { annotateEagerly } = await import("./annotate.ts");
  return await annotateEagerly({ run, attempt, extensionData }, context);
}

async function outcomeOf(prepared: Prepared, context: AttemptContext): Promise<Outcome> {
  const { def, failed } = prepared;
  if (context.signal.aborted) return cancelled(String(context.signal.reason));
  if (failed !== undefined) return notRun(prepared, { prepareFailed: failed }, context);
  const uncovered = (prepared.sandboxed?.facts ?? []).filter((fact) =>
    fact.enforced_by === undefined
  );
  if (uncovered.length > 0 && def.sandbox?.on_uncovered === "fail") {
    return notRun(prepared, {
      sandboxUnenforced: uncovered.map(({ dimension, why }) => `${dimension} (${why})`),
    }, context);
  }
  const held: FileLock[] = [];
  try {
    for (const name of await locksOf(prepared, context)) {
      const lock = await takeLock(context, name);
      if (lock) held.push(lock);
      else if (context.signal.aborted) return cancelled(String(context.signal.reason));
      else return notRun(prepared, { lockTimeout: name }, context);
    }
    return settled(prepared, await evidenceOf(prepared, context), context);
  } finally {
    for (const lock of held) lock.release();
  }
}

/**
 * The locks an attempt holds, always taken in the same order so that two never wait for each other: its
 * report's, when another run would write the same file, and the one the runner names.
 */
async function locksOf(
  { def, resultFile }: Prepared,
  { io, project, writer }: AttemptContext,
): Promise<string[]> {
  const shared = resultFile !== undefined && !resultFile.startsWith(`${writer.dir}/`);
  return [
    ...shared ? [`report ${relative(project.root, await realPlace(io, resultFile))}`] : [],
    ...def.lock === undefined ? [] : [def.lock],
  ];
}

async function evidenceOf(prepared: Prepared, context: AttemptContext): Promise<Evidence> {
  const { io, project, writer, signal, emit } = context;
  const { resultFile, places: { filesDir, usageFile } } = prepared;
  if (resultFile !== undefined) await io.fs.mkdir(filesDir);
  let before: Before | undefined;
  let made: Made | undefined;
  try {
    before = resultFile === undefined
      ? undefined
      : await lookBefore(io, project.root, resultFile, { runDir: writer.dir, filesDir });
    made = await makePlaces(io, prepared.places, prepared);
    const executed = await executeReached(prepared, () =>
      execute(io, {
        ...prepared.spec,
        ...prepared,
        usageFile,
        outputCap: project.store.outputCap,
        readsOutput: resultFile === undefined && prepared.def.resultFormat !== "exit-code",
        signal,
        output: outputTo(emit, prepared.spec.attemptId),
      }), io);
    await made.settle();
    emit(finishedOf(prepared, executed));
    const ran = await checkedOutputs(prepared, executed, io);
    return await gather(prepared, before, ran, context);
  } finally {
    await made?.settle();
    const mayBeAside = resultFile !== undefined && before?.moved !== false;
    const kept = mayBeAside ? await bringBack(io, project.root, filesDir) : undefined;
    if (kept !== undefined) prepared.say(`the previous report could not be put back: ${kept}`);
    if (made) await removeTemporary(made, prepared);
  }
}

/** Passes on what a command writes, with its position in the stream. */
function outputTo(emit: Emit, attempt_id: string): Execution["output"] {
  const seen = { stdout: 0, stderr: 0 };
  return (stream, chunk) => {
    const [from, bytes] = [seen[stream], chunk.length];
    seen[stream] += bytes;
    emit({ type: "output", attempt_id, stream, from, bytes, chunk });
  };
}

function finishedOf({ spec: { attemptId } }: Prepared, executed: Executed) {
  const { exitCode: exit_code, signal, timedOut: timed_out, cancelled, durationMs } = executed;
  const duration_ms = Math.round(durationMs);
  const ending = { exit_code, signal, timed_out, cancelled, duration_ms };
  return { type: "finished", attempt_id: attemptId, ...ending } as const;
}

/** How often a sandbox that did not start its command is retried. */
const moreStarts = 2;

/**
 * Executes until the command is reached. Engines do not act atomically: bwrap fails when one of the
 * machine's mounts disappears while it copies them, which says nothing about the command or the next try.
 */
async function executeReached(
  prepared: Prepared,
  act: () => Promise<Executed>,
  io: Io,
): Promise<Executed> {
  for (let left = moreStarts;; left--) {
    const executed = await act();
    const why = await startProblem(prepared, executed, io);
    if (why === undefined) return executed;
    // Output may come from a command that removed its mark: it is not run twice.
    if (left === 0 || executed.stdout.seen > 0) {
      return { ...executed, spawnError: { message: why, isMissing: false } };
    }
    prepared.say(`${why}; it was made again`);
    for (const file of [prepared.stdoutFile, prepared.stderrFile]) await io.fs.removeOne(file);
  }
}

/**
 * Why the command was never reached, or nothing when it was: an engine that failed by itself says nothing about
 * the command.
 */
async function startProblem(
  { startMark, stderrFile }: Prepared,
  { exitCode, timedOut, cancelled, spawnError }: Executed,
  io: Io,
): Promise<string | undefined> {
  if (startMark === undefined) return undefined;
  if (await io.fs.lstat(startMark) !== undefined) {
    await io.fs.remove(startMark);
    return undefined;
  }
  if (exitCode === null || timedOut || cancelled || spawnError) return undefined;
  const [said = ""] = (await firstText(io, stderrFile)).split("\n", 1);
  return `its sandbox could not start it (exit code ${exitCode})${said && `: ${said}`}`;
}

/**
 * The result; counts as not started when the command replaced its output files with something else:
 * a pipe would never end, a link could lead elsewhere. What assay kept of the output is lost then.
 */
async function checkedOutputs(
  prepared: Prepared,
  executed: Executed,
  io: Io,
): Promise<Executed> {
  if (executed.pid === null) return executed;
  const isSilent = executed.stdout.kept + executed.stderr.kept === 0 && !executed.stdout.lost &&
    !executed.stderr.lost;
  if (isSilent && await io.fs.lstat(prepared.dir) === undefined) return executed;
  let ran = executed;
  for (const stream of ["stdout", "stderr"] as const) {
    const [file, captured] = [prepared[`${stream}File`], executed[stream]];
    const info = await io.fs.lstat(file);
    if (!captured.lost && (captured.kept === 0 ? info === undefined : info?.isFile)) continue;
    await io.fs.remove(file);
    const message = `its evidence is lost: ${file} was replaced`;
    const spawnError = { message, isMissing: false };
    ran = { ...ran, [stream]: { ...captured, kept: 0 }, spawnError };
  }
  return ran;
}

/** The beginning of a file, enough for one sentence. */
async function firstText(io: Io, file: string): Promise<string> {
  const reader = (await openKept(io, file)).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value?.subarray(0, 500));
}

/** What a command locked against removal stays where it is: that is no reason to lose its outcome. */
async function removeTemporary(made: Made, { say, places }: Prepared): Promise<void> {
  try {
    await made.remove();
  } catch (error) {
    say(`the temporary folder ${places.tmpDir} could not be removed: ${messageOf(error)}`);
  }
}

// Named locks: commands that share one never run at the same time, in this run or another.

const pollMs = 50;

/** Waits for the lock; `undefined` when it was not free in time. */
async function takeLock(
  { io, project: { root, locks }, signal }: AttemptContext,
  name: string,
): Promise<FileLock | undefined> {
  const dir = join(root, ".assay", "locks");
  await io.fs.mkdir(dir);
  const path = join(dir, `${encodeURIComponent(name)}.lock`);
  const deadline = io.monotonic() + locks.timeoutMs;
  for (;;) {
    const lock = await io.fs.tryLock(path);
    if (lock || io.monotonic() >= deadline || signal.aborted) return lock;
    // A cancelled wait ends it: the loop sees the signal.
    await io.sleep(pollMs, signal).catch(() => {});
  }
}
