/** What a command did, in the words of the plugin contract. */

import type { Io } from "../io.ts";
import type { ExecutionResult } from "../plugin.ts";
import { outputHandle } from "./output_handle.ts";
import type { Executed, Prepared } from "./types.ts";

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
