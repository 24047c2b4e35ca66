/** Part of stage "prepare": engines wrap a command to confine it to its declared sandbox. */

import { messageOf, PluginError } from "../errors.ts";
import type { SandboxFact } from "../model.ts";
import type { Dimension, Probe, SandboxEngine, SandboxSpec, WrapContext } from "../plugin.ts";
import {
  basesOf,
  engineDimensions,
  gradeOf,
  ownDimensions,
  sliceOf,
  whyNot,
} from "../sandbox/coverage.ts";
import { declares, saidOf } from "../sandbox/spec.ts";
import { type Candidate, selectEngines, type Selection } from "../sandbox/select.ts";
import { wrappedOf } from "../sandbox/wrapped.ts";
import { callPlugin, hostFor } from "./call.ts";
import { programOf } from "../process/programs.ts";
import type { Owned } from "./plugins.ts";
import type { Asked, CallHost, Confinement, Probes, Sandboxed } from "./types.ts";
import { join } from "@std/path";

/** Wraps an argv. An engine that fails to counts as one whose probe failed: another is chosen. */
export async function confine(
  argv: readonly string[],
  confinement: Confinement,
): Promise<Sandboxed> {
  const known = new Map<string, Asked>();
  for (;;) {
    const choice = await chooseEngines(confinement, known);
    const wrapped = await wrapAll(argv, choice, confinement);
    if (wrapped) {
      return { ...wrapped, ...recordOf(choice, confinement), asked: [...known.values()] };
    }
  }
}

function partOf({ value }: Owned<SandboxEngine>): string {
  return `engine "${value.name}"`;
}

type Wraps = Pick<Sandboxed, "argv" | "files" | "engines" | "collectors">;

