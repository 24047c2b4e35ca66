/**
 * The engine `prlimit`: kernel limits that every process inherits (`setrlimit`), set with the programs
 * `prlimit`, `setpriv` and `unshare` of util-linux. For machines without systemd: they apply to each process
 * and not to all together, as the caveats say.
 */

import type {
  Collector,
  EngineHost,
  Probe,
  Review,
  SandboxEngine,
  SandboxSpec,
} from "../../src/plugin.ts";
import { findPrograms, probed, type Programs, triedPrograms } from "./_protected.ts";
import start from "./prlimit_start.sh" with { type: "text" };

const memory =
  "the limit is on the private memory of each process, reserved or used, not on their sum; " +
  "shared memory, stacks and files in memory are not counted";

const cpu =
  "each process has its own limit, in whole seconds; a process that catches the signal gets one second more";

const caveatsOfPids = {
  command: "with another engine around it, that engine's own processes count too",
  user: "all processes and threads of the user count, so it may have fewer",
};

/** Programs with another user's rights, and processes that are not the command's children. */
const others = "processes started through sudo or by an existing process are not limited";

function caveatsOf(spec: SandboxSpec, counted: unknown): NonNullable<Review["caveats"]> {
  const pids = caveatsOfPids[counted === "command" ? "command" : "user"];
  const all = { memory, cpu, pids };
  return Object.fromEntries(
    Object.entries(all)
      .filter(([dimension]) => spec[dimension as keyof typeof all] !== undefined)
      .map(([dimension, caveat]) => [dimension, `${caveat}; ${others}`]),
  );
}

/** 128 + 24: a shell's exit code for a child that SIGXCPU ended. */
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

// Tries what the kernel limits can enforce here.

const mebibyte = 1024 * 1024;

/** Exceeds `spec`, in a plain shell; `sh` may be dash or bash, each with its own messages. */
const acts = {
  memory: {
    spec: { memory: 16 * mebibyte },
    // 16 bytes, doubled 21 times: 32 MiB.
    script: "s=xxxxxxxxxxxxxxxx; i=0; while [ $i -lt 21 ]; do s=$s$s; i=$((i+1)); done; echo done",
  },
  pids: {
    spec: { pids: 4 },
    script: "for i in 1 2 3 4 5 6; do sleep 1 >/dev/null 2>&1 & echo born; done; echo done",
  },
  cpu: { spec: { cpu: 1000 }, script: "while :; do :; done" },
} as const;

interface Host extends EngineHost {
  readonly programs: Programs<typeof programNames[number]>;
}

interface Done {
  /** Its output, after it had begun. */
  readonly output: string;
  readonly errors: string;
  /** As a shell reports it: 128 plus the signal number. */
  readonly code: number;
}

const outOfTime = 128 + 9;

/** bash retries for 15 seconds if it is refused a process. */
const seconds = { memory: 5, pids: 2, cpu: 8 };

/**
 * Runs a shell line, limited by `spec` if given. A surrounding shell reports which signal ended it.
 *
 * @throws if it did not even begin
 */
async function act(
  { run, programs }: Host,
  script: string,
  limit: number,
  spec?: SandboxSpec,
): Promise<Done> {
  const line = [programs.sh, "-c", `echo begun; ${script}`];
  const argv = spec ? limitedArgv(line, spec, programs) : line;
  const around = ["sh", "-c", '"$@"; echo "code $?"', "sh", "timeout", "--signal=KILL", `${limit}`];
  const { stdout, stderr } = await run([...around, ...argv]);
  const [, output, code] = /^begun\n(.*)code (\d+)\n$/s.exec(stdout) ?? [];
  if (output === undefined) throw new Error(stderr.trim() || "a confined command did not begin");
  return { output, errors: stderr, code: Number(code) };
}

/** Errors are retried in the next run: a machine under load says nothing about its kernel. */
function isTooBusy(): never {
  throw new Error("the machine was too busy to tell");
}

/** Without the limit, and with it. */
function tryBoth(host: Host, what: "memory" | "pids"): Promise<[free: Done, held: Done]> {
  const { script, spec } = acts[what];
  const limit = seconds[what];
  return Promise.all([act(host, script, limit), act(host, script, limit, spec)]);
}

