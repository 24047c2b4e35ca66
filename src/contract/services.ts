/** Services that assay provides to a plugin. */

import type { ConfigTable } from "./json.ts";

/** The result of a program that a plugin started. */
export interface ProgramResult {
  /** `null` if a signal ended it. */
  readonly exitCode: number | null;
  /** Standard output; at most 1 MiB of each stream. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
}

/**
 * Services for a plugin during one call. Each method can do only what the plugin was granted: in a
 * worker it is limited by that worker's own permissions. The built-in plugins use nothing else.
 */
export interface Services {
  /** The `options` of the plugin's `[[plugin]]` table. */
  readonly options: ConfigTable;
  /** The project root, an absolute path. */
  readonly root: string;
  /** Aborted when the call's time is up; what is still running shortly afterwards is ended. */
  readonly signal: AbortSignal;
  /**
   * The text of a project file, by a path relative to the root or absolute. `undefined` if it does not
   * exist, or is outside the root once symbolic links are followed. Needs `read`.
   */
  readText(path: string): Promise<string | undefined>;
  /**
   * Runs a program without a shell, with standard input closed, and waits for it. `cwd` defaults to the root;
   * `env` is added to the environment. A name is looked up as by {@linkcode program}, as are programs that it
   * starts by name, unless `env` has another `PATH`. Needs `run`. Rejects if there is no such program.
   */
  run(
    argv: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<ProgramResult>;
  /**
   * The absolute path of a program: by name, found on `PATH` outside the project and everything that a sandbox
   * lets commands write; or the given path, if it satisfies that. Needs `run` for it. Rejects if there is none.
   */
  program(name: string): Promise<string>;
  /** A variable of the environment assay was started with. Needs `env`. */
  env(name: string): string | undefined;
  /** A sentence for people, kept with the attempt's warnings. */
  warn(message: string): void;
}
