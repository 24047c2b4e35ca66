/** What assay lends a plugin. */

import type { ConfigTable } from "./json.ts";

/** What a program that a plugin started has done. */
export interface ProgramResult {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** At most 1 MiB of each. */
  readonly stdout: string;
  /** What it wrote to standard error. */
  readonly stderr: string;
}

/**
 * What assay lends a plugin for one call. Each method can do what the plugin was granted and no more: in a
 * worker it goes through that worker's own permissions. The built-in plugins use nothing else.
 */
export interface Services {
  /** The `options` of the plugin's `[[plugin]]` table. */
  readonly options: ConfigTable;
  /** The project root, an absolute path. */
  readonly root: string;
  /** Aborted when the call's time is up; what still runs a moment later is ended. */
  readonly signal: AbortSignal;
  /**
   * The text of a file of the project, by a path relative to the root or absolute. `undefined` when there is
   * none, or when it lies outside the root once symbolic links are followed. Needs `read`.
   */
  readText(path: string): Promise<string | undefined>;
  /**
   * Runs a program without a shell, with standard input closed, and waits for it. `cwd` (default: the root),
   * `env` is added to the environment. A name is looked for as by {@linkcode program}, and so is what the program
   * starts by name, unless `env` holds another `PATH`. Needs `run`. Rejects when there is no such program.
   */
  run(
    argv: readonly string[],
    options?: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<ProgramResult>;
  /**
   * The absolute path of a program: by its name, found on `PATH` outside of the project and of all that a sandbox
   * lets commands write; or that path itself where it is so. Needs `run` of it. Rejects when there is none.
   */
  program(name: string): Promise<string>;
  /** A variable of the environment assay was started with. Needs `env`. */
  env(name: string): string | undefined;
  /** A sentence for people, kept with the attempt's warnings. */
  warn(message: string): void;
}