const notStopped = "a command that used more was not stopped";

async function memoryProblem(host: Host): Promise<string | undefined> {
  const [free, held] = await tryBoth(host, "memory");
  if (free.output !== "done\n" || held.code === outOfTime) return isTooBusy();
  return held.output === "" && held.code !== 0 ? undefined : notStopped;
}

/** How many processes could be started, and whether there was a limit. */
async function tryPids(host: Host): Promise<{ problem?: string; born: number }> {
  const [free, held] = await tryBoth(host, "pids");
  if (!free.output.endsWith("done\n")) return isTooBusy();
  const born = held.output.split("born\n").length - 1;
  if (held.output.endsWith("done\n")) return { born, problem: notStopped };
  // Every shell's message contains this word.
  return /fork/.test(held.errors) && born < acts.pids.spec.pids ? { born } : isTooBusy();
}

/** It takes a second, the minimum. Nothing else sends its signal, so it needs no second check. */
async function cpuProblem(host: Host): Promise<string | undefined> {
  const { script, spec } = acts.cpu;
  const { code } = await act(host, script, seconds.cpu, spec);
  if (code === outOfTime) return isTooBusy();
  return code === cpuLimitCode ? undefined : `${notStopped} (exit code ${code})`;
}

/** Whether a command can raise its own limit. Lowering it successfully shows that it tried. */
async function canRaise(host: Host): Promise<boolean> {
  const change = `"${host.programs.prlimit}" --pid $$ --data`;
  const script = `${change}=${32 * mebibyte} && echo lower; ${change}=unlimited && echo higher`;
  const { output } = await act(host, script, seconds.memory, { memory: 64 * mebibyte });
  return output !== "lower\n";
}

async function probePrlimit(machine: EngineHost): Promise<Probe> {
  const programs = await findPrograms(programNames, machine).catch((error: Error) => error.message);
  if (typeof programs === "string") return { works: false, detail: programs };
  const host = { ...machine, programs };
  const [id, raises, memory, pids, cpu] = await Promise.all([
    host.run(["id", "-u"]),
    canRaise(host),
    memoryProblem(host),
    tryPids(host),
    cpuProblem(host),
  ]);
  if (raises) return { works: false, detail: "a command could raise its own limit" };
  const isRoot = id.stdout.trim() === "0";
  const why = isRoot ? ": the kernel does not limit the processes of root" : "";
  const problems = { memory, cpu, pids: pids.problem && `${pids.problem}${why}` };
  return probed(problems, "a command ran and could not raise its limits", {
    // The shell counts as one of its processes. If all of the user's counted, there would be fewer.
    counted: pids.born === acts.pids.spec.pids - 1 ? "command" : "user",
    programs,
  });
}

// The argv that runs a command under kernel limits.

/** Seconds between the signal that a program may catch and the one that it cannot. */
const graceSeconds = 1;

function flags({ memory, pids, cpu }: SandboxSpec): string[] {
  const seconds = cpu === undefined ? 0 : Math.ceil(cpu / 1000);
  return [
    // Not the address space: V8, Go and the JVM reserve more than there is memory.
    ...(memory === undefined ? [] : [`--data=${memory}:${memory}`]),
    ...(pids === undefined ? [] : [`--nproc=${pids}:${pids}`]),
    // Nothing else sends the first signal, SIGXCPU, so it is evidence; SIGKILL alone would not be.
    ...(cpu === undefined ? [] : [`--cpu=${seconds}:${seconds + graceSeconds}`]),
    "--core=0:0",
  ];
}

/** The programs of util-linux, and a shell. */
export const programNames = ["sh", "prlimit", "setpriv", "unshare"] as const;

function limitedArgv(
  argv: readonly string[],
  spec: SandboxSpec,
  { sh, prlimit, setpriv, unshare }: Programs<typeof programNames[number]>,
): string[] {
  const own = spec.pids === undefined ? "shared" : "own";
  return [sh, "-c", start, "sh", own, setpriv, unshare, prlimit, ...flags(spec), ...argv];
}
