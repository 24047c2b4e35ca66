/** What a command declares of its sandbox. */

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

/** What an engine says that it enforces: a dimension, or another word for one: `processes`, `timeout`. */
export type Capability = Dimension | "process" | "time";

/**
 * A sandbox: what is held to, and nothing else. An engine is handed the part it was chosen for. Sizes are in
 * bytes, times in milliseconds, paths absolute with symbolic links followed.
 */
export interface SandboxSpec {
  /**
   * What it may reach. `none`: no socket of any family leads out, those of the host's file system included.
   * `localhost`: a loopback, and unix sockets.
   */
  readonly network?: "none" | "localhost" | "hosts" | "unrestricted";
  /** Hosts with an optional port, for `network = "hosts"`. */
  readonly hosts?: readonly string[];
  /**
   * What it may write, besides `tmpDir`, `liveDir` and `resultFile` of the {@linkcode WrapContext} and the
   * devices every program writes to: nothing, the workspace, or `paths_writable` alone.
   */
  readonly filesystem?: "readonly" | "workspace_only" | "scoped_write" | "unrestricted";
  /** May be written too, when `filesystem` restricts writing; files or folders. */
  readonly paths_writable?: readonly string[];
  /** May be read all the same inside of `paths_hidden` and `tmpfs`; files or folders. */
  readonly paths_readable?: readonly string[];
  /** It must not see what is in them; files or folders, or nothing that is there. */
  readonly paths_hidden?: readonly string[];
  /** Whether it sees and signals other processes, and whether its own may outlive it. */
  readonly processes?: "isolated" | "visible";
  /** At most so many processes, threads counted. */
  readonly pids?: number;
  /** Milliseconds. Held to by assay itself. */
  readonly timeout?: number;
  /** Milliseconds of processor time. */
  readonly cpu?: number;
  /** Bytes. */
  readonly memory?: number;
  /** Folders that are empty, writable and forgotten inside. */
  readonly tmpfs?: readonly string[];
  /** Which variables it inherits. Held to by assay itself. */
  readonly env?: "inherit" | "clean" | readonly string[];
}
