/** What Landlock cannot give: a closed path in a folder that is open. */

import type { SandboxSpec, WrapContext } from "../../src/plugin.ts";
import { isWithin } from "../../src/text/paths.ts";
import { closedBy, closedPaths } from "./_protected.ts";

/**
 * Rights are given to a folder and all that is in it. That a workspace that is written whole holds protected
 * paths is a caveat.
 *
 * @throws when a writable path would open a protected one that is not named itself
 */
export function checkProtected(
  spec: SandboxSpec,
  context: Pick<WrapContext, "protectedPaths" | "workspace">,
): void {
  const { filesystem = "unrestricted", paths_writable = [] } = spec;
  if (filesystem === "unrestricted") return;
  for (const path of paths_writable) {
    if (filesystem === "workspace_only" && path === context.workspace) continue;
    const opened = closedBy(path, spec, context) ??
      closedPaths(spec, context).find((each) => isWithin(each, path));
    if (opened === undefined) continue;
    throw new Error(
      `paths_writable: Landlock cannot open ${path} and keep ${opened} closed, which decides what is run ` +
        "outside; open less, or name that itself to have it written",
    );
  }
}
