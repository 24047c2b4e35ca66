/** What stands where in a sandbox of bwrap: pure, from the sandbox and what its paths are. */

import type { SandboxSpec, WrapContext } from "../../src/plugin.ts";
import { isWithin } from "../../src/text/paths.ts";
import { closedBy, closedPaths } from "./_protected.ts";

/** What a path is; `link` is a symbolic one. */
export type Kind = "folder" | "file" | "missing" | "link";

/**
 * What is mounted on a path: the machine's own (`rw`, `ro`), an empty folder that is written and forgotten
 * (`tmpfs`), nothing to see (`hidden`), devices of its own (`dev`), its own processes (`proc`).
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
  /** Of the paths the sandbox names, and of the protected ones. */
  readonly kinds: ReadonlyMap<string, Kind>;
}

/** What is wanted on a path: mounts, and what becomes of it by what is around. Of several the first counts. */
const wishes = [
  ...["hidden", "tmpfs", "dev", "proc"] as const,
  ...["needed", "writable", "protected", "readable"] as const,
];
type Wish = typeof wishes[number];

/**
 * The mounts, parents first, so that of two the deeper one counts.
 *
 * - What the command needs is there inside of hidden and empty folders too: workspace, evidence, `TMPDIR`.
 * - A writable path in a hidden folder stays hidden, unless it is readable or in a readable one.
 * - What is protected is not written in whatever writable folder it is, unless it is named itself.
 * - Folders on the way to what is protected are mounted on themselves where they could be written: a mount
 *   cannot be renamed, and a later sandbox finds what it hides where it was. (Files cannot be renamed across.)
 */
export function mountsOf(layout: Layout): readonly Mount[] {
  const mounts: Mount[] = [{ path: "/", as: isOpen(layout.spec) ? "rw" : "ro" }];
  const wished = [...wishesOf(layout)].sort(([a], [b]) => depth(a) - depth(b));
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
  wanted: readonly Wish[],
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

/** Whether writing is not restricted, as far as this engine is asked. */
export function isOpen({ filesystem = "unrestricted" }: SandboxSpec): boolean {
  return filesystem === "unrestricted";
}

function wishesOf({ spec, context, kinds }: Layout): Map<string, Wish[]> {
  const closed = isOpen(spec) ? [] : closedPaths(spec, context);
  const { workspace, liveDir, tmpDir, resultFile } = context;
  const ownWorkspace = isOpen(spec) || spec.filesystem === "workspace_only";
  const paths: Readonly<Record<Wish, readonly (string | undefined)[] | undefined>> = {
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
  const wanted = new Map<string, Wish[]>();
  for (const wish of wishes) {
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

/** The mount that shows at a path so far: the deepest it is in. */
function nearest(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts
    .filter((mount) => isWithin(path, mount.path))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

/** What a wish is mounted as, or `undefined` when what is around will do or must stay. */
function mountFor(wish: Wish, around: Mount["as"]): Mount["as"] | undefined {
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

/** The folders between a mount and the writable one it is in. */
function pins({ path, as }: Mount, around: Mount): Mount[] {
  if (around.as !== "rw" || (as !== "hidden" && as !== "ro")) return [];
  const start = around.path === "/" ? 0 : around.path.length;
  const parts = path.slice(start + 1).split("/").slice(0, -1);
  return parts.map((_, index) => ({
    path: `${path.slice(0, start)}/${parts.slice(0, index + 1).join("/")}`,
    as: "rw",
  }));
}
