/** `assay store rebuild`: rebuilds the index from the evidence on disk. */

import { ExitCode, UserError } from "../errors.ts";
import { rebuildStore } from "../store/rebuild.ts";
import { oneArgument } from "./_arguments.ts";
import { sayMended } from "./_stored.ts";
import { recoveredRoot } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const what = oneArgument(call);
  if (what !== "rebuild") {
    throw new UserError(`assay store ${what ?? "needs a word"}: it can only rebuild`, {
      code: "usage",
      hint: `usage: ${call.verb.usage}`,
    });
  }
  const result = await rebuildStore(call.io, await recoveredRoot(call));
  sayMended(call, result.warnings);
  call.io.stdout.write(
    call.json
      ? `${JSON.stringify(result, null, 2)}\n`
      : `rebuilt .assay/assay.db: ${result.runs} runs, ${result.attempts} attempts\n`,
  );
  return ExitCode.ok;
}
