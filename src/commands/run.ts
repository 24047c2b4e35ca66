/** `assay run NAME`: one command of `commands.toml`, or one runner. `assay run -- COMMAND …`: any command. */

import { adHocCommand } from "../config/ad_hoc.ts";
import { fillTemplate } from "../config/placeholders.ts";
import type { CommandDef } from "../config/types.ts";
import { type ExitCode, usageError } from "../errors.ts";
import type { Kind } from "../model.ts";
import { listFiles, narrowed, planCommands } from "../run/mod.ts";
import { shellLine } from "../text/shell.ts";
import { findCommand } from "./_command.ts";
import { runAndReport } from "./_run.ts";
import { openRunContext } from "./_workspace.ts";
import { type Call, resultFormats } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  return await (call.rest.length > 0 ? runAdHoc(call) : runNamed(call));
}

async function runNamed(call: Call): Promise<ExitCode> {
  const [name = "", ...values] = call.args;
  const foreign = ["kind", "format", "result-file", "timeout", "sandbox"]
    .find((flag) => call.value(flag) !== undefined);
  if (foreign !== undefined) {
    const hint = `"${name}" is configured in its file: assay explain ${name}`;
    throw usageError(`--${foreign} is only for assay run -- COMMAND`, hint);
  }
  const context = await openRunContext(call, {
    opened({ project: { commands, runners }, plugins }) {
      plugins.warm([...commands, ...runners].filter(({ id }) => id === name).slice(0, 1));
    },
  });
  const program = shellLine([name, ...values]);
  const otherwise =
    `for a program: assay run -- ${program}; for the names: assay plugin list --all`;
  const def = withParameters(findCommand(context.project, name, otherwise), parametersOf(values));
  const { root } = context.project;
  const scope = { files: () => listFiles(call.io, root) };
  const plan = await narrowed(planCommands([def]), root, scope);
  return await runAndReport(call, context, plan, { verb: "run" });
}

async function runAdHoc(call: Call): Promise<ExitCode> {
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
  return await runAndReport(call, context, planCommands([held]), { verb: "run" });
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
    throw usageError(`"${word}" is not a parameter`, "write parameters as NAME=VALUE");
  }));
}
