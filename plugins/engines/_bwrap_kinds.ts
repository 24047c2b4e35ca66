/** What the paths of a sandbox are, asked of the machine in one call. */

import type { SandboxSpec, Services, WrapContext } from "../../src/plugin.ts";
import { isOpen, type Kind } from "./_bwrap_mounts.ts";
import { closedBy } from "./_protected.ts";

/** A shell that a command's `PATH` cannot replace. */
export const shell = "/bin/sh";

/** `$1` is the number of paths that must not be reached by links either: those come first. */
const script = `
straight=$1; shift
for path; do
  folder=\${path%/*}
  if [ -L "$path" ]; then echo link
  elif [ $straight -gt 0 ] && real=$(CDPATH= cd -P -- "$folder/" 2>/dev/null && pwd -P) &&
    [ "\${real%/}" != "$folder" ]; then echo link
  elif [ -d "$path" ]; then echo folder
  elif [ -e "$path" ]; then echo file
  else echo missing
  fi
  straight=$((straight - 1))
done`;

/** What is protected, where something may be written. */
function protectedPathsOf(
  spec: SandboxSpec,
  { protectedPaths }: Pick<WrapContext, "protectedPaths">,
): readonly string[] {
  const isReadonly = spec.filesystem === "readonly" && !spec.paths_writable?.length;
  return isOpen(spec) || isReadonly ? [] : protectedPaths;
}

/** The kind of each path the sandbox names, and of what is protected where something may be written. */
export async function kindsOf(
  spec: SandboxSpec,
  { run, protectedPaths }: Pick<WrapContext, "run" | "protectedPaths">,
): Promise<ReadonlyMap<string, Kind>> {
  const { paths_hidden = [], paths_readable = [], paths_writable = [], tmpfs = [] } = spec;
  const own = new Set(protectedPathsOf(spec, { protectedPaths }));
  const named = [...paths_hidden, ...paths_readable, ...paths_writable, ...tmpfs];
  const paths = [...new Set([...own, ...named])];
  if (paths.length === 0) return new Map();
  const { exitCode, stdout, stderr } = await run([
    ...[shell, "-c", script.trim(), "sh", `${own.size}`],
    ...paths,
  ]);
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
  spec: SandboxSpec,
  kinds: ReadonlyMap<string, Kind>,
  { warn, protectedPaths }: Pick<Services, "warn"> & Pick<WrapContext, "protectedPaths">,
): void {
  const { paths_writable = [], tmpfs = [] } = spec;
  for (const path of kinds.keys()) {
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
    const closed = isOpen(spec) ? undefined : closedBy(path, spec, { protectedPaths });
    if (closed !== undefined) {
      warn(
        `paths_writable: ${path} stays read-only, for it is in ${closed}, which decides what is run ` +
          "outside; name that itself to have it written",
      );
    }
  }
}
