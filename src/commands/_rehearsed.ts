/** A command prepared as a run would, for verbs that show it. */

import { fillTemplate, templateParameters } from "../config/placeholders.ts";
import type { CommandDef } from "../config/types.ts";
import { probesOf, rehearse } from "../pipeline/mod.ts";
import type { OpenedProject } from "./_plugins.ts";
import type { Call } from "./types.ts";

/** What came of preparing it. Nothing is executed but plugins and the probes of engines. */
export type Rehearsed = Awaited<ReturnType<typeof rehearse>>;

/** Prepares it; a stop signal gives up what plugins are at. */
export async function rehearsed(
  { io, builtins }: Call,
  { project, plugins }: Pick<OpenedProject, "project" | "plugins">,
  def: CommandDef,
): Promise<Rehearsed> {
  const stop = new AbortController();
  const unlisten = io.onStop((signal) => stop.abort(`${signal} received`));
  try {
    const probes = probesOf(io, builtins.version);
    const context = { io, project, plugins, probes, signal: stop.signal };
    return await rehearse(withDefaults(def), context);
  } finally {
    unlisten();
  }
}

/** A template with its defaults; a parameter without one stands for itself. */
function withDefaults(def: CommandDef): CommandDef {
  if (!def.defaults) return def;
  const names = templateParameters(def.command).map((name) => [name, `{${name}}`]);
  const values = { ...Object.fromEntries(names), ...def.defaults };
  return { ...def, command: fillTemplate(def.command, values, {}) };
}
