/** What the probe of bwrap does, outside and inside of a sandbox: a shell's own acts, nothing to install. */

import type { Dimension, SandboxSpec } from "../../src/plugin.ts";

/** An act that must work outside, and inside as far as the sandbox lets it. */
export interface Act {
  readonly dimension: Dimension;
  /** Shell; `$d` is the folder of the probe; outside are the process `$pid`, the namespaces `$net` and `$pids`. */
  readonly script: string;
  /** Whether it must work inside. */
  readonly allowed: boolean;
  /** What went wrong when it did not go as it must. */
  readonly problem: string;
}

/** The sandbox the acts are for, in the folder of the probe. */
export function probedSpec(folder: string): SandboxSpec {
  return {
    network: "none",
    filesystem: "workspace_only",
    processes: "isolated",
    paths_writable: [`${folder}/writable`],
    paths_hidden: [`${folder}/hidden`, `${folder}/file`],
    paths_readable: [`${folder}/hidden/open`],
    tmpfs: [`${folder}/memory`],
  };
}

/** Makes what the acts need in a new folder. */
export const layout = `
d=$(mktemp -d "\${TMPDIR:-/tmp}/assay-probe.XXXXXX") && d=$(cd "$d" && pwd -P) && cd "$d" || exit 1
mkdir -p ws/.assay/live ws/own tmp writable hidden/open memory outside
for file in file hidden/secret hidden/open/shown memory/old; do echo text > $file; done`;

const sees = (path: string) => `read -r line < "$d/${path}"`;
const writes = (path: string) => `: > "$d/${path}"`;

/** The acts, each a capability's. */
export const acts: readonly Act[] = [
  {
    dimension: "network",
    script: `[ "$(readlink /proc/self/ns/net)" = "$net" ]`,
    allowed: false,
    problem: "the command stays in the machine's network",
  },
  {
    dimension: "network",
    // The filter of the probe closes this call besides, which a shell can make and sockets it cannot.
    script: `chmod 700 "$d/ws/own"`,
    allowed: false,
    problem: "the filter of system calls is not in force",
  },
  {
    dimension: "filesystem",
    script: writes("outside/new"),
    allowed: false,
    problem: "a file outside can be written",
  },
  {
    dimension: "filesystem",
    script: writes("ws/.assay/new"),
    allowed: false,
    problem: "a file in .assay can be written",
  },
  {
    dimension: "filesystem",
    script: `${writes("ws/new")} && ${writes("ws/.assay/live/new")} && ${writes("tmp/new")}`,
    allowed: true,
    problem: "a file in the workspace cannot be written",
  },
  {
    dimension: "paths_writable",
    script: writes("writable/new"),
    allowed: true,
    problem: "a file in a writable path cannot be written",
  },
  {
    dimension: "paths_writable",
    script: writes("writable/../outside/other"),
    allowed: false,
    problem: "a file beside a writable path can be written",
  },
  {
    dimension: "paths_hidden",
    script: `${sees("hidden/secret")} || ${sees("file")}`,
    allowed: false,
    problem: "a hidden file can be read",
  },
  {
    dimension: "paths_readable",
    script: sees("hidden/open/shown"),
    allowed: true,
    problem: "a readable path in a hidden one cannot be read",
  },
  {
    dimension: "paths_readable",
    script: writes("hidden/open/new"),
    allowed: false,
    problem: "a readable path in a hidden one can be written",
  },
  {
    dimension: "tmpfs",
    script: sees("memory/old"),
    allowed: false,
    problem: "the folder is not empty",
  },
  {
    dimension: "tmpfs",
    script: writes("memory/new"),
    allowed: true,
    problem: "the folder cannot be written",
  },
  {
    dimension: "processes",
    // A low number can be that of a process inside as well.
    script: `[ "$(readlink /proc/self/ns/pid)" = "$pids" ] || { [ $pid -gt 99 ] && kill -0 $pid; }`,
    allowed: false,
    problem: "a process outside can be signalled",
  },
];

/** Does all acts and prints a line for each: `yes` when it worked. */
export const doActs = acts
  .map(({ script }) => `if ( ${script} ) >/dev/null 2>&1; then echo yes; else echo no; fi`)
  .join("\n");
