/** All of assay save the hidden verb, loaded by `main.ts` when it is wanted. */

import { main } from "./cli/main.ts";
import { ExitCode } from "./errors.ts";
import { guardExit, realIo } from "./real_io.ts";
import { version } from "./version.ts";

/** Runs the verb of the command line, in a process of its own: it gives up what the verb does not need. */
export async function program(): Promise<ExitCode> {
  const answered = guardExit(ExitCode.internal);
  const code = await main(
    realIo(),
    version,
    async () => (await import("../plugins/mod.ts")).builtins,
  );
  answered();
  return code;
}
