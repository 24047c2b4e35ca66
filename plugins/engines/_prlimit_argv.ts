/** The argv that runs a command under limits of the kernel's. */

import type { SandboxSpec } from "../../src/plugin.ts";
import type { Programs } from "./_programs.ts";

/**
 * Prepares for the limits what differs from place to place, then runs its arguments.
 *
 * - Root may raise limits as long as it has CAP_SYS_RESOURCE (bit 24), so that is dropped where it is held.
 *   Inside of other engines it is gone already, and could not be dropped. What cannot be told counts as held.
 * - With `own` as first argument, the command gets a user namespace where there may be one: the kernel then
 *   counts its processes alone and not all of the user's.
 */
const prepare = `own=$1 setpriv=$2 unshare=$3; shift 3
held=1000000
while read -r key value; do
  case $key in CapPrm:) held=$value ;; esac
done </proc/self/status
case $held in
  *[13579bdf]??????) set -- "$setpriv" --bounding-set=-sys_resource --inh-caps=-sys_resource "$@" ;;
esac
if [ "$own" = own ] && "$unshare" --user --map-current-user /bin/sh -c : 2>/dev/null; then
  set -- "$unshare" --user --map-current-user "$@"
fi
exec "$@"`;

/** Seconds from the signal that a program may catch to the one that it may not. */
const graceSeconds = 1;

function flags({ memory, pids, cpu }: SandboxSpec): string[] {
  const seconds = cpu === undefined ? 0 : Math.ceil(cpu / 1000);
  return [
    // Not the address space: V8, Go and the JVM reserve more of it than there is memory.
    ...(memory === undefined ? [] : [`--data=${memory}:${memory}`]),
    ...(pids === undefined ? [] : [`--nproc=${pids}:${pids}`]),
    // The first signal, SIGXCPU, comes from nowhere else, so it is evidence; SIGKILL alone would be none.
    ...(cpu === undefined ? [] : [`--cpu=${seconds}:${seconds + graceSeconds}`]),
    "--core=0:0",
  ];
}

/** The programs of util-linux, and a shell. */
export const programNames = ["sh", "prlimit", "setpriv", "unshare"] as const;

/** `argv` under the limits. */
export function limitedArgv(
  argv: readonly string[],
  spec: SandboxSpec,
  { sh, prlimit, setpriv, unshare }: Programs<typeof programNames[number]>,
): string[] {
  const own = spec.pids === undefined ? "shared" : "own";
  return [sh, "-c", prepare, "sh", own, setpriv, unshare, prlimit, ...flags(spec), ...argv];
}
