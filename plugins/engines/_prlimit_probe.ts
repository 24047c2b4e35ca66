/** Tries by doing what limits of the kernel's hold a command to here. */

import type { Dimension, EngineHost, Probe, ProgramResult, SandboxSpec } from "../../src/plugin.ts";
import { limitedArgv } from "./_prlimit_argv.ts";

const mebibyte = 1024 * 1024;

/** What is more than `spec` allows, in a plain shell; `sh` may be dash or bash, each with its own words. */
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

/** bash tries for seconds to get a process that it is refused. */
const timeLimit = ["timeout", "--signal=KILL", "3"];

/** A second of processor time can take many on a busy machine. */
const timeLimitOfCpu = ["timeout", "--signal=KILL", "8"];

/** What a shell makes of a child that SIGXCPU ended. */
const cpuLimitCode = "152";

/** What became of an act without the limit and with it. */
interface Tried {
  readonly problem?: string;
  readonly held: ProgramResult;
}

function runHeld(script: string, spec: SandboxSpec, host: EngineHost): Promise<ProgramResult> {
  return host.run([...timeLimit, ...limitedArgv(["sh", "-c", script], spec)]);
}

const isDone = ({ stdout }: ProgramResult) => stdout.endsWith("done\n");

async function tryAct(dimension: "memory" | "pids", host: EngineHost): Promise<Tried> {
  const { script, spec } = acts[dimension];
  const [free, held] = await Promise.all([
    host.run([...timeLimit, "sh", "-c", script]),
    runHeld(script, spec, host),
  ]);
  if (!isDone(free)) {
    return { held, problem: "it could not be tried: the act failed without a limit too" };
  }
  return isDone(held) ? { held, problem: "a command that used more was not stopped" } : { held };
}

/** A shell that waits for the busy one tells which signal ended it. It takes a second: none is shorter. */
async function tryCpu(host: EngineHost): Promise<Tried> {
  const { script, spec } = acts.cpu;
  const busy = limitedArgv(["sh", "-c", script], spec);
  const held = await host.run(["sh", "-c", '"$@"; echo $?', "sh", ...timeLimitOfCpu, ...busy]);
  const said = held.stdout.trim();
  return said === cpuLimitCode
    ? { held }
    : { held, problem: `a busy loop was not stopped by its limit (exit code ${said})` };
}

/** Why the number of processes is not held to, which for root is so by the kernel's design. */
function pidsProblem({ problem }: Tried, isRoot: boolean): string | undefined {
  if (problem === undefined || !isRoot) return problem;
  return `${problem}: the kernel holds nobody who is root to a number of processes`;
}

/** Whether a command could raise its own limit, or lower none. */
async function raiseProblem(host: EngineHost): Promise<string | undefined> {
  const script = "echo begun; prlimit --pid $$ --data=unlimited && echo raised";
  const { stdout, stderr } = await runHeld(script, { memory: 64 * mebibyte }, host);
  if (stdout === "begun\n") return undefined;
  return stdout === "" ? stderr.trim() : "a command raised its own limit";
}

/** The probe. */
export async function probePrlimit(host: EngineHost): Promise<Probe> {
  try {
    return await tryAll(host);
  } catch (error) {
    return { works: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

async function tryAll(host: EngineHost): Promise<Probe> {
  const [id, problem, memory, pids, cpu] = await Promise.all([
    host.run(["id", "-u"]),
    raiseProblem(host),
    tryAct("memory", host),
    tryAct("pids", host),
    tryCpu(host),
  ]);
  if (problem !== undefined) return { works: false, detail: `prlimit: ${problem}` };
  const isRoot = id.stdout.trim() === "0";
  const problems: Partial<Record<Dimension, string | undefined>> = {
    memory: memory.problem,
    cpu: cpu.problem,
    pids: pidsProblem(pids, isRoot),
  };
  const missing = Object.fromEntries(
    Object.entries(problems).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const held = Object.keys(problems).filter((each) => missing[each] === undefined);
  // The shell is one of the four it may have. Were all of the user's counted, there would be fewer.
  const isOwnCount = pids.held.stdout === "born\n".repeat(acts.pids.spec.pids - 1);
  return {
    works: held.length > 0,
    detail: `a command ran and could not raise its limits; held to there: ${
      held.join(", ") || "nothing"
    }`,
    missing,
    facts: { counted: isOwnCount ? "command" : "user" },
  };
}
