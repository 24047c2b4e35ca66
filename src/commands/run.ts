/** `assay run NAME`: one command of `commands.toml`, or one runner, by name. */

import { fillTemplate } from "../config/placeholders.ts";
import { nearest } from "../text/did_you_mean.ts";
import type { CommandDef, Project } from "../config/types.ts";
import { type ExitCode, UserError } from "../errors.ts";
import { listFiles, narrowed, planCommands } from "../run/mod.ts";
import { runAndReport } from "./_run.ts";
import { openRunContext } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const [name, ...values] = [...call.args, ...call.rest];
  if (name === undefined) {
    throw new UserError("assay run needs a NAME", {
      code: "usage",
      hint: "assay plugin list shows the names",
    });
  }
  const context = await openRunContext(call);
  const def = withParameters(findCommand(context.project, name), parametersOf(values));
  const { root } = context.project;
  const scope = { files: () => listFiles(call.io, root) };
  return await runAndReport(call, context, await narrowed(planCommands([def]), root, scope), {
    verb: "run",
    passThrough: true,
  });
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
    throw new UserError(`"${word}" is no parameter`, {
      code: "usage",
      hint: "give parameters as NAME=VALUE",
    });
  }));
}

/** The command or runner of this name. */
export function findCommand(project: Project, name: string): CommandDef {
  const all = [...project.commands, ...project.runners];
  const def = all.find((each) => each.id === name);
  if (def) return def;
  const dropped = project.dropped.find((each) => each.id === name);
  const meant = nearest(name, all.map((each) => each.id));
  const why = dropped ? `: ${dropped.why}` : meant ? `; did you mean "${meant}"?` : "";
  throw new UserError(`There is no command or runner "${name}"${why}`, {
    code: "unknown_runner",
    hint: "assay plugin list shows the names",
  });
}
