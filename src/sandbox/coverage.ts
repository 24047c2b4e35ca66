/** What an engine covers of one sandbox, and the part of the sandbox it is handed. */

import type { Dimension, Probe, Review, SandboxEngine, SandboxSpec } from "../plugin.ts";

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

/** What assay holds a command to without any engine. */
export const ownDimensions = ["timeout", "env"] as const satisfies readonly Dimension[];

/** Keys that say more of a base dimension: whoever enforces it must know them. */
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

/** What is known of an engine: nothing yet, or what its probe and its review said. */
export interface Knowledge {
  readonly probe?: Probe;
  readonly review?: Review;
}

type EngineCapabilities = Pick<SandboxEngine, "capabilities">;

/**
 * Why an engine does not enforce a base dimension of this sandbox, or `undefined` when it does as far as is
 * known: a detail it cannot give is the whole dimension's.
 */
export function whyNot(
  base: Dimension,
  spec: SandboxSpec,
  { capabilities }: EngineCapabilities,
  { probe, review }: Knowledge,
): string | undefined {
  if (probe && !probe.works) return probe.detail;
  for (const key of [base, ...detailsOf(base, spec)]) {
    if (!capabilities.includes(key)) return `it does not enforce ${key}`;
    const why = probe?.missing?.[key] ?? review?.lacks?.[key];
    if (why !== undefined) return why;
  }
  return undefined;
}

/** The part of a sandbox that belongs to these base dimensions. */
export function sliceOf(
  spec: SandboxSpec,
  bases: readonly Dimension[],
  { capabilities }: EngineCapabilities,
): SandboxSpec {
  const keys = new Set(bases.flatMap((base) => [base, ...detailsOf(base, spec)]));
  const slice = Object.fromEntries(
    Object.entries(spec).filter(([key]) => keys.has(key as Dimension)),
  );
  return bases.includes("filesystem") && !bases.includes("tmpfs")
    ? withWritable(slice, spec.tmpfs ?? [], capabilities)
    : slice;
}

/** What another engine makes an empty folder of must not be closed to writing by this one. */
function withWritable(
  slice: SandboxSpec,
  paths: readonly string[],
  capabilities: readonly Dimension[],
): SandboxSpec {
  if (paths.length === 0 || !capabilities.includes("paths_writable")) return slice;
  return { ...slice, paths_writable: [...slice.paths_writable ?? [], ...paths] };
}

function detailsOf(base: Dimension, spec: SandboxSpec): Dimension[] {
  return (details[base] ?? []).filter((key) => spec[key] !== undefined);
}
