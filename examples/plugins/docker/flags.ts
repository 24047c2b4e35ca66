/** From a declared sandbox to flags of `docker run`. What a sandbox does not name is left as open as can be. */

import type { SandboxSpec, WrapContext } from "assay/plugin";

type Places = Pick<WrapContext, "workspace" | "liveDir" | "tmpDir" | "resultFile" | "environment">;

/** Flags of every container: an init that reaps and hands signals on, and no way to more rights. */
export const always: readonly string[] = [
  ...["--rm", "--init", "--pull=never", "--entrypoint="],
  // A program in the workspace belongs to whoever it does: that right is needed and no other.
  ...["--cap-drop=ALL", "--cap-add=DAC_OVERRIDE", "--security-opt=no-new-privileges"],
];

/** Where docker or podman is started: podman's monitor would leave a file `oom` there when memory was used up. */
export function elsewhere({ os }: Pick<WrapContext, "os">): string {
  return os === "linux" ? "/proc" : "/";
}

/** A container has the machine's network, or a loopback of its own and nothing else. */
export function network({ network }: SandboxSpec): string[] {
  return [network === undefined ? "--network=host" : "--network=none"];
}

/** Limits of the kernel's. The init of the container is a process too. */
export function limits({ memory, pids, cpu }: SandboxSpec): string[] {
  const seconds = cpu === undefined ? 0 : Math.ceil(cpu / 1000);
  return [
    // No swap on top: the default is as much again.
    ...memory === undefined ? [] : [`--memory=${memory}`, `--memory-swap=${memory}`],
    ...pids === undefined ? [] : [`--pids-limit=${pids + 1}`],
    ...cpu === undefined ? [] : [`--ulimit=cpu=${seconds}:${seconds}`],
  ];
}

/** Which of the two it is: podman does more than it is asked to. */
export interface Kind {
  readonly isPodman: boolean;
}

/** What of the machine's files is there, each at the path it has outside, so that reports name files as they are. */
export function mounts(spec: SandboxSpec, places: Places, kind: Kind): string[] {
  const { filesystem, tmpfs = [] } = spec;
  return [
    ...filesystem === undefined ? [] : readOnly(kind),
    ...[...writability(spec, places)].flatMap(([path, writable]) => bind(path, path, writable)),
    ...tmpfs.flatMap((path) => empty(path, kind)),
  ];
}

/** What the image holds cannot be written. podman would make exceptions of `/tmp`, `/var/tmp` and `/run`. */
export function readOnly({ isPodman }: Kind): string[] {
  return isPodman ? ["--read-only", "--read-only-tmpfs=false"] : ["--read-only"];
}

/** A file or folder of the machine's. */
export function bind(from: string, to: string, writable: boolean): string[] {
  // What is mounted below is left out of one that is read-only: it would be writable.
  const readonly = writable ? "" : ",readonly,bind-nonrecursive";
  return ["--mount", `type=bind,src=${mountable(from)},dst=${mountable(to)}${readonly}`];
}

/** A folder that is empty and forgotten. podman would copy into it what was there. */
export function empty(path: string, { isPodman }: Kind): string[] {
  const notCopied = isPodman ? ",notmpcopyup" : "";
  return ["--tmpfs", `${mountable(path)}:rw,exec,mode=1777${notCopied}`];
}

/** Which places may be written; the engine mounts the deeper ones over the others. */
function writability(spec: SandboxSpec, places: Places): Map<string, boolean> {
  const { filesystem, paths_writable = [] } = spec;
  const { workspace, liveDir, tmpDir, resultFile, environment } = places;
  // The folder is made for commands that are kept from writing elsewhere.
  const hasTmpDir = environment.TMPDIR === tmpDir;
  const restricted = filesystem !== undefined;
  const isWorkspace = !restricted || filesystem === "workspace_only" ||
    paths_writable.some((path) => isWithin(workspace, path));
  const evidence = `${workspace}/.assay`;
  const listed: (readonly [string, boolean])[] = [[workspace, isWorkspace]];
  // The evidence of other attempts, and what assay is told to do.
  if (restricted && isWithin(liveDir, evidence)) listed.push([evidence, false]);
  for (const path of restricted ? paths_writable : []) listed.push([path, true]);
  listed.push([liveDir, true]);
  if (hasTmpDir) listed.push([tmpDir, true]);
  if (resultFile !== undefined) listed.push([resultFile, true]);
  return new Map(listed);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? folder : `${folder}/`);
}

/** A path that means itself in the flags of docker and of podman. */
function mountable(path: string): string {
  if (/^\/[^,:"\r\n]+$/.test(path)) return path;
  throw new Error(
    `${JSON.stringify(path)} cannot be mounted: it holds one of , : " or is the root`,
  );
}
