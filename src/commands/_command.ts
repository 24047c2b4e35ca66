/** One runner or command by its name, for verbs that run it or show it. */

import { fillTemplate, templateParameters } from "../config/placeholders.ts";
import type { CommandDef, Project } from "../config/types.ts";
import { UserError } from "../errors.ts";
import { probesOf, rehearse } from "../run/mod.ts";
import { didYouMean } from "../text/did_you_mean.ts";
import { unloadedFor } from "./_plugin_record.ts";
import { stopSignal } from "./_workspace.ts";
import type { Call, OpenedProject } from "./types.ts";

export function findCommand(
  project: Project,
  name: string,
  hint = "assay plugin list --all lists the names",
): CommandDef {
  const all = [...project.commands, ...project.runners];
  const def = all.find((each) => each.id === name);
  if (def) return def;
  const dropped = project.dropped.find((each) => each.id === name);
  const why = dropped ? `: ${dropped.why}` : didYouMean(name, all.map((each) => each.id));
  throw new UserError(`Unknown command or runner "${name}"${why}`, {
    code: "unknown_runner",
    hint,
  });
}

/** The result of preparing it. Only plugins and the probes of engines are executed. */
export type Rehearsed = Awaited<ReturnType<typeof rehearse>>;

/** Prepares it; a stop signal aborts what plugins are doing. */
export async function rehearsed(
  call: Call,
  opened: OpenedProject,
  def: CommandDef,
): Promise<Rehearsed> {
  const { io, builtins } = call;
  const { project, plugins } = opened;
  const probes = probesOf(io, builtins.version);
  const context = { io, project, plugins, probes, signal: stopSignal(call) };
  const done = await rehearse(withDefaults(def), context);
  return { ...done, said: [...unloadedFor(def, opened), ...done.said] };
}

/** The engines of its sandbox, from the outermost inwards, with the dimensions that each enforces. */
export function enginesOf({ sandboxed }: Rehearsed) {
  const { engines = [], facts = [] } = sandboxed ?? {};
  return engines.map(({ name, priority }) => ({
    name,
    priority,
    holds: facts.filter((fact) => fact.enforced_by?.split(", ").includes(name))
      .map(({ dimension }) => dimension),
  }));
}

/** A template with its defaults; a parameter without one stays as it is. */
function withDefaults(def: CommandDef): CommandDef {
  if (!def.defaults) return def;
  const names = templateParameters(def.command).map((name) => [name, `{${name}}`]);
  const values = { ...Object.fromEntries(names), ...def.defaults };
  return { ...def, command: fillTemplate(def.command, values, {}) };
}
