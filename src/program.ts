/** All of assay save the hidden verb, loaded by `main.ts` when it is wanted. */

import { builtins } from "../plugins/mod.ts";
import { main } from "./cli/main.ts";
import { ExitCode } from "./errors.ts";
import { guardExit, realIo } from "./real_io.ts";
import { version } from "./version.ts";

/** Runs the verb of the command line, in a process of its own: it gives up what the verb does not need. */
export async function program(): Promise<ExitCode> {
  const answered = guardExit(ExitCode.internal);
  const code = await main(realIo(), { version, ...builtins });
  answered();
  return code;
}
