/**
 * The engine `prlimit`: limits of the kernel's that every process inherits (`setrlimit`), by the programs
 * `prlimit`, `setpriv` and `unshare` of util-linux. For machines without systemd: they hold each process
 * and not all together, which the caveats say.
 *
 * @module
 */

import type { Collector, Review, SandboxEngine, SandboxSpec } from "../../src/plugin.ts";
import { limitedArgv, programNames } from "./_prlimit_argv.ts";
import { probePrlimit } from "./_prlimit_probe.ts";
import { triedPrograms } from "./_programs.ts";

const memory = "it is the private memory of each process, reserved or used, and not their sum; " +
  "shared memory, stacks and files in memory are not counted";

const cpu =
  "each process has it alone, in whole seconds, and one that catches the signal has one more";

const caveatsOfPids = {
  command: "with another engine around it, that engine's own processes count too",
  user: "all processes and threads of the user count, so it may have fewer",
};

/** Programs with another user's rights, and processes that are no children of the command. */
const others = "what sudo or a process from before starts for it is not held to it";

function caveatsOf(spec: SandboxSpec, counted: unknown): NonNullable<Review["caveats"]> {
  const pids = caveatsOfPids[counted === "command" ? "command" : "user"];
  const all = { memory, cpu, pids };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([dimension]) => spec[dimension as keyof typeof all] !== undefined)
      .map(([dimension, caveat]) => [dimension, `${caveat}; ${others}`]),
  );
}

/** 128 + 24: what a shell says of a child that SIGXCPU ended. */
const cpuLimitCode = 152;

function collectorOf(spec: SandboxSpec): Collector {
  return {
    collect(_command, { signal, exitCode, denials }) {
      if (spec.cpu === undefined || (signal !== "SIGXCPU" && exitCode !== cpuLimitCode)) return;
      const by = signal ?? `exit code ${exitCode}`;
      const evidence =
        `it ended by SIGXCPU (${by}): a process used ${spec.cpu} ms of processor time`;
      denials.push({ dimension: "cpu", evidence, killed: true });
    },
  };
}

/** The engine. */
export const prlimit: SandboxEngine = {
  name: "prlimit",
  capabilities: ["memory", "cpu", "pids"],
  priority: 50,
  obtain: "Install util-linux, 2.38 or later for `pids` to count the command's processes alone.",
  probe: probePrlimit,
  review: (spec, { counted }) => ({ caveats: caveatsOf(spec, counted) }),
  wrap: async (argv, spec, context) =>
    limitedArgv(argv, spec, await triedPrograms(programNames, context)),
  collector: collectorOf,
};
