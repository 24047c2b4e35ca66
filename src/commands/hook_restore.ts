/** `assay hook restore`: restores what a dead hook run had set aside. */

import { type ExitCode, UserError } from "../errors.ts";
import { pendingJournal } from "../hook/journal.ts";
import { recoverFirst } from "../hook/recover.ts";
import type { HookRestoreOutput } from "../schema/outputs.ts";
import { rootOf, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const root = await rootOf(call);
  const pending = await pendingJournal(call.io, root);
  const recovery = pending && await recoverFirst(call.io, pending, root, true);
  if (recovery?.state === "busy") {
    throw new UserError("A hook run is in progress: it restores everything itself", {
      code: "hook_busy",
      hint: "wait until it ends",
    });
  }
  const restored = recovery?.state === "restored" ? recovery.restored.paths : 0;
  const report: HookRestoreOutput = { restored };
  return await tell(call, report, ({ hookRestored }) => hookRestored(report));
}
