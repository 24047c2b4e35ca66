/** `assay store rebuild`: rebuilds the index from the evidence on disk. */

import type { ExitCode } from "../errors.ts";
import { plural } from "../text/words.ts";
import { rebuildStore } from "../store/rebuild.ts";
import { recoveredRoot, remark, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const result = await rebuildStore(call.io, await recoveredRoot(call));
  remark(call, result.warnings);
  const { runs, attempts } = result;
  return await tell(
    call,
    result,
    () => `rebuilt .assay/assay.db: ${plural(runs, "run")}, ${plural(attempts, "attempt")}\n`,
  );
}
