/** The files of a project that its own commands write as evidence. */

import type { Project } from "../config/types.ts";

/** Paths of reports relative to the root; a placeholder is a `*`. What lies in `.assay/` never counts. */
export function writtenBy({ runners, commands }: Pick<Project, "runners" | "commands">): string[] {
  return [...runners, ...commands]
    .flatMap(({ resultFile }) => resultFile ?? [])
    .filter((path) => !path.startsWith(".assay/"))
    .map((path) => path.replaceAll(/\{\{[^}]*\}\}|<\w+>/g, "*"));
}
