/** The argv of bwrap for a sandbox. */

import type { ConfigTable, SandboxSpec, Services, WrapContext, Wrapped } from "../../src/plugin.ts";
import { isOpen, type Kind, type Mount, mountsOf } from "./_bwrap_mounts.ts";
import { closedBy } from "./_protected.ts";
import { filterFor } from "./_seccomp.ts";
import kindsScript from "./bwrap_kinds.sh" with { type: "text" };
import launch from "./bwrap_launch.sh" with { type: "text" };

/** A shell that a command's `PATH` cannot replace. */
export const shell = "/bin/sh";

/** What the probe found and every later call needs. */
export interface Facts {
  /** Path of bwrap. */
  readonly program: string;
  /** Whether bwrap can keep what it runs from creating user namespaces. */
  readonly disableUserns: boolean;
}

/** Where bwrap is. `PATH` is not used: it may name folders that a command can write to. */
export const places = [
  "/usr/bin/bwrap",
  "/bin/bwrap",
  "/usr/local/bin/bwrap",
  "/run/wrappers/bin/bwrap",
  "/run/current-system/sw/bin/bwrap",
  "/home/linuxbrew/.linuxbrew/bin/bwrap",
];

/**
 * The facts of a probe, as read back from storage.
 *
 * @throws if the program is not one that the probe could have found: it is started outside any sandbox
 */
export function factsOf({ program, disableUserns }: ConfigTable): Facts {
  const place = places.find((each) => each === program);
  if (place === undefined) {
    throw new Error(`the probe's facts name no bwrap of the system: ${JSON.stringify(program)}`);
  }
  return { program: place, disableUserns: disableUserns === true };
}

/** Rejects if a command may have replaced bwrap or the shell that starts it. */
export async function checkPrograms({ facts, program }: WrapContext): Promise<void> {
  await Promise.all([shell, factsOf(facts).program].map(program));
}

/** Name of the system call filter among the files of {@linkcode Wrapped}. */
export const filterFile = "bwrap.seccomp";

/** Starts bwrap with the filter, `$0`, as descriptor 9; without a filter, `$0` is just a name. */
const start = { filtered: 'exec "$@" 9<"$0"', plain: 'exec "$@"' } as const;

/** The argv that runs `argv` in the sandbox, and the file it needs. */
export function wrapped(
  argv: readonly string[],
  spec: SandboxSpec,
  context: WrapContext,
  kinds: ReadonlyMap<string, Kind>,
): Wrapped {
  const filter = filterOf(spec, context.arch);
  const begin = filter === undefined ? start.plain : start.filtered;
  const isBare = filter === undefined && context.descriptorsClosed;
  const file = `${context.filesDir}/${filterFile}`;
  const script = context.descriptorsClosed ? [begin, file] : [launch, file, begin];
  const launcher = isBare ? [] : [shell, "-c", ...script];
  const bwrap = bwrapArgv(spec, context, kinds, filter !== undefined);
  return {
    argv: [...launcher, ...bwrap, "--", ...argv],
    ...(filter === undefined ? {} : { files: { [filterFile]: filter } }),
  };
}

/** A network namespace confines neither unix sockets with a path nor families without namespaces. */
function filterOf({ network }: SandboxSpec, arch: string): Uint8Array | undefined {
  if (network === "none") return filterFor(arch, { sockets: "unix_denied" });
  return network === "localhost" ? filterFor(arch, { sockets: "local" }) : undefined;
}

function bwrapArgv(
  spec: SandboxSpec,
  context: WrapContext,
  kinds: ReadonlyMap<string, Kind>,
  isFiltered: boolean,
): string[] {
  const { program, disableUserns } = factsOf(context.facts);
  const holdsPaths = !isOpen(spec) || Boolean(spec.paths_hidden?.length || spec.tmpfs?.length);
  return [
    program,
    ...["--unshare-user", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...(spec.network === "none" || spec.network === "localhost" ? ["--unshare-net"] : []),
    ...(spec.processes === "isolated" ? ["--unshare-pid"] : []),
    // In its own user namespace the command could mount what is hidden from it: control groups.
    ...(holdsPaths && disableUserns ? ["--disable-userns"] : []),
    ...["--cap-drop", "ALL", "--new-session", "--die-with-parent"],
    ...(isFiltered ? ["--seccomp", "9"] : []),
    ...mountOptions(mountsOf({ spec, context, kinds }), spec, kinds),
    ...["--chdir", context.cwd],
  ];
}

function mountOptions(
  mounts: readonly Mount[],
  spec: SandboxSpec,
  kinds: ReadonlyMap<string, Kind>,
): string[] {
  // Last, because bwrap creates the mount points of deeper mounts in them.
  const closed = mounts.filter(({ path, as }) =>
    (as === "hidden" && kinds.get(path) !== "file") || (as === "proc" && !isOpen(spec))
  );
  return [
    ...mounts.flatMap((mount) => mountOption(mount, kinds.get(mount.path))),
    ...closed.flatMap(({ path }) => ["--remount-ro", path]),
  ];
}

function mountOption({ path, as }: Mount, kind: Kind | undefined): string[] {
  switch (as) {
    case "rw":
      return [path.startsWith("/dev/") ? "--dev-bind" : "--bind", path, path];
    case "ro":
      return ["--ro-bind-try", path, path];
    case "hidden":
      // No device can be opened on an ordinary bind mount, so the file cannot be read.
      return kind === "file" ? ["--ro-bind", "/dev/null", path] : ["--tmpfs", path];
    case "tmpfs":
      return ["--tmpfs", path];
    default:
      return [`--${as}`, path];
  }
}

// Finds out what the sandbox's paths are, in one call.

/** Protected paths, if something may be written. */
function protectedPathsOf(
  spec: SandboxSpec,
  { protectedPaths }: Pick<WrapContext, "protectedPaths">,
): readonly string[] {
  const isReadonly = spec.filesystem === "readonly" && !spec.paths_writable?.length;
  return isOpen(spec) || isReadonly ? [] : protectedPaths;
}

/** The kind of each path the sandbox names, and of protected paths if something may be written. */
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
    ...[shell, "-c", kindsScript, "sh", `${own.size}`],
    ...paths,
  ]);
  const kinds = stdout.trim().split("\n");
  if (exitCode !== 0 || kinds.length !== paths.length) {
    throw new Error(`the paths of the sandbox could not be looked at: ${stderr.trim()}`);
  }
  return new Map(paths.map((path, index) => [path, kinds[index] as Kind]));
}

/**
 * Warns about what cannot be provided as requested.
 *
 * @throws if a sandbox without it would enforce less than it says: a path that became a link after it was
 * resolved, or an empty folder at a missing path.
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
