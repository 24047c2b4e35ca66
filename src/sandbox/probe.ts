/** Whether an engine works on this machine: asked once, remembered until the machine is started again. */

import { messageOf } from "../errors.ts";
import type { Probe } from "../plugin.ts";
import { checkProbe } from "./_check_probe.ts";
import type { ProbeCache, ProbeIdentity } from "./_probe_cache.ts";

export {
  cacheFolders,
  openProbeCache,
  type ProbeCache,
  type ProbeIdentity,
} from "./_probe_cache.ts";

/** An engine to be probed. */
export interface ProbedEngine extends ProbeIdentity {
  /**
   * Calls its probe and gives up after a time; what it resolves to is believed no further than its shape.
   * Absent when the engine has no probe.
   */
  readonly ask?: (() => Promise<unknown>) | undefined;
}

/**
 * Whether an engine works. Never rejects: a probe that throws, does not answer or answers in another shape
 * proves nothing, and an engine for which nothing is proved does not work.
 *
 * @param fresh asks in any case; the answer is remembered all the same
 */
export async function probeOf(
  engine: ProbedEngine,
  cache: ProbeCache,
  { fresh = false }: { readonly fresh?: boolean } = {},
): Promise<Probe> {
  const { ask } = engine;
  if (!ask) return { works: false, detail: "it has no probe, so nothing proves that it works" };
  const known = fresh ? undefined : await cache.recall(engine);
  if (known) return known;
  let said: unknown;
  try {
    said = await ask();
  } catch (error) {
    // Not remembered: a run that was stopped, or a machine under load, says nothing of the engine.
    return { works: false, detail: `its probe failed: ${messageOf(error)}` };
  }
  const checked = checkProbe(said);
  if ("wrong" in checked) return { works: false, detail: `its probe failed: ${checked.wrong}` };
  await cache.remember(engine, checked.probe);
  return checked.probe;
}
