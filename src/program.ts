/** All of assay save the hidden verb, loaded by `main.ts` when it is wanted. */

import { builtins } from "../plugins/mod.ts";
import { main } from "./cli.ts";
import type { ExitCode } from "./errors.ts";
import { realIo } from "./real_io.ts";
import { version } from "./version.ts";

/** Runs the verb of the command line, in a process of its own: it gives up what the verb does not need. */
export function program(): Promise<ExitCode> {
  return main(realIo(), { version, ...builtins });
}
