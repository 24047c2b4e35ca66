/** Hooks into the way of a command. */

import type { ConfigTable, Json } from "./json.ts";
import type { Dimension } from "./sandbox.ts";
import type { Services } from "./services.ts";

/**
 * A command on its way to being executed. An extension's `prepare` changes the fields that are not
 * `readonly` and returns it; what changed is recorded and shown by `assay explain`.
 */
export interface CommandSpec {
  /** Shell line. Starts as {@linkcode originalCommand}. */
  command: string;
  /** The line as configured, placeholders filled. */
  readonly originalCommand: string;
  /** Id of the runner or command. */
  readonly commandName: string;
  /** Unique; names the attempt in the store. */
  readonly attemptId: string;
  /** The project root, an absolute path. */
  readonly workspace: string;
  /** Absolute path inside the workspace. */
  cwd: string;
  /** A folder of the attempt for what the command leaves behind, an absolute path; there while it runs. */
  readonly liveDir: string;
  /**
   * The whole environment; a plugin in a worker sees of assay's own environment what `env` grants, and the rest
   * stays as it is. assay's own variables (`ASSAY_*`) are set after the last extension, so that
   * nobody can forge them.
   */
  env: Record<string, string>;
  /** Time limit in milliseconds. */
  timeoutMs: number;
  /** The shell and its flag, to which the line is added as one argument. Default `["sh", "-c"]`. */
  shell: string[];
  /** Programs put in front of the shell, outermost first, each an argv such as `["nice", "-n", "5"]`. */
  wrappers: string[][];
  /** The tables of all extensions of this command, by `configKey`. */
  readonly extensionData: Readonly<Record<string, ConfigTable>>;
  /**
   * What looks at the result when the command has ended. Each extension finds it empty and pushes its own;
   * the last one pushed, of all extensions, runs first.
   */
  collectors: Collector[];
}

/** One stream of a command as it was kept, on disk and not in memory. */
export interface OutputHandle {
  /** Bytes kept. */
  readonly bytes: number;
  /** Whether the command wrote more than was kept. */
  readonly truncated: boolean;
  /** A part of it as text; `from` is a byte offset (negative: from the end), at most 1 MiB a call. */
  readText(options?: { readonly from?: number; readonly bytes?: number }): Promise<string>;
}

/** Something a sandbox kept a command from, as far as there is evidence. */
export interface SandboxDenial {
  /** Which limit it met. */
  readonly dimension: Dimension;
  /** The path, host or system call, when it is known. */
  readonly subject?: string;
  /** Where this is known from, for people: a line of output, a counter of the kernel. */
  readonly evidence: string;
  /** The kernel or the engine ended the command, or a process of it, for this. */
  readonly killed?: boolean;
}

/** How a command ended: orthogonal facts, each holds whatever the others say. */
export interface Ending {
  /** `null` when a signal ended it or it did not start. */
  readonly exitCode: number | null;
  /** Name of the signal that ended it, such as `SIGSEGV`. */
  readonly signal: string | null;
  /** It ran into its time limit, which ended it. */
  readonly timedOut: boolean;
  /** The run was stopped, and the command with it. */
  readonly cancelled: boolean;
}

/** What a command did. */
export interface ExecutionResult extends Ending {
  /** Standard output. */
  readonly stdout: OutputHandle;
  /** Standard error. */
  readonly stderr: OutputHandle;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  /** ISO 8601 in UTC. */
  readonly completedAt: string;
  /** Milliseconds. */
  readonly durationMs: number;
  /** Whether one of its streams was cut. */
  readonly truncated: boolean;
  /** `null` when it did not start. */
  readonly pid: number | null;
  /** Numbers a collector adds, finite ones; they are stored with the attempt. */
  readonly metrics: Record<string, number>;
  /** Files a collector adds, by name: paths inside the workspace; they are copied into the evidence. */
  readonly artifacts: Record<string, string>;
  /** What a sandbox kept it from: collectors of engines add to it. */
  readonly denials: SandboxDenial[];
}

/** Gathers data after a command has ended: resource usage, logs, what a container left. */
export interface Collector {
  /** Writes into `result.metrics` and `result.artifacts`. */
  collect(spec: CommandSpec, result: ExecutionResult, services: Services): void | Promise<void>;
}

/** Where an extension keeps data of an attempt. It sees its own keys alone. */
export interface ExtensionStore {
  /**
   * Keeps a value with the attempt; the last one of a key counts. All that the extensions of an attempt set
   * is written in one transaction with its outcome; what an extension set before it threw is not written.
   * Values are stored as they are, in `run.json` and the index: a secret that is set here is disclosed.
   *
   * @throws when the value does not survive JSON (`NaN`, dates, functions, deeper than 64 levels), is larger
   * than 64 KiB as JSON, or makes more than 1 MiB of the extension's data.
   */
  set(key: string, value: Json): void;
}

/** Hooks into the way of a command: prepare → execute → collect → store. */
export interface Extension {
  /** Stands in `[extensions] order`. */
  readonly name: string;
  /**
   * The table that switches it on: `[commands.NAME.<configKey>]`, or a key of a runner. One extension alone
   * may claim a key.
   */
  readonly configKey: string;
  /** What is wrong with a table, one sentence each; begin it with the key (`enabled must be …`). */
  validate?(
    config: ConfigTable,
    services: Services,
  ): readonly string[] | Promise<readonly string[]>;
  /** Changes the command and returns it. Called only for commands that carry the table. */
  prepare(spec: CommandSpec, services: Services): CommandSpec | Promise<CommandSpec>;
  /** Called when the command has ended and the collectors ran. */
  store?(
    spec: CommandSpec,
    result: ExecutionResult,
    store: ExtensionStore,
    services: Services,
  ): void | Promise<void>;
}
