/** Which engines hold a command to its sandbox: those whose probe succeeded, as few as can be. */

import type { Dimension, Probe, SandboxEngine, SandboxSpec } from "../plugin.ts";
import { engineDimensions, type Knowledge, whyNot } from "../sandbox/coverage.ts";
import { declares } from "../sandbox/spec.ts";
import { type Candidate, selectEngines, type Selection } from "../sandbox/select.ts";
import type { Owned } from "./plugins.ts";

/** An engine that was asked, and what it said. */
export interface Asked {
  readonly engine: Owned<SandboxEngine>;
  readonly knowledge: Knowledge;
}

/** What was chosen and why nothing else. */
export interface Choice {
  readonly selection: Selection;
  /** Every engine that was asked, in the order in which they were. */
  readonly asked: readonly Asked[];
  /** Why nothing enforces a dimension. */
  whyUncovered(dimension: Dimension): string;
}

/** Asks an engine whether it works, and what it says of a sandbox. */
export interface AskEngines {
  probe(engine: Owned<SandboxEngine>): Promise<Probe>;
  review(engine: Owned<SandboxEngine>, probe: Probe): Promise<Knowledge>;
}

/**
 * Chooses. An engine counts for what it says it can until it is asked; it is asked when it would be chosen, so
 * that a probe nobody needs costs nothing.
 *
 * @param refused engines that failed already, and why
 */
export async function chooseEngines(
  spec: SandboxSpec,
  engines: readonly Owned<SandboxEngine>[],
  preferred: readonly string[] | undefined,
  ask: AskEngines,
  refused: ReadonlyMap<string, string>,
): Promise<Choice> {
  const allowed = preferred === undefined
    ? engines
    : engines.filter(({ value }) => preferred.includes(value.name));
  const active = engineDimensions(spec);
  const known = new Map<string, Asked>();
  for (const engine of allowed) {
    const detail = refused.get(engine.value.name);
    if (detail === undefined) continue;
    known.set(engine.value.name, { engine, knowledge: { probe: { works: false, detail } } });
  }
  for (;;) {
    const candidates = allowed.map((engine) => candidateOf(engine, spec, active, known));
    const selection = selectEngines(active, candidates, preferred);
    const unasked = allowed.filter(({ value: { name } }) =>
      selection.chosen.includes(name) && !known.has(name)
    );
    if (unasked.length === 0) {
      return {
        selection,
        asked: [...known.values()],
        whyUncovered: (dimension) => whyUncovered(dimension, spec, allowed, known, preferred),
      };
    }
    for (const asked of await Promise.all(unasked.map((engine) => askOne(engine, ask)))) {
      known.set(asked.engine.value.name, asked);
    }
  }
}

async function askOne(engine: Owned<SandboxEngine>, ask: AskEngines): Promise<Asked> {
  const probe = await ask.probe(engine);
  return { engine, knowledge: probe.works ? await ask.review(engine, probe) : { probe } };
}

function candidateOf(
  { value }: Owned<SandboxEngine>,
  spec: SandboxSpec,
  active: readonly Dimension[],
  known: ReadonlyMap<string, Asked>,
): Candidate {
  const knowledge = known.get(value.name)?.knowledge ?? {};
  const covers = active.filter((base) => whyNot(base, spec, value, knowledge) === undefined);
  return {
    name: value.name,
    priority: value.priority ?? 50,
    covers: new Set(covers),
    idle: value.capabilities.length === 0 && knowledge.probe?.works !== false,
  };
}

function whyUncovered(
  dimension: Dimension,
  spec: SandboxSpec,
  allowed: readonly Owned<SandboxEngine>[],
  known: ReadonlyMap<string, Asked>,
  preferred: readonly string[] | undefined,
): string {
  const able = allowed.filter(({ value }) => declares(value, dimension));
  if (able.length === 0) {
    return preferred === undefined
      ? "no engine that is loaded enforces it"
      : `none of the engines it names (${preferred.join(", ")}) enforces it`;
  }
  return able.map(({ value }) => {
    const knowledge = known.get(value.name)?.knowledge ?? {};
    return `${value.name}: ${whyNot(dimension, spec, value, knowledge) ?? "it was not asked"}`;
  }).join("; ");
}
