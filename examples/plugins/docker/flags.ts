/** From a declared sandbox to flags of `docker run`. */

import type { SandboxSpec, WrapContext } from "@assay/assay/plugin";

/** A container sees its own network only when it may see the whole one. */
export function network({ network }: SandboxSpec): string[] {
  return network === undefined || network === "unrestricted" ? [] : ["--network=none"];
}

/** The workspace, at the same path as outside, so that reports name files as they are. */
export function mounts(spec: SandboxSpec, { workspace, liveDir }: WrapContext): string[] {
  const { filesystem, paths_writable = [], paths_readable = [], paths_hidden = [] } = spec;
  const writable = filesystem === undefined || filesystem === "unrestricted" ||
    filesystem === "workspace_only";
  return [
    ...filesystem === undefined || filesystem === "unrestricted" ? [] : ["--read-only"],
    ...mount(workspace, writable),
    // Reports are evidence: a read-only workspace still has this one place for them.
    ...mount(liveDir, true),
    ...paths_writable.flatMap((path) => mount(path, true)),
    ...paths_readable.flatMap((path) => mount(path, false)),
    ...paths_hidden.flatMap((path) => ["--tmpfs", `${path}:ro,size=4k`]),
  ];
}

function mount(path: string, writable: boolean): string[] {
  return ["--volume", `${path}:${path}${writable ? "" : ":ro"}`];
}

/** Memory in bytes, processes, and the size of `/tmp`. */
export function limits({ memory, pids, tmpfs }: SandboxSpec): string[] {
  return [
    ...memory === undefined ? [] : [`--memory=${memory}`],
    ...pids === undefined ? [] : [`--pids-limit=${pids}`],
    ...tmpfs === undefined ? [] : ["--tmpfs", `/tmp:size=${tmpfs}`],
  ];
}
