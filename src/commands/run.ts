/** `assay run NAME`: one command of `commands.toml`, or one runner, by name. */

import { fillTemplate } from "../config/placeholders.ts";
import type { CommandDef } from "../config/types.ts";
import { type ExitCode, usageError } from "../errors.ts";
import { listFiles, narrowed, planCommands } from "../run/mod.ts";
import { findCommand } from "./_command.ts";
import { runAndReport } from "./_run.ts";
import { openRunContext } from "./_workspace.ts";
import type { Call } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const [name = "", ...values] = call.args;
  const context = await openRunContext(call);
  const def = withParameters(findCommand(context.project, name), parametersOf(values));
  const { root } = context.project;
  const scope = { files: () => listFiles(call.io, root) };
  const plan = await narrowed(planCommands([def]), root, scope);
  return await runAndReport(call, context, plan, { verb: "run" });
}

/** A template's parameters are filled; a plain command takes none. */
function withParameters(def: CommandDef, given: Readonly<Record<string, string>>): CommandDef {
  const command = fillTemplate(def.defaults ? def.command : "", def.defaults ?? {}, given);
  return def.defaults ? { ...def, command } : def;
}

function parametersOf(words: readonly string[]): Record<string, string> {
  return Object.fromEntries(words.map((word) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined) return [name, value!];
    throw usageError(`"${word}" is not a parameter`, "parameters are NAME=VALUE");
  }));
}
