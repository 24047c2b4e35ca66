/** What is executed, and what the result was. */

import type { FileInfo } from "../io.ts";
import type { Ending } from "../plugin.ts";
import type { Captured } from "./capture.ts";

/** What to execute. */
export interface Execution {
  readonly argv: readonly string[];
  /** Absolute path. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly attemptId: string;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  /** Bytes kept of each stream. */
  readonly outputCap: number;
  readonly signal: AbortSignal;
  /** Its report, absolute, when it writes one to a file. */
  readonly resultFile?: string | undefined;
  /** Its report is what it writes to standard output. */
  readonly readsOutput?: boolean;
  /** Where the launcher writes, out of a sandbox's reach; nothing is there before and after. Absent: not measured. */
  readonly usageFile?: string;
  /** Set when it is sandboxed: descriptors that assay itself inherited are closed then, by the launcher. */
  readonly sandboxed?: object | undefined;
  /** Called with the raw bytes as they come, to show them. */
  readonly output?: ((stream: "stdout" | "stderr", chunk: Uint8Array) => void) | undefined;
}

/** A program that could not be started. */
export interface SpawnError {
  readonly message: string;
  /** It does not exist, or may not be executed. */
  readonly isMissing: boolean;
}

/** The result of an execution. */
export interface Executed extends Ending {
  readonly pid: number | null;
  /** Why the first program of the argv could not be started. */
  readonly spawnError: SpawnError | null;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly stdout: Captured;
  readonly stderr: Captured;
  /** The command left processes behind, which were stopped. */
  readonly leftBehind: boolean;
  /** The report as it was when the command had ended; `undefined`: there was none. */
  readonly report: FileInfo | undefined;
  /** Standard output continued after the command ended, and the late part cannot be distinguished. */
  readonly outputGrew: boolean;
  readonly usage: Usage;
}

/** What the launcher reports about a command. */
export interface Usage {
  /**
   * `cpu_user_ms`, `cpu_system_ms`: of the command and all descendants waited for. `memory_peak_bytes`: of
   * the largest process, not of the sum, and never less than the launcher's own, about 6 MB. `read_bytes`,
   * `written_bytes`: from and to storage, not what a cache answered. Unknown values are absent.
   */
  readonly metrics: Readonly<Record<string, number>>;
  /** Why the program could not be executed: the system's error number. */
  readonly errno?: number | undefined;
  /** How many processes the launcher stopped that the command had left behind; `undefined`: it has not looked. */
  readonly left?: number | undefined;
  /** The first of them, by their command lines. */
  readonly programs: readonly string[];
  /** The report changed after the command ended, while the launcher stopped what it had left. */
  readonly changed: boolean;
  /** It was killed, and meanwhile the kernel killed something on this machine for memory. */
  readonly oom: boolean;
}
