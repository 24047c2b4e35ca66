/** What of a sandbox's paths decides what is run outside of it, and so stays as it is. */

import type { SandboxSpec, WrapContext } from "../../src/plugin.ts";
import { isWithin } from "../../src/text/paths.ts";

/** The protected paths that the sandbox does not open by naming them themselves. */
export function closedPaths(
  { paths_writable = [] }: SandboxSpec,
  { protectedPaths }: Pick<WrapContext, "protectedPaths">,
): string[] {
  return protectedPaths.filter((path) => !paths_writable.includes(path));
}

/** The protected path that a path is in and that keeps it closed: the deepest one counts. */
export function closedBy(
  path: string,
  spec: SandboxSpec,
  context: Pick<WrapContext, "protectedPaths">,
): string | undefined {
  const around = context.protectedPaths
    .filter((each) => isWithin(path, each))
    .sort((a, b) => b.length - a.length)[0];
  return around !== undefined && closedPaths(spec, context).includes(around) ? around : undefined;
}
