/** The argv of bwrap for a sandbox. */

import type { ConfigTable, SandboxSpec, WrapContext, Wrapped } from "../../src/plugin.ts";
import { shell } from "./_bwrap_kinds.ts";
import { isOpen, type Kind, type Mount, mountsOf } from "./_bwrap_mounts.ts";
import { filterFor } from "./_seccomp.ts";

/** What the probe found out and every later call needs. */
export interface Facts {
  /** Path of bwrap. */
  readonly program: string;
  /** Whether bwrap can keep what it runs from making user namespaces. */
  readonly disableUserns: boolean;
}

/** Where bwrap is. `PATH` is not asked: it may name folders that a command can write to. */
export const places = [
  "/usr/bin/bwrap",
  "/bin/bwrap",
  "/usr/local/bin/bwrap",
  "/run/wrappers/bin/bwrap",
  "/run/current-system/sw/bin/bwrap",
  "/home/linuxbrew/.linuxbrew/bin/bwrap",
];

/**
 * The facts of a probe, as they come back from where they were kept.
 *
 * @throws when the program is none that the probe could have found: it is started outside of any sandbox
 */
export function factsOf({ program, disableUserns }: ConfigTable): Facts {
  const place = places.find((each) => each === program);
  if (place === undefined) {
    throw new Error(`the probe's facts name no bwrap of the system: ${JSON.stringify(program)}`);
  }
  return { program: place, disableUserns: disableUserns === true };
}

/** Rejects when a command may have replaced bwrap or the shell before it. */
export async function checkPrograms({ facts, program }: WrapContext): Promise<void> {
  await Promise.all([shell, factsOf(facts).program].map(program));
}

/** Name of the filter of system calls among the files of {@linkcode Wrapped}. */
export const filterFile = "bwrap.seccomp";

/** Starts bwrap with the filter, which is `$0`, as descriptor 9; without one `$0` is a mere name. */
const start = { filtered: 'exec "$@" 9<"$0"', plain: 'exec "$@"' } as const;

/**
 * Closes what assay itself inherited: a descriptor of a folder outside leads out of every sandbox. The shell
 * of Debian can close those of one digit alone, and Bash is always there.
 */
const launch = (begin: string) =>
  `
assay_more=
for assay_fd in /proc/self/fd/[0-9]*; do
  case \${assay_fd##*/} in
    [012]) ;;
    [3-9]) eval "exec \${assay_fd##*/}<&-" ;;
    *) assay_more="$assay_more \${assay_fd##*/}<&-" ;;
  esac
done
if [ -n "$assay_more" ] && ! (eval "exec$assay_more") 2>/dev/null; then
  exec /bin/bash -p -c "exec$assay_more;"'${begin}' "$0" "$@"
fi
eval "exec$assay_more"
${begin}`.trim();

/** The argv that runs `argv` in the sandbox, and the file that it needs. */
export function wrapped(
  argv: readonly string[],
  spec: SandboxSpec,
  context: WrapContext,
  kinds: ReadonlyMap<string, Kind>,
): Wrapped {
  const filter = filterOf(spec, context.arch);
  const begin = filter === undefined ? start.plain : start.filtered;
  const isBare = filter === undefined && context.descriptorsClosed;
  const script = context.descriptorsClosed ? begin : launch(begin);
  const launcher = isBare ? [] : [shell, "-c", script, `${context.filesDir}/${filterFile}`];
  const bwrap = bwrapArgv(spec, context, kinds, filter !== undefined);
  return {
    argv: [...launcher, ...bwrap, "--", ...argv],
    ...(filter === undefined ? {} : { files: { [filterFile]: filter } }),
  };
}

/** A network namespace does not hold unix sockets that have a path, nor families that know no namespaces. */
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
    // In a user namespace of its own the command could mount what it is not shown: control groups.
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
  // Last, for bwrap makes the places of deeper mounts in them.
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
      // No device can be opened that is bound without leave, so that the file cannot be read.
      return kind === "file" ? ["--ro-bind", "/dev/null", path] : ["--tmpfs", path];
    case "tmpfs":
      return ["--tmpfs", path];
    default:
      return [`--${as}`, path];
  }
}
