/**
 * assay as a library: the command line as a function, and the records it keeps and prints.
 *
 * @example
 * ```ts
 * import { assay, realIo } from "assay";
 *
 * const code = await assay({ ...realIo(), args: ["verify", "--json"], cwd: "/path/to/project" });
 * ```
 *
 * @module
 */

import { builtins } from "../plugins/mod.ts";
import { main } from "./cli/main.ts";
import type { ExitCode } from "./errors.ts";
import type { Io } from "./io.ts";
import { realIo } from "./real_io.ts";
import { version } from "./version.ts";

export { ExitCode } from "./errors.ts";
export type { Io } from "./io.ts";
export type * from "./model.ts";
export { realIo, version };

/**
 * Runs the verb that `io.args` names, with the built-in plugins. Never throws, never exits, and drops none
 * of the permissions of the process it is called in.
 */
export async function assay(io: Io = realIo()): Promise<ExitCode> {
  return await main({ ...io, revoke: () => {} }, version, () => Promise.resolve(builtins));
}
