/** `assay exec -- COMMAND …`: any command, with the evidence kept. */

import { adHocCommand } from "../config/ad_hoc.ts";
import { type ExitCode, UserError } from "../errors.ts";
import { planCommands } from "../run/mod.ts";
import { kindOf, resultFormats } from "./_arguments.ts";
import { runAndReport } from "./_run.ts";
import { openRunContext } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const { args, rest, verb } = call;
  if (rest.length === 0 || args.length > 0) {
    throw new UserError(
      rest.length === 0 ? "assay exec needs a command" : `unexpected "${args[0]}" before --`,
      { code: "usage", hint: `usage: ${verb.usage}` },
    );
  }
  const kind = call.value("kind");
  const def = adHocCommand(rest, {
    kind: kind === undefined ? undefined : kindOf(kind),
    format: call.value("format"),
    resultFile: call.value("result-file"),
    timeout: call.value("timeout"),
    sandbox: call.value("sandbox"),
    knownFormats: resultFormats(call.builtins.parsers),
  });
  const context = await openRunContext(call);
  const { sandbox } = context.project;
  const held = sandbox === undefined ? def : { sandbox, ...def };
  return await runAndReport(call, context, planCommands([held]), {
    verb: "exec",
    passThrough: true,
  });
}
