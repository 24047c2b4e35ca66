/** What the paths of a sandbox are, asked of the machine in one call. */

import type { SandboxSpec, Services, WrapContext } from "../../src/plugin.ts";
import { gitPaths, type Kind } from "./_bwrap_mounts.ts";

/** A shell that a command's `PATH` cannot replace. */
export const shell = "/bin/sh";

const script = `
for path; do
  if [ -L "$path" ]; then echo link
  elif [ -d "$path" ]; then echo folder
  elif [ -e "$path" ]; then echo file
  else echo missing
  fi
done`;

/** The kind of each path the sandbox names, and of what is guarded where the workspace may be written. */
export async function kindsOf(
  spec: SandboxSpec,
  { run, workspace }: Pick<WrapContext, "run" | "workspace">,
): Promise<ReadonlyMap<string, Kind>> {
  const { filesystem = "unrestricted", paths_hidden = [], paths_readable = [] } = spec;
  const { paths_writable = [], tmpfs = [] } = spec;
  const isWritten = filesystem === "workspace_only" || filesystem === "scoped_write";
  const own = isWritten ? gitPaths(workspace) : [];
  const named = [...paths_hidden, ...paths_readable, ...paths_writable, ...tmpfs];
  const paths = [...new Set([...named, ...own])];
  if (paths.length === 0) return new Map();
  const { exitCode, stdout, stderr } = await run([shell, "-c", script.trim(), "sh", ...paths]);
  const kinds = stdout.trim().split("\n");
  if (exitCode !== 0 || kinds.length !== paths.length) {
    throw new Error(`the paths of the sandbox could not be looked at: ${stderr.trim()}`);
  }
  return new Map(paths.map((path, index) => [path, kinds[index] as Kind]));
}

/**
 * Warns of what cannot be given as it was asked for.
 *
 * @throws when a sandbox without it would hold less than it says: a path that has become a link since it was
 * resolved, or an empty folder where there is none.
 */
export function checkKinds(
  { paths_hidden = [], paths_readable = [], paths_writable = [], tmpfs = [] }: SandboxSpec,
  kinds: ReadonlyMap<string, Kind>,
  { warn }: Pick<Services, "warn">,
): void {
  for (const path of [...paths_hidden, ...paths_readable, ...paths_writable, ...tmpfs]) {
    if (kinds.get(path) === "link") {
      throw new Error(`${path} is a symbolic link: where it leads can change`);
    }
  }
  for (const path of tmpfs) {
    if (kinds.get(path) !== "folder") throw new Error(`tmpfs: there is no folder ${path}`);
  }
  for (const path of paths_writable) {
    if (kinds.get(path) === "missing") {
      warn(`paths_writable: there is no ${path}, so it cannot be written; make it beforehand`);
    }
  }
}
