/** Engines that hold a command to a sandbox. */

import type { Collector } from "./extension.ts";
import type { Services } from "./services.ts";

/** What a sandbox can hold a command to, by the keys of the `sandbox` table. */
export type Dimension =
  | "network"
  | "hosts"
  | "filesystem"
  | "paths_writable"
  | "paths_readable"
  | "paths_hidden"
  | "processes"
  | "pids"
  | "timeout"
  | "cpu"
  | "memory"
  | "tmpfs"
  | "env";

/** A declared sandbox: the active dimensions only, sizes in bytes, times in milliseconds. */
export interface SandboxSpec {
  /** What it may reach. */
  readonly network?: "none" | "localhost" | "hosts" | "unrestricted";
  /** Hosts with an optional port, for `network = "hosts"`. */
  readonly hosts?: readonly string[];
  /** What it may write. */
  readonly filesystem?: "readonly" | "workspace_only" | "scoped_write" | "unrestricted";
  /** Absolute paths. */
  readonly paths_writable?: readonly string[];
  /** Absolute paths, besides what the rest allows. */
  readonly paths_readable?: readonly string[];
  /** Absolute paths it must not see. */
  readonly paths_hidden?: readonly string[];
  /** Whether it sees and signals other processes. */
  readonly processes?: "isolated" | "visible";
  /** At most so many processes. */
  readonly pids?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  /** Milliseconds of processor time. */
  readonly cpu?: number;
  /** Bytes. */
  readonly memory?: number;
  /** Bytes of a private `/tmp`. */
  readonly tmpfs?: number;
}

/** What an engine may know of the command it wraps. */
export interface WrapContext extends Services {
  /** The attempt. */
  readonly attemptId: string;
  /** Id of the runner or command. */
  readonly commandName: string;
  /** The project root, an absolute path. */
  readonly workspace: string;
  /** Where the command runs, an absolute path. */
  readonly cwd: string;
  /** Folder of the attempt's evidence, an absolute path. */
  readonly liveDir: string;
  /** The command's whole environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Whether an engine works here, proved by doing and not by looking at version numbers. */
export interface Probe {
  /** Whether it can be relied on. */
  readonly works: boolean;
  /** What was tried and what happened, for people. */
  readonly detail: string;
  /** What of the engine's capabilities this machine cannot give, and why. */
  readonly missing?: Readonly<Partial<Record<Dimension, string>>>;
}

/** Holds a command to a sandbox by wrapping its argv. */
export interface SandboxEngine {
  /** Stands in a sandbox's `engines`. One engine alone may have a name. */
  readonly name: string;
  /** What it can enforce. What it does not list it never counts for. */
  readonly capabilities: readonly Dimension[];
  /** Nesting: lower is further out. Default 50. */
  readonly priority?: number;
  /** Proves by doing that it works here: one confined command that succeeds, one denied act that fails. */
  probe?(services: Services): Probe | Promise<Probe>;
  /** The argv that runs `argv` confined. Never a string: composing engines is concatenation. */
  wrap(
    argv: readonly string[],
    spec: SandboxSpec,
    context: WrapContext,
  ): readonly string[] | Promise<readonly string[]>;
  /** What looks at the result: usage, violations. */
  collector?(
    spec: SandboxSpec,
    context: WrapContext,
  ): Collector | undefined | Promise<Collector | undefined>;
}