/** From the innermost outwards; `undefined` when an engine failed, which then counts as one that does not work. */
async function wrapAll(
  argv: readonly string[],
  { selection: { chosen, assigned }, known }: Choice,
  confinement: Confinement,
): Promise<Wraps | undefined> {
  let wraps: Wraps = { argv, files: {}, engines: [], collectors: [] };
  for (const name of chosen.toReversed()) {
    const { engine, knowledge } = known.get(name)!;
    const bases = [...assigned].filter(([, by]) => by === name).map(([dimension]) => dimension);
    // A dry run applies to the whole sandbox: nothing of it is covered.
    const slice = bases.length === 0
      ? confinement.spec
      : sliceOf(confinement.spec, bases, engine.value);
    try {
      wraps = await wrapOne(wraps, engine, slice, knowledge.probe!, confinement);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      known.set(name, { engine, knowledge: { probe: { works: false, detail: error.message } } });
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
    async (wrapContext) => wrappedOf(await value.wrap(inner.argv, slice, wrapContext), inner.argv),
  );
  const [program = "", ...rest] = argv;
  const named = program === inner.argv[0] || program.includes("/")
    ? program
    : await programOf(host.io, program).catch((error) => {
      throw new PluginError(`${part}: ${messageOf(error)}`);
    });
  const collector = value.collector &&
    await call("collector", (wrapContext) => value.collector!(slice, wrapContext));
  const placed = Object.entries(files).map(([name, bytes]) => [`${filesDir}/${name}`, bytes]);
  return {
    argv: [named, ...rest],
    files: { ...inner.files, ...Object.fromEntries(placed) },
    engines: [{ name: value.name, spec: slice, priority: value.priority ?? 50 }, ...inner.engines],
    collectors: collector ? [{ owner, part, collector }, ...inner.collectors] : inner.collectors,
  };
}

/** The state of each declared dimension, and how tight the whole is. */
function recordOf(
  choice: Choice,
  { spec, setting }: Confinement,
): Pick<Sandboxed, "facts" | "grade" | "enforced"> {
  const facts = Object.entries(setting.declared).map(([dimension, declared]): SandboxFact => ({
    dimension,
    declared,
    ...enforcementOf(dimension as Dimension, spec, choice),
  }));
  const held = new Set(
    facts.filter((fact) => fact.enforced_by !== undefined).map(({ dimension }) => dimension),
  );
  const enforced = Object.fromEntries(Object.entries(spec).filter(([key]) => held.has(key)));
  return { facts, enforced, grade: gradeOf(enforced) };
}

type Enforcement = Pick<SandboxFact, "enforced_by" | "caveat" | "why">;

function enforcementOf(dimension: Dimension, spec: SandboxSpec, choice: Choice): Enforcement {
  if ((ownDimensions as readonly Dimension[]).includes(dimension)) return { enforced_by: "assay" };
  const bases = basesOf(dimension, spec);
  if (bases.length === 0) {
    return { enforced_by: "assay", caveat: "nothing else of the sandbox asks for it" };
  }
  const { selection: { assigned }, known } = choice;
  const open = bases.find((base) => !assigned.has(base));
  if (open !== undefined) return { why: whyUncovered(open, spec, choice) };
  const by = [...new Set(bases.map((base) => assigned.get(base)!))];
  const caveats = by.flatMap((name) =>
    saidOf(known.get(name)!.knowledge.review?.caveats, dimension) ?? []
  );
  return {
    enforced_by: by.join(", "),
    ...caveats.length === 0 ? {} : { caveat: caveats.join("; ") },
  };
}

/** What was chosen, and from which engines. */
interface Choice {
  readonly selection: Selection;
  readonly allowed: readonly Owned<SandboxEngine>[];
  /** Only these, in this order of preference; absent: all. */
  readonly preferred: readonly string[] | undefined;
  /** Every engine that was asked, by its name. */
  readonly known: Map<string, Asked>;
}

/**
 * Chooses. An engine's claims count until it is probed; it is probed when it would be chosen, so
 * that unneeded probes cost nothing. The answers are added to those that are `known`.
 */
async function chooseEngines(
  { spec, setting: { engines: preferred }, engines, probes, host }: Confinement,
  known: Map<string, Asked>,
): Promise<Choice> {
  const allowed = engines.filter(({ value }) => preferred?.includes(value.name) ?? true);
  const active = engineDimensions(spec);
  for (;;) {
    const candidates = allowed.map(({ value }): Candidate => {
      const { name, priority = 50, capabilities } = value;
      const knowledge = known.get(name)?.knowledge ?? {};
      const covers = active.filter((base) => whyNot(base, spec, value, knowledge) === undefined);
      const idle = capabilities.length === 0 && knowledge.probe?.works !== false;
      return { name, priority, covers: new Set(covers), idle };
    });
    const selection = selectEngines(active, candidates, preferred);
    const unasked = allowed.filter(({ value: { name } }) =>
      selection.chosen.includes(name) && !known.has(name)
    );
    if (unasked.length === 0) return { selection, allowed, preferred, known };
    const answers = unasked.map((engine) => ask(engine, spec, probes, host));
    for (const asked of await Promise.all(answers)) known.set(asked.engine.value.name, asked);
  }
}

/** Whether an engine works, and what it says about a sandbox. */
async function ask(
  engine: Owned<SandboxEngine>,
  spec: SandboxSpec,
  probes: Probes,
  host: CallHost,
): Promise<Asked> {
  const probe = await probes.of(engine, host);
  const { owner, value } = engine;
  if (!probe.works || !value.review) return { engine, knowledge: { probe } };
  try {
    const what = `${partOf(engine)}, review`;
    const review = await callPlugin(
      owner,
      what,
      host,
      () => value.review!(spec, probe.facts ?? {}),
    );
    return { engine, knowledge: { probe, review } };
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return { engine, knowledge: { probe: { works: false, detail: error.message } } };
  }
}

function whyUncovered(
  dimension: Dimension,
  spec: SandboxSpec,
  { allowed, known, preferred }: Choice,
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

// The innermost part of a sandboxed argv: it shows that the command was started, and sets its variables.

/**
 * What runs outside a sandbox (engines, their shells, assay started once more) must not be steered by
 * variables that are meant for the command: `LD_PRELOAD` from an env file that the command itself can write
 * would run its code outside. So what differs from assay's own environment is passed under this name.
 */
const prefix = "ASSAY_INNER_";

/** Variables that are looked at by nothing outside though they are the command's own. */
const harmless = /^(?:ASSAY(?:_\w+)?|COLUMNS|TMPDIR|SHLVL|_)$/;

/** Variables that programs outside need as assay has them, whatever the command has. */
const needed = /^(?:PATH|HOME|LANG|LC_\w+|XDG_\w+|DBUS_\w+|DENO_DIR|DOCKER_\w+|CONTAINER_\w+)$/;

/** Names a shell can set. */
const settable = /^[A-Za-z_]\w*$/;

/** An environment as programs outside the sandbox get it. */
interface OuterEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** The variables that are set inside, by their own names. */
  readonly inner: readonly string[];
  /** Variables that no shell can set: they are left out. */
  readonly dropped: readonly string[];
}

/** Separates the command's environment from what programs outside may see of it. */
export function outerEnvironment(
  own: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): OuterEnvironment {
  const outer: Record<string, string> = {};
  const [inner, dropped]: [string[], string[]] = [[], []];
  for (const [name, value] of Object.entries(env)) {
    if (own[name] === value || harmless.test(name)) outer[name] = value;
    else if (!settable.test(name)) dropped.push(name);
    else {
      inner.push(name);
      outer[prefix + name] = value;
      if (needed.test(name) && own[name] !== undefined) outer[name] = own[name];
    }
  }
  return { env: outer, inner, dropped };
}

/** `$0` is the mark, `$1` the names; the rest is the command. */
const script =
  `true > "$0" || exit 125; for assay_name in $1; do eval "export $assay_name=\\"\\$${prefix}$assay_name\\""; ` +
  `unset "${prefix}$assay_name"; done; unset assay_name; shift; exec "$@"`;

/** Prepends to a command what is done first inside the sandbox. */
export function insideOf(
  argv: readonly string[],
  { inner }: Pick<OuterEnvironment, "inner">,
  mark: string,
): string[] {
  return ["/bin/sh", "-c", script, mark, inner.join(" "), ...argv];
}

/** The file that exists once the command was started inside its sandbox. */
export function startMark(liveDir: string): string {
  return join(liveDir, ".started");
}
