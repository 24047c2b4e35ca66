/** What a command declares of its sandbox. */

/** What a sandbox can restrict, by the keys of the `sandbox` table. */
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

/** What an engine says it enforces: a dimension, or another word for `processes` or `timeout`. */
export type Capability = Dimension | "process" | "time";

/**
 * A sandbox: only what is restricted. An engine gets the part it was chosen for. Sizes are in
 * bytes, times in milliseconds, paths absolute with symbolic links followed.
 */
export interface SandboxSpec {
  /**
   * What it may reach. `none`: no socket of any family leads out, including those on the host's file system.
   * `localhost`: a loopback, and unix sockets.
   */
  readonly network?: "none" | "localhost" | "hosts" | "unrestricted";
  /** Hosts with an optional port, for `network = "hosts"`. */
  readonly hosts?: readonly string[];
  /**
   * What it may write, apart from `tmpDir`, `liveDir` and `resultFile` of the {@linkcode WrapContext} and the
   * devices every program writes to: nothing, the workspace, or only `paths_writable`.
   */
  readonly filesystem?: "readonly" | "workspace_only" | "scoped_write" | "unrestricted";
  /** Also writable if `filesystem` restricts writing; files or folders. */
  readonly paths_writable?: readonly string[];
  /** Readable even inside `paths_hidden` and `tmpfs`; files or folders. */
  readonly paths_readable?: readonly string[];
  /** Their contents are hidden; files or folders, which need not exist. */
  readonly paths_hidden?: readonly string[];
  /** Whether it can see and signal other processes, and whether its own may outlive it. */
  readonly processes?: "isolated" | "visible";
  /** Maximum number of processes, including threads. */
  readonly pids?: number;
  /** Milliseconds. Enforced by assay itself. */
  readonly timeout?: number;
  /** Milliseconds of processor time. */
  readonly cpu?: number;
  /** Bytes. */
  readonly memory?: number;
  /** Folders that are empty and writable inside, with contents discarded. */
  readonly tmpfs?: readonly string[];
  /** Which variables it inherits. Enforced by assay itself. */
  readonly env?: "inherit" | "clean" | readonly string[];
}
