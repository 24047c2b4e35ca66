/** A command prepared as a run would, for verbs that show it. */

import { fillTemplate, templateParameters } from "../config/placeholders.ts";
import type { CommandDef } from "../config/types.ts";
import { probesOf, rehearse } from "../run/mod.ts";
import { unloadedFor } from "./_unloaded.ts";
import type { Call, OpenedProject } from "./types.ts";

/** What came of preparing it. Nothing is executed but assay's own plugins and the probes of its engines. */
export type Rehearsed = Awaited<ReturnType<typeof rehearse>>;

/** Prepares it; a stop signal gives up what plugins are at. */
export async function rehearsed(
  { io, builtins }: Call,
  opened: OpenedProject,
  def: CommandDef,
): Promise<Rehearsed> {
  const { project, plugins } = opened;
  const stop = new AbortController();
  const unlisten = io.onStop((signal) => stop.abort(`${signal} received`));
  try {
    const probes = probesOf(io, builtins.version);
    const context = { io, project, plugins, probes, signal: stop.signal };
    const done = await rehearse(withDefaults(def), context);
    return { ...done, said: [...unloadedFor(def, opened), ...done.said] };
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
