/** What is mounted where in a bwrap sandbox: pure, from the sandbox and the kinds of its paths. */

import type { SandboxSpec, WrapContext } from "../../src/plugin.ts";
import { isWithin } from "../../src/text/paths.ts";
import { closedBy, closedPaths } from "./_protected.ts";

/** What a path is; `link` is a symbolic one. */
export type Kind = "folder" | "file" | "missing" | "link";

/**
 * What is mounted on a path: the machine's own (`rw`, `ro`), an empty folder whose contents are discarded
 * (`tmpfs`), nothing visible (`hidden`), its own devices (`dev`), its own processes (`proc`).
 */
export interface Mount {
  readonly path: string;
  readonly as: "rw" | "ro" | "tmpfs" | "hidden" | "dev" | "proc";
}

export interface Layout {
  readonly spec: SandboxSpec;
  readonly context: Pick<
    WrapContext,
    "workspace" | "liveDir" | "tmpDir" | "resultFile" | "protectedPaths"
  >;
  /** Kinds of the paths the sandbox names, and of the protected ones. */
  readonly kinds: ReadonlyMap<string, Kind>;
}

/** What is requested for a path: mounts, depending on what is around it. The first of several counts. */
const requestKinds = [
  ...["hidden", "tmpfs", "dev", "proc"] as const,
  ...["needed", "writable", "protected", "readable"] as const,
];
type MountRequest = typeof requestKinds[number];

/**
 * The mounts, parents first, so that the deeper of two counts.
 *
 * - What the command needs is present even inside hidden and empty folders: workspace, evidence, `TMPDIR`.
 * - A writable path in a hidden folder stays hidden, unless it is readable or in a readable one.
 * - Protected paths are read-only in any writable folder, unless they are named themselves.
 * - Writable folders on the way to a protected path are mounted on themselves: a mount cannot be
 * renamed, so a later sandbox finds what it hides in place. (Files cannot be renamed across.)
 */
export function mountsOf(layout: Layout): readonly Mount[] {
  const mounts: Mount[] = [{ path: "/", as: isOpen(layout.spec) ? "rw" : "ro" }];
  const wished = [...requestsOf(layout)].sort(([a], [b]) => depth(a) - depth(b));
  for (const [path, wanted] of wished) {
    const around = nearest(path, mounts)!;
    const as = mountOn(path, wanted, around.as, mounts);
    if (as === undefined) continue;
    if (path === "/") mounts[0] = { path, as };
    else mounts.push(...pins({ path, as }, around), { path, as });
  }
  return mounts.sort((a, b) => depth(a.path) - depth(b.path));
}

function mountOn(
  path: string,
  wanted: readonly MountRequest[],
  around: Mount["as"],
  mounts: readonly Mount[],
): Mount["as"] | undefined {
  // An empty folder in a hidden one is still in the hidden one.
  const isHidden = nearest(path, mounts.filter(({ as }) => as !== "tmpfs"))?.as === "hidden";
  return wanted
    .filter((wish) => wish !== "writable" || !isHidden || wanted.includes("readable"))
    .map((wish) => mountFor(wish, around))
    .find((as) => as !== undefined);
}

/** Whether writing is unrestricted, as far as this engine is concerned. */
export function isOpen({ filesystem = "unrestricted" }: SandboxSpec): boolean {
  return filesystem === "unrestricted";
}

function requestsOf({ spec, context, kinds }: Layout): Map<string, MountRequest[]> {
  const closed = isOpen(spec) ? [] : closedPaths(spec, context);
  const { workspace, liveDir, tmpDir, resultFile } = context;
  const ownWorkspace = isOpen(spec) || spec.filesystem === "workspace_only";
  const paths: Readonly<Record<MountRequest, readonly (string | undefined)[] | undefined>> = {
    hidden: spec.paths_hidden,
    tmpfs: spec.tmpfs,
    dev: ["/dev"],
    proc: spec.processes === "isolated" ? ["/proc"] : [],
    needed: [...(ownWorkspace ? [workspace] : []), liveDir, tmpDir, resultFile]
      .filter((path) => path === undefined || !closed.includes(path)),
    writable: spec.paths_writable?.filter((path) =>
      isOpen(spec) || closedBy(path, spec, context) === undefined
    ),
    protected: closed,
    readable: [...(ownWorkspace ? [] : [workspace]), ...(spec.paths_readable ?? [])],
  };
  const wanted = new Map<string, MountRequest[]>();
  for (const wish of requestKinds) {
    for (const path of paths[wish] ?? []) {
      if (path === undefined || kinds.get(path) === "missing") continue;
      wanted.set(path, [...(wanted.get(path) ?? []), wish]);
    }
  }
  return wanted;
}

function depth(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

/** The mount visible at a path so far: the deepest one that contains it. */
function nearest(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts
    .filter((mount) => isWithin(path, mount.path))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

/** What a request is mounted as, or `undefined` if what is around suffices or must stay. */
function mountFor(wish: MountRequest, around: Mount["as"]): Mount["as"] | undefined {
  switch (wish) {
    case "needed":
    case "writable":
      return around === "rw" ? undefined : "rw";
    case "protected":
      return around === "rw" ? "ro" : undefined;
    case "readable":
      return ["hidden", "tmpfs", "dev"].includes(around) ? "ro" : undefined;
    default:
      return wish;
  }
}

/** The folders between a mount and the writable one that contains it. */
function pins({ path, as }: Mount, around: Mount): Mount[] {
  if (around.as !== "rw" || (as !== "hidden" && as !== "ro")) return [];
  const start = around.path === "/" ? 0 : around.path.length;
  const parts = path.slice(start + 1).split("/").slice(0, -1);
  return parts.map((_, index) => ({
    path: `${path.slice(0, start)}/${parts.slice(0, index + 1).join("/")}`,
    as: "rw",
  }));
}
