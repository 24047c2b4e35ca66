/** Hooks into the life of a command. */

import type { ConfigTable, Json } from "./json.ts";
import type { Dimension } from "./sandbox.ts";
import type { Services } from "./services.ts";

/**
 * A command about to be executed. An extension's `prepare` changes the fields that are not
 * `readonly` and returns it; changes are recorded and shown by `assay explain`.
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
  /** A folder of the attempt for files the command leaves behind, an absolute path; exists while it runs. */
  readonly liveDir: string;
  /**
   * The whole environment; of assay's own, a plugin in a worker only sees the variables granted by `env`, and the
   * rest is kept. assay's own variables (`ASSAY_*`) are set after the last extension, so that they
   * cannot be forged.
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
   * Collectors that look at the result when the command has ended. Each extension finds the list empty and pushes
   * its own; of all extensions' collectors, the last one pushed runs first.
   */
  collectors: Collector[];
}

/** One stream of a command as it was kept, on disk and not in memory. */
export interface OutputHandle {
  /** Bytes kept. */
  readonly bytes: number;
  /** Whether the command wrote more than was kept. */
  readonly truncated: boolean;
  /** Part of it as text; `from` is a byte offset (negative: from the end), at most 1 MiB per call. */
  readText(options?: { readonly from?: number; readonly bytes?: number }): Promise<string>;
}

/** Something a sandbox kept a command from doing, as far as there is evidence. */
export interface SandboxDenial {
  /** Which limit it met. */
  readonly dimension: Dimension;
  /** The path, host or system call, if known. */
  readonly subject?: string;
  /** How this is known, for people: a line of output, a counter of the kernel. */
  readonly evidence: string;
  /** The kernel or the engine killed the command, or one of its processes, for this. */
  readonly killed?: boolean;
}

/** How a command ended: independent facts, each true whatever the others say. */
export interface Ending {
  /** `null` if a signal ended it or it did not start. */
  readonly exitCode: number | null;
  /** Name of the signal that ended it, such as `SIGSEGV`. */
  readonly signal: string | null;
  /** It exceeded its time limit and was ended. */
  readonly timedOut: boolean;
  /** The run was stopped, and the command with it. */
  readonly cancelled: boolean;
}

/** The result of a command. */
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
  /** Whether one of its streams was truncated. */
  readonly truncated: boolean;
  /** `null` if it did not start. */
  readonly pid: number | null;
  /** Finite numbers added by collectors; they are stored with the attempt. */
  readonly metrics: Record<string, number>;
  /** Files added by collectors, by name: paths inside the workspace; they are copied into the evidence. */
  readonly artifacts: Record<string, string>;
  /** What a sandbox kept it from doing: added by engines' collectors. */
  readonly denials: SandboxDenial[];
}

/** Gathers data after a command has ended: resource usage, logs, what a container left. */
export interface Collector {
  /** Writes into `result.metrics` and `result.artifacts`. */
  collect(spec: CommandSpec, result: ExecutionResult, services: Services): void | Promise<void>;
}

/** Where an extension keeps data of an attempt. It only sees its own keys. */
export interface ExtensionStore {
  /**
   * Stores a value with the attempt; a key's last value counts. Everything that an attempt's extensions set
   * is written in one transaction with its outcome; values set before an extension threw are not written.
   * Values are stored unencrypted in `run.json` and the index: never store a secret.
   *
   * @throws if the value does not survive JSON (`NaN`, dates, functions, deeper than 64 levels), is larger
   * than 64 KiB as JSON, or makes more than 1 MiB of the extension's data.
   */
  set(key: string, value: Json): void;
}

/** Hooks into the life of a command: prepare → execute → collect → store. */
export interface Extension {
  /** Used in `[extensions] order`. */
  readonly name: string;
  /**
   * The table that enables it: `[commands.NAME.<configKey>]`, or a key of a runner. Must be unique among
   * extensions.
   */
  readonly configKey: string;
  /** What is wrong with a table, one sentence each; begin it with the key (`enabled must be …`). */
  validate?(
    config: ConfigTable,
    services: Services,
  ): readonly string[] | Promise<readonly string[]>;
  /** Changes the command and returns it. Only called for commands with the table. */
  prepare(spec: CommandSpec, services: Services): CommandSpec | Promise<CommandSpec>;
  /** Called after the command has ended and the collectors ran. */
  store?(
    spec: CommandSpec,
    result: ExecutionResult,
    store: ExtensionStore,
    services: Services,
  ): void | Promise<void>;
}
