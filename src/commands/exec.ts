/** `assay exec -- COMMAND …`: any command, with the evidence kept. */

import { adHocCommand } from "../config/ad_hoc.ts";
import type { ExitCode } from "../errors.ts";
import type { Kind } from "../model.ts";
import { planCommands } from "../run/mod.ts";
import { runAndReport } from "./_run.ts";
import { openRunContext } from "./_workspace.ts";
import { type Call, resultFormats } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const def = adHocCommand(call.rest, {
    kind: call.value("kind") as Kind | undefined,
    format: call.value("format"),
    resultFile: call.value("result-file"),
    timeout: call.value("timeout"),
    sandbox: call.value("sandbox"),
    knownFormats: resultFormats(call.builtins.parsers),
  });
  const context = await openRunContext(call);
  const { sandbox } = context.project;
  const held = sandbox === undefined ? def : { sandbox, ...def };
  return await runAndReport(call, context, planCommands([held]), { verb: "exec" });
}
