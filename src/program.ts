/** All of assay except the hidden verb, loaded by `main.ts` when needed. */

import { main } from "./cli/main.ts";
import { ExitCode } from "./errors.ts";
import { guardExit, realIo } from "./real_io.ts";
import { version } from "./version.ts";

/** Runs the command line's verb in its own process, dropping permissions that the verb does not need. */
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
