/** Everything a sandbox can ask of engines, one small sandbox each: what `assay sandbox doctor` tells of. */

import type { Dimension, Probe, Review, SandboxEngine, SandboxSpec } from "../plugin.ts";
import { engineDimensions, whyNot } from "./coverage.ts";

/** One thing that can be asked. */
export interface Guarantee {
  /** The key it is asked by. */
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
 * What an engine can do of one: all of it, less than the word says, nothing here though it could elsewhere,
 * or nothing anywhere.
 */
export type Standing = "given" | "in_part" | "missing" | "not_offered";

/** The standing, and what is left out or why it is missing. */
export interface Given {
  readonly standing: Standing;
  readonly why?: string;
}

/** What an engine that was probed, and asked about this very sandbox where it works, gives of it. */
export function givenBy(
  { spec }: Guarantee,
  engine: Pick<SandboxEngine, "capabilities">,
  probe: Probe,
  review: Review,
): Given {
  if (!isOffered(spec, engine)) return { standing: "not_offered" };
  const why = engineDimensions(spec)
    .map((base) => whyNot(base, spec, engine, { probe, review }))
    .find((each) => each !== undefined);
  if (why !== undefined) return { standing: "missing", why };
  const caveats = (Object.keys(spec) as Dimension[]).flatMap((key) => review.caveats?.[key] ?? []);
  if (caveats.length === 0) return { standing: "given" };
  return { standing: "in_part", why: [...new Set(caveats)].join("; ") };
}

function isOffered(
  spec: SandboxSpec,
  { capabilities }: Pick<SandboxEngine, "capabilities">,
): boolean {
  return (Object.keys(spec) as Dimension[]).every((key) => capabilities.includes(key));
}
