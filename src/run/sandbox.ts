/** Part of stage "prepare": engines wrap a command so that it is held to its declared sandbox. */

import { messageOf, PluginError } from "../errors.ts";
import type { SandboxFact } from "../model.ts";
import type { Dimension, Probe, SandboxEngine, SandboxSpec, WrapContext } from "../plugin.ts";
import { basesOf, gradeOf, ownDimensions, sliceOf } from "../sandbox/coverage.ts";
import { reviewOf } from "../sandbox/review.ts";
import { wrappedOf } from "../sandbox/wrapped.ts";
import { type AskEngines, type Choice, chooseEngines } from "./_choose_engines.ts";
import { callPlugin } from "./call.ts";
import { programOf } from "../process/programs.ts";
import { hostFor } from "./host.ts";
import type { Owned } from "./plugins.ts";
import type { Confinement, Sandboxed } from "./types.ts";

/** Wraps an argv. An engine that fails to is as one whose probe failed: another is looked for. */
export async function confine(
  argv: readonly string[],
  confinement: Confinement,
): Promise<Sandboxed> {
  const refused = new Map<string, string>();
  for (;;) {
    const choice = await choose(confinement, refused);
    const wrapped = await wrapAll(argv, choice, confinement, refused);
    if (wrapped) return { ...wrapped, ...recordOf(choice, confinement), asked: choice.asked };
  }
}

function choose(
  { spec, setting, engines, probes, host }: Confinement,
  refused: ReadonlyMap<string, string>,
): Promise<Choice> {
  const ask: AskEngines = {
    probe: (engine) => probes.of(engine, host),
    review: async (engine, probe) => {
      const review = engine.value.review?.bind(engine.value);
      if (!review) return { probe };
      try {
        const what = `${partOf(engine)}, review`;
        const said = await callPlugin(
          engine.owner,
          what,
          host,
          async () => reviewOf(await review(spec, probe.facts ?? {})),
        );
        return { probe, review: said };
      } catch (error) {
        if (!(error instanceof PluginError)) throw error;
        return { probe: { works: false, detail: messageOf(error) } };
      }
    },
  };
  return chooseEngines(spec, engines, setting.engines, ask, refused);
}

function partOf({ value }: Owned<SandboxEngine>): string {
  return `engine "${value.name}"`;
}

type Wraps = Pick<Sandboxed, "argv" | "files" | "engines" | "collectors">;

/** From the innermost out; `undefined` when an engine failed, which is then among the refused. */
async function wrapAll(
  argv: readonly string[],
  choice: Choice,
  confinement: Confinement,
  refused: Map<string, string>,
): Promise<Wraps | undefined> {
  let wraps: Wraps = { argv, files: {}, engines: [], collectors: [] };
  for (const name of choice.selection.chosen.toReversed()) {
    const { engine, knowledge } = choice.asked.find(({ engine }) => engine.value.name === name)!;
    const bases = [...choice.selection.assigned].filter(([, by]) => by === name)
      .map(([dimension]) => dimension);
    // A dry run is for the whole sandbox: it covers nothing of it.
    const slice = bases.length === 0
      ? confinement.spec
      : sliceOf(confinement.spec, bases, engine.value);
    try {
      wraps = await wrapOne(wraps, engine, slice, knowledge.probe!, confinement);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      refused.set(name, messageOf(error));
      return undefined;
    }
  }
  return wraps;
}

async function wrapOne(
  inner: Wraps,
  engine: Owned<SandboxEngine>,
  slice: SandboxSpec,
  { facts = {} }: Probe,
  { host, probes, context }: Confinement,
): Promise<Wraps> {
  const { owner, value } = engine;
  const part = partOf(engine);
  const own = hostFor(host, part);
  const filesDir = `${context.filesDir}/${value.name}`;
  const call = <T>(what: string, act: (context: WrapContext) => T | Promise<T>): Promise<T> =>
    callPlugin(
      owner,
      `${part}, ${what}`,
      own,
      (services) => act({ ...services, ...probes.machine, ...context, filesDir, facts }),
    );
  const { argv, files = {} } = await call(
    "wrap",
    async (told) => wrappedOf(await value.wrap(inner.argv, slice, told), inner.argv),
  );
  const [program = "", ...rest] = argv;
  const named = program === inner.argv[0] || program.includes("/")
    ? program
    : await programOf(host.io, program).catch((error) => {
      throw new PluginError(`${part}: ${messageOf(error)}`);
    });
  const collector = value.collector &&
    await call("collector", (told) => value.collector!(slice, told));
  const placed = Object.entries(files).map(([name, bytes]) => [`${filesDir}/${name}`, bytes]);
  return {
    argv: [named, ...rest],
    files: { ...inner.files, ...Object.fromEntries(placed) },
    engines: [{ name: value.name, spec: slice, priority: value.priority ?? 50 }, ...inner.engines],
    collectors: collector ? [{ owner, part, collector }, ...inner.collectors] : inner.collectors,
  };
}

/** What became of each declared dimension, and how tight the whole is. */
function recordOf(
  choice: Choice,
  { spec, setting }: Confinement,
): Pick<Sandboxed, "facts" | "grade" | "enforced"> {
  const facts = Object.entries(setting.declared).map(([dimension, declared]): SandboxFact => ({
    dimension,
    declared,
    ...fateOf(dimension as Dimension, spec, choice),
  }));
  const held = new Set(
    facts.filter((fact) => fact.enforced_by !== undefined).map(({ dimension }) => dimension),
  );
  const enforced = Object.fromEntries(Object.entries(spec).filter(([key]) => held.has(key)));
  return { facts, enforced, grade: gradeOf(enforced) };
}

type Fate = Pick<SandboxFact, "enforced_by" | "caveat" | "why">;

function fateOf(dimension: Dimension, spec: SandboxSpec, choice: Choice): Fate {
  if ((ownDimensions as readonly Dimension[]).includes(dimension)) return { enforced_by: "assay" };
  const bases = basesOf(dimension, spec);
  if (bases.length === 0) {
    return { enforced_by: "assay", caveat: "nothing else of the sandbox asks for it" };
  }
  const { assigned } = choice.selection;
  const open = bases.find((base) => !assigned.has(base));
  if (open !== undefined) return { why: choice.whyUncovered(open) };
  const by = [...new Set(bases.map((base) => assigned.get(base)!))];
  const caveats = by.flatMap((name) => caveatOf(dimension, name, choice));
  return {
    enforced_by: by.join(", "),
    ...caveats.length === 0 ? {} : { caveat: caveats.join("; ") },
  };
}

function caveatOf(dimension: Dimension, name: string, { asked }: Choice): string[] {
  const { knowledge } = asked.find(({ engine }) => engine.value.name === name)!;
  const caveat = knowledge.review?.caveats?.[dimension];
  return caveat === undefined ? [] : [caveat];
}
