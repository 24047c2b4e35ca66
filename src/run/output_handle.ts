/** A kept stream, passed to plugins without being read into memory. */

import { type Io, isNotFound } from "../io.ts";
import type { ExecutionResult, OutputHandle } from "../plugin.ts";
import type { Captured } from "../process/capture.ts";
import type { Executed } from "../process/types.ts";
import type { Prepared } from "./types.ts";

/** Bytes per call. */
const maxBytes = 1024 * 1024;

/** Bytes a UTF-8 character may have after its first. */
const maxTail = 3;

/** The stream that was kept in the file at `path`. */
export function outputHandle(io: Io, path: string, { kept, truncated }: Captured): OutputHandle {
  return {
    bytes: kept,
    truncated,
    async readText({ from = 0, bytes = maxBytes } = {}) {
      const start = Math.trunc(Math.min(kept, from < 0 ? Math.max(0, kept + from) : from));
      const count = Math.trunc(Math.min(bytes, maxBytes, kept - start));
      if (!(count > 0)) return "";
      return characters(await readBytes(io, path, start, count + maxTail), count, start > 0);
    },
  };
}

/**
 * The text of the first `count` bytes, whole characters only: one that begins before them is left to the
 * part before, one that begins in them is read to its end. So parts that are read one after the other
 * make up the whole.
 */
function characters(bytes: Uint8Array, count: number, isInside: boolean): string {
  const start = isInside ? tailAt(bytes, 0) : 0;
  const end = count < bytes.length ? count + tailAt(bytes, count) : bytes.length;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(start, end));
}

/** How many bytes from `at` continue a character. */
function tailAt(bytes: Uint8Array, at: number): number {
  let tail = 0;
  while (tail < maxTail && (bytes[at + tail]! & 0xc0) === 0x80) tail++;
  return tail;
}

async function readBytes(
  io: Io,
  path: string,
  start: number,
  count: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  let filled = 0;
  const reader = (await openKept(io, path, start)).getReader();
  while (filled < count) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, count - filled);
    bytes.set(part, filled);
    filled += part.length;
  }
  await reader.cancel();
  return bytes.subarray(0, filled);
}

/** Streams a kept stream from `start`. One without a byte has no file. */
export async function openKept(
  io: Io,
  path: string,
  start = 0,
): Promise<ReadableStream<Uint8Array>> {
  try {
    return await io.fs.openRead(path, start);
  } catch (error) {
    if (isNotFound(error)) return new ReadableStream({ start: (stream) => stream.close() });
    throw error;
  }
}

// What a command did, in the words of the plugin contract.

/** What collectors have added so far. */
export type Contributed = Pick<ExecutionResult, "metrics" | "artifacts" | "denials">;

/** The result of one attempt, its own copy of what was contributed included. */
export function resultOf(
  io: Io,
  { stdoutFile, stderrFile }: Prepared,
  executed: Executed,
  { metrics, artifacts, denials }: Contributed,
): ExecutionResult {
  const { exitCode, signal, timedOut, cancelled, pid, startedAt, durationMs } = executed;
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    exitCode,
    stdout: outputHandle(io, stdoutFile, executed.stdout),
    stderr: outputHandle(io, stderrFile, executed.stderr),
    startedAt: time(startedAt),
    completedAt: time(startedAt + durationMs),
    durationMs,
    signal,
    timedOut,
    cancelled,
    truncated: executed.stdout.truncated || executed.stderr.truncated,
    pid,
    metrics: { ...metrics },
    artifacts: { ...artifacts },
    denials: denials.map((denial) => ({ ...denial })),
  };
}
