/** What an engine covers of one sandbox, and the part of the sandbox it is given. */

import type { Grade } from "../model.ts";
import type { Dimension, Probe, Review, SandboxEngine, SandboxSpec } from "../plugin.ts";
import { declares, saidOf } from "./spec.ts";

/** The dimensions engines are chosen for. The others belong to one of these, or to assay itself. */
export const baseDimensions = [
  "network",
  "filesystem",
  "paths_hidden",
  "tmpfs",
  "processes",
  "pids",
  "cpu",
  "memory",
] as const satisfies readonly Dimension[];

/** What assay enforces without any engine. */
export const ownDimensions = ["timeout", "env"] as const satisfies readonly Dimension[];

/** Keys that refine a base dimension: an engine that enforces it must know them. */
const details: Readonly<Partial<Record<Dimension, readonly Dimension[]>>> = {
  network: ["hosts"],
  filesystem: ["paths_writable"],
  paths_hidden: ["paths_readable"],
  tmpfs: ["paths_readable"],
};

/** The dimensions of a sandbox that an engine has to enforce. */
export function engineDimensions(spec: SandboxSpec): Dimension[] {
  return baseDimensions.filter((dimension) => spec[dimension] !== undefined);
}

/** The base dimensions a key of a sandbox belongs to. */
export function basesOf(dimension: Dimension, spec: SandboxSpec): Dimension[] {
  return engineDimensions(spec).filter((base) =>
    base === dimension || details[base]?.includes(dimension)
  );
}

/** What is known about an engine: nothing yet, or what its probe and its review said. */
export interface Knowledge {
  readonly probe?: Probe;
  readonly review?: Review;
}

type EngineCapabilities = Pick<SandboxEngine, "capabilities">;

/**
 * Why an engine does not enforce a base dimension of this sandbox, or `undefined` when, as far as known, it
 * does: a detail it cannot enforce costs the whole dimension.
 */
export function whyNot(
  base: Dimension,
  spec: SandboxSpec,
  engine: EngineCapabilities,
  { probe, review }: Knowledge,
): string | undefined {
  if (probe && !probe.works) return probe.detail;
  for (const key of [base, ...detailsOf(base, spec)]) {
    if (!declares(engine, key)) return `it does not enforce ${key}`;
    const why = saidOf(probe?.missing, key) ?? saidOf(review?.missing, key);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** The part of a sandbox that belongs to these base dimensions. */
export function sliceOf(
  spec: SandboxSpec,
  bases: readonly Dimension[],
  engine: EngineCapabilities,
): SandboxSpec {
  const keys = new Set(bases.flatMap((base) => [base, ...detailsOf(base, spec)]));
  const slice = Object.fromEntries(
    Object.entries(spec).filter(([key]) => keys.has(key as Dimension)),
  );
  const { tmpfs = [] } = spec;
  const isClosed = bases.includes("filesystem") && !bases.includes("tmpfs");
  if (!isClosed || tmpfs.length === 0 || !declares(engine, "paths_writable")) return slice;
  // Where another engine puts an empty folder, this one must not forbid writing.
  return { ...slice, paths_writable: [...slice.paths_writable ?? [], ...tmpfs] };
}

function detailsOf(base: Dimension, spec: SandboxSpec): Dimension[] {
  return (details[base] ?? []).filter((key) => spec[key] !== undefined);
}

// Everything a sandbox can ask of engines, one small sandbox each, for `assay sandbox doctor`.

/** One thing that can be asked for. */
export interface Guarantee {
  /** The key that asks for it. */
  readonly dimension: Dimension;
  /** Its value, where the key has several that differ in kind. */
  readonly value?: string;
  /** A sandbox that asks for this and no more. */
  readonly spec: SandboxSpec;
}

/** All of them for the project at `root`, in the order they are shown. */
export function guaranteesOf(root: string): Guarantee[] {
  const inside = [`${root}/inside`];
  return [
    { dimension: "network", value: "none", spec: { network: "none" } },
    { dimension: "network", value: "localhost", spec: { network: "localhost" } },
    {
      dimension: "network",
      value: "hosts",
      spec: { network: "hosts", hosts: ["example.com:443"] },
    },
    { dimension: "filesystem", value: "readonly", spec: { filesystem: "readonly" } },
    { dimension: "filesystem", value: "workspace_only", spec: { filesystem: "workspace_only" } },
    {
      dimension: "filesystem",
      value: "scoped_write",
      spec: { filesystem: "scoped_write", paths_writable: inside },
    },
    { dimension: "paths_hidden", spec: { paths_hidden: [root] } },
    { dimension: "paths_readable", spec: { paths_hidden: [root], paths_readable: inside } },
    { dimension: "tmpfs", spec: { tmpfs: ["/tmp"] } },
    { dimension: "processes", value: "isolated", spec: { processes: "isolated" } },
    { dimension: "pids", spec: { pids: 64 } },
    { dimension: "cpu", spec: { cpu: 30_000 } },
    { dimension: "memory", spec: { memory: 512 * 1024 ** 2 } },
  ];
}

/**
 * How much of one an engine can do: all of it, less than the word says, nothing here though it could elsewhere,
 * or nothing anywhere.
 */
type Support = "full" | "partial" | "missing" | "not_offered";

/** The level, and what is left out or why it is missing. */
export interface Given {
  readonly support: Support;
  readonly why?: string;
}

/** How much of it an engine enforces, by its probe and, where it works, its review of this very sandbox. */
export function givenBy(
  { spec }: Guarantee,
  engine: EngineCapabilities,
  probe: Probe,
  review: Review,
): Given {
  const keys = Object.keys(spec) as Dimension[];
  if (!keys.every((key) => declares(engine, key))) return { support: "not_offered" };
  const why = engineDimensions(spec)
    .map((base) => whyNot(base, spec, engine, { probe, review }))
    .find((each) => each !== undefined);
  if (why !== undefined) return { support: "missing", why };
  const caveats = keys.flatMap((key) => saidOf(review.caveats, key) ?? []);
  if (caveats.length === 0) return { support: "full" };
  return { support: "partial", why: [...new Set(caveats)].join("; ") };
}

// How wide a sandbox is: one word for what was enforced.

/** Every grade, the tightest first. */
export const grades: readonly Grade[] = ["sealed", "pinhole", "scoped", "broad", "open"];

/** The grade of each value of a restricted network. */
const networks = {
  none: "sealed",
  localhost: "pinhole",
  hosts: "pinhole",
} as const satisfies Readonly<Record<string, Grade>>;

/** The grade of each value of a restricted file system. */
const filesystems = {
  readonly: "sealed",
  scoped_write: "pinhole",
  workspace_only: "scoped",
} as const satisfies Readonly<Record<string, Grade>>;

/**
 * The grade of what was enforced, not of what was only declared. It is as wide as the widest of
 * network, file system and processes; with one of the first two left open it is `broad`, with both it is `open`.
 * It never widens when anything is tightened.
 */
export function gradeOf(enforced: SandboxSpec): Grade {
  const { network = "unrestricted", hosts, filesystem = "unrestricted" } = enforced;
  // Without the list it is no limit: the reachable hosts are what should be enforced.
  const isOnline = network === "unrestricted" || network === "hosts" && hosts === undefined;
  const isWritable = filesystem === "unrestricted";
  if (isOnline || isWritable) return isOnline && isWritable ? "open" : "broad";
  const processes: Grade = enforced.processes === "isolated" ? "sealed" : "pinhole";
  const each = [networks[network], filesystems[filesystem], processes];
  return grades[Math.max(...each.map((grade) => grades.indexOf(grade)))]!;
}
