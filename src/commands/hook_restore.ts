/** `assay hook restore`: puts back what a hook run that died set aside. */

import { ExitCode, UserError } from "../errors.ts";
import type { HookRestoreOutput } from "../schema/outputs.ts";
import { recoverFirst } from "./_recovery.ts";
import { tell } from "./_tell.ts";
import { rootOf } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const recovery = await recoverFirst({ ...call, json: true }, await rootOf(call));
  if (recovery.state === "busy") {
    throw new UserError("A hook run is at work here: it puts everything back itself", {
      code: "hook_busy",
      hint: "wait until it has ended",
    });
  }
  const restored = recovery.state === "restored" ? recovery.restored.paths : 0;
  const report: HookRestoreOutput = { restored };
  await tell(call, report, ({ hookRestored }) => hookRestored(report));
  return ExitCode.ok;
}
