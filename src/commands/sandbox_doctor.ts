/** `assay sandbox doctor`: what each engine can enforce on this machine, freshly probed. */

import { ExitCode, messageOf, PluginError } from "../errors.ts";
import { callPlugin, hostFor, hostOf, sayTo } from "../run/call.ts";
import { type Probes, probesOf } from "../run/mod.ts";
import type { Owned } from "../run/plugins.ts";
import type { ConfigTable, Probe, Review, SandboxEngine } from "../plugin.ts";
import type { CallHost } from "../run/types.ts";
import { givenBy, type Guarantee, guaranteesOf } from "../sandbox/coverage.ts";
import type { EngineGuarantee, EngineRecord, SandboxDoctorOutput } from "../schema/outputs.ts";
import { openProject } from "./_plugins.ts";
import { recoveredRoot, stopSignal, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the part of the verb. An engine that does not work is an answer, not a failure. */
export async function run(call: Call): Promise<ExitCode> {
  const { io, builtins } = call;
  const root = await recoveredRoot(call);
  const { project, plugins, unloaded } = await openProject(call, root);
  const stop = stopSignal(call);
  const warnings = unloaded.filter(({ locked }) => locked?.provides.engines.length !== 0)
    .map(({ setting }) => `engines of the plugin ${setting.url} are not probed here`);
  const host = hostOf({ io, project }, sayTo(warnings), stop);
  const probes = probesOf(io, builtins.version, { fresh: true });
  const nested = plugins.engines.toSorted(({ value: a }, { value: b }) =>
    priorityOf(a) - priorityOf(b) || (a.name < b.name ? -1 : 1)
  );
  const engines: EngineRecord[] = [];
  // One after the other: they would get in each other's way, and a slow one would delay others.
  for (const engine of nested) engines.push(await recordOf(engine, root, probes, host));
  if (stop.aborted) return ExitCode.interrupted;
  const report: SandboxDoctorOutput = { root, engines, warnings };
  return await tell(call, report, (terminal) => terminal.sandboxDoctor(report, call));
}

function priorityOf({ priority = 50 }: SandboxEngine): number {
  return priority;
}

async function recordOf(
  engine: Owned<SandboxEngine>,
  root: string,
  probes: Probes,
  host: CallHost,
): Promise<EngineRecord> {
  const { owner, value } = engine;
  const probe = await probes.of(engine, host);
  const guarantees: EngineGuarantee[] = [];
  for (const guarantee of guaranteesOf(root)) {
    guarantees.push(await guaranteeOf(guarantee, engine, probe, host));
  }
  return {
    name: value.name,
    source: owner.source,
    priority: priorityOf(value),
    capabilities: value.capabilities,
    works: probe.works,
    detail: probe.detail,
    guarantees,
    obtain: value.obtain ?? null,
  };
}

async function guaranteeOf(
  guarantee: Guarantee,
  engine: Owned<SandboxEngine>,
  probe: Probe,
  host: CallHost,
): Promise<EngineGuarantee> {
  const { dimension, value = null } = guarantee;
  const reviewed = probe.works ? await reviewBy(engine, guarantee, probe.facts ?? {}, host) : {};
  const { support, why = null } = typeof reviewed === "string"
    ? { support: "missing" as const, why: reviewed }
    : givenBy(guarantee, engine.value, probe, reviewed);
  return { dimension, value, support, why };
}

/** What the engine says about this very sandbox, or why it says nothing: then a run would not use it. */
async function reviewBy(
  { owner, value }: Owned<SandboxEngine>,
  { spec }: Guarantee,
  facts: ConfigTable,
  host: CallHost,
): Promise<Review | string> {
  if (!value.review) return {};
  const part = `engine "${value.name}"`;
  try {
    return await callPlugin(
      owner,
      `${part}, review`,
      hostFor(host, part),
      () => value.review!(spec, facts),
    );
  } catch (error) {
    if (error instanceof PluginError) return messageOf(error);
    throw error;
  }
}
