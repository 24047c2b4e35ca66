/** How wide a sandbox is: one word for what was enforced. */

import type { Grade } from "../model.ts";
import type { SandboxSpec } from "../plugin.ts";

/** Every grade, the tightest first. */
export const grades: readonly Grade[] = ["sealed", "pinhole", "scoped", "broad", "open"];

/** What each value of a restricted network is worth. */
const networks = {
  none: "sealed",
  localhost: "pinhole",
  hosts: "pinhole",
} as const satisfies Readonly<Record<string, Grade>>;

/** What each value of a restricted file system is worth. */
const filesystems = {
  readonly: "sealed",
  scoped_write: "pinhole",
  workspace_only: "scoped",
} as const satisfies Readonly<Record<string, Grade>>;

/**
 * The grade of what was enforced, and of nothing that was only declared. It is as wide as the widest of
 * network, file system and processes; with one of the first two left open it is `broad`, with both `open`.
 * It never widens when anything is tightened.
 */
export function gradeOf(enforced: SandboxSpec): Grade {
  const network = networkGrade(enforced);
  const filesystem = filesystemGrade(enforced);
  if (network === undefined && filesystem === undefined) return "open";
  if (network === undefined || filesystem === undefined) return "broad";
  const processes: Grade = enforced.processes === "isolated" ? "sealed" : "pinhole";
  return widest([network, filesystem, processes]);
}

function networkGrade({ network = "unrestricted", hosts }: SandboxSpec): Grade | undefined {
  if (network === "unrestricted") return undefined;
  // Without the list it is no limit: which hosts may be reached is what was to be enforced.
  return network === "hosts" && hosts === undefined ? undefined : networks[network];
}

function filesystemGrade({ filesystem = "unrestricted" }: SandboxSpec): Grade | undefined {
  return filesystem === "unrestricted" ? undefined : filesystems[filesystem];
}

function widest(each: readonly Grade[]): Grade {
  return grades[Math.max(...each.map((grade) => grades.indexOf(grade)))]!;
}
