/**
 * The engine `systemd`: a separate scope for each command (`systemd-run --scope`), whose control groups
 * limit the memory and number of all its processes together, and count their processor time. A keeper
 * inside reads the usage while the scope exists; see `systemd_keeper.pl`.
 */

import type {
  Collector,
  Dimension,
  EngineHost,
  Probe,
  ProgramResult,
  Review,
  SandboxDenial,
  SandboxEngine,
  SandboxSpec,
  Services,
  WrapContext,
} from "../../src/plugin.ts";
import { plural } from "../../src/text/words.ts";
import { findPrograms, probed, triedPrograms } from "./_protected.ts";
import {
  factsOf,
  keeperKeys,
  optionSets,
  programNames,
  scopeArgv,
  type ScopePrograms,
  type SystemdFacts,
  withTimeLimit,
} from "./_systemd_scope.ts";
import keeper from "./systemd_keeper.pl" with { type: "text" };

const keeperFile = "keeper.pl";
const statsFile = "stats";

/** Control groups are files, and systemd takes orders: whoever can write or ask can leave the scope. */
const leaving =
  "a command that can write /sys/fs/cgroup or reach systemd's socket can leave its scope; " +
  "closing filesystem and network prevents both";

const watch =
  "processor time is checked 20 times a second by a helper, which a command that may signal " +
  "other processes can stop; then the limit applies to each process, a second later";

function unitOf({ attemptId }: WrapContext): string {
  return `assay-${attemptId.replace(/[^\w.-]/g, "_")}`;
}

function caveats({ memory, pids, cpu }: SandboxSpec, swapOpen: boolean): Review["caveats"] {
  const swap = swapOpen ? "; what the machine moves to swap is not counted" : "";
  return {
    ...(memory === undefined ? {} : { memory: leaving + swap }),
    ...(pids === undefined ? {} : { pids: leaving }),
    ...(cpu === undefined ? {} : { cpu: `${leaving}; ${watch}` }),
  };
}

/** Reads what the keeper wrote, and ends what is still running in the scope. */
function collectorOf(spec: SandboxSpec, context: WrapContext): Collector {
  return {
    async collect(_command, result, services) {
      const text = await services.readText(`${context.filesDir}/${statsFile}`);
      const stats = statsOf(text ?? "");
      Object.assign(result.metrics, metricsOf(stats));
      result.denials.push(...denialsOf(stats, spec));
      if (text !== undefined && stats.left === 0) return;
      const { manager } = factsOf(context.facts);
      const user = manager === "user" ? ["--user"] : [];
      const systemctl = await services.program("systemctl");
      const scope = `${unitOf(context)}.scope`;
      await services.run([systemctl, ...user, "kill", "--signal=KILL", scope]);
      if (text === undefined) {
        services.warn(
          "it is not known what the command used: its scope was not made, or its keeper was killed",
        );
      }
    },
  };
}

export const systemd: SandboxEngine = {
  name: "systemd",
  capabilities: ["memory", "cpu", "pids"],
  priority: 10,
  obtain: "Run assay on a machine where systemd is PID 1, with perl installed; an ordinary user " +
    "needs a session, as `loginctl enable-linger` gives.",
  probe: probeSystemd,
  review: (spec, facts) => ({ caveats: caveats(spec, factsOf(facts).swapOpen) ?? {} }),
  async wrap(argv, spec, context) {
    const { filesDir, facts, environment } = context;
    const found = factsOf(facts);
    const programs = await triedPrograms(programNames, context);
    const scope = {
      unit: unitOf(context),
      spec,
      keeper: [`${filesDir}/${keeperFile}`],
      stats: `${filesDir}/${statsFile}`,
      needed: found.manager === "user" ? userEnvironment(context, environment) : {},
      environment,
    };
    return {
      argv: scopeArgv(withTimeLimit(argv, spec, programs), scope, found, programs),
      files: { [keeperFile]: new TextEncoder().encode(keeper) },
    };
  },
  collector: collectorOf,
};

// Tries what a systemd scope can enforce here.

interface Host extends EngineHost {
  readonly programs: ScopePrograms;
}

/** A bus that does not answer must not delay the run. */
const timeLimit = ["timeout", "--signal=KILL", "5"];

/** A word that must reach the command unchanged. */
const word = "a $HOME ${HOME} %n %% 'b' \\";

/** What a scope must prevent, and how it shows. The same act must succeed without a scope. */
interface Act {
  readonly dimension: Dimension;
  readonly spec: SandboxSpec;
  /** In perl; it prints `done` if nothing prevented it. */
  readonly script: string;
  readonly wasHeld: (result: ProgramResult, stats: Stats) => boolean;
}

const mebibyte = 1024 * 1024;

const acts: readonly Act[] = [
  {
    dimension: "memory",
    spec: { memory: 16 * mebibyte },
    script: `my $x = "x" x ${48 * mebibyte}; print "done\\n"`,
    wasHeld: ({ exitCode }, { oom_kills = 0 }) => exitCode === 137 && oom_kills > 0,
  },
  {
    dimension: "pids",
    spec: { pids: 3 },
    script: `my @born;
      for (1 .. 6) { my $p = fork; last if !defined $p; if (!$p) { sleep 5; exit } push @born, $p }
      kill 9, @born;
      print @born == 6 ? "done\\n" : "born " . @born . "\\n"`,
    wasHeld: ({ stdout }, { pids_refused = 0 }) =>
      stdout.startsWith("born 2\n") && pids_refused > 0,
  },
  {
    dimension: "cpu",
    spec: { cpu: 20 },
    script: `my ($u, $s); do { ($u, $s) = times } until $u + $s > 0.1; print "done\\n"`,
    wasHeld: ({ exitCode }, { cpu_over }) => exitCode === 137 && cpu_over === 1,
  },
];

/** Runs a command in its own scope; the keeper's findings are at the end of the output. */
async function runHeld(
  argv: readonly string[],
  spec: SandboxSpec,
  host: Host,
  facts: SystemdFacts,
): Promise<ProgramResult> {
  const unit = `assay-probe-${crypto.randomUUID()}`;
  const needed = facts.manager === "user" ? userEnvironment(host, {}) : {};
  const scope = { unit, spec, keeper: ["-e", keeper], stats: "-", needed, environment: {} };
  return inTime(await host.run([...timeLimit, ...scopeArgv(argv, scope, facts, host.programs)]));
}

/** The first set of options with which a harmless command succeeds, or the error output. */
async function findOptions(
  host: Host,
  manager: SystemdFacts["manager"],
): Promise<SystemdFacts | string> {
  const say = [host.programs.sh, "-c", 'printf "%s\\n" "$1"', "sh", word];
  let said = "";
  for (const options of optionSets) {
    const facts = { manager, options, swapOpen: false };
    const { exitCode, stdout, stderr } = await runHeld(say, {}, host, facts);
    if (exitCode === 0 && stdout.startsWith(`${word}\n`)) return facts;
    said = exitCode === 0 ? "the command's words were changed" : `${stderr.trim() || exitCode}`;
  }
  return said;
}

/**
 * Errors are retried in the next run: a busy machine is not worth remembering.
 *
 * @throws if a program ran out of time
 */
function inTime(result: ProgramResult): ProgramResult {
  const isKilled = result.exitCode === null || result.exitCode === 137;
  // The keeper reports its findings, whatever happened to the command.
  if (isKilled && !/^cpu_over=/m.test(result.stdout)) throw new Error("no answer in 5 seconds");
  return result;
}

/** The result of an act: nothing if it was prevented, else why not, and what the keeper found. */
async function tryAct(
  { spec, script, wasHeld }: Act,
  host: Host,
  facts: SystemdFacts,
): Promise<{ readonly problem?: string; readonly stats: Stats }> {
  const act = [host.programs.perl, "-e", script];
  const [free, held] = await Promise.all([
    host.run([...timeLimit, ...act]),
    runHeld(act, spec, host, facts),
  ]);
  inTime(free);
  const stats = statsOf(held.stdout);
  if (!free.stdout.startsWith("done")) {
    return { problem: "it could not be tried: the act failed without a scope too", stats };
  }
  if (wasHeld(held, stats)) return { stats };
  const said = held.stderr.trim().split("\n").at(-1) || `exit code ${held.exitCode}`;
  return { problem: `a command that used more was not stopped (${said})`, stats };
}

async function probeSystemd(machine: EngineHost): Promise<Probe> {
  const programs = await findPrograms(programNames, machine).catch((error: Error) => error.message);
  if (typeof programs === "string") return { works: false, detail: programs };
  const host = { ...machine, programs };
  const id = await host.run(["id", "-u"]);
  const manager = id.stdout.trim() === "0" ? "system" : "user";
  const found = await findOptions(host, manager);
  if (typeof found === "string") {
    return {
      works: false,
      detail: `systemd-run could not create a scope: ${found.split("\n")[0]}`,
    };
  }
  const tried = await Promise.all(acts.map((act) => tryAct(act, host, found)));
  const problems = acts.map(({ dimension }, index) => [dimension, tried[index]!.problem]);
  const swapOpen = tried.some(({ stats }) => stats.swap_open === 1);
  const detail = `a command ran in a scope of the ${manager}'s systemd`;
  const facts = { manager, options: [...found.options], swapOpen, programs };
  return probed(Object.fromEntries(problems), detail, facts);
}

// What `systemd-run --user` needs to find the user's systemd.

const names = ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

/** The variables that name it, from assay's own environment, except those that a command has anyway. */
function userEnvironment(
  services: Services,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = services.env(name);
    return value === undefined || own[name] === value ? [] : [[name, value]];
  }));
}

// What the keeper found, as metrics and denials.

/** What the keeper found; anything the kernel does not report is absent. */
type Stats = Readonly<Partial<Record<typeof keeperKeys[number], number>>>;

/** Reads the keeper's lines `key=value`; others are ignored, since a program may have written them. */
export function statsOf(text: string): Stats {
  const pairs = [...text.matchAll(/^([a-z_]+)=(\d{1,16})$/gm)]
    .filter(([, key]) => (keeperKeys as readonly string[]).includes(key!))
    .map(([, key, value]) => [key, Number(value)]);
  return Object.fromEntries(pairs);
}

/** Named like the attempt's other metrics, whose values only cover the largest process. */
function metricsOf({ memory_peak, oom_kills, pids_peak, cpu_used }: Stats) {
  return {
    ...memory_peak === undefined ? {} : { memory_peak_bytes: memory_peak },
    ...oom_kills === undefined ? {} : { oom_kills },
    ...pids_peak === undefined ? {} : { pids_peak },
    ...cpu_used === undefined ? {} : { cpu_ms: cpu_used / 1000 },
  };
}

/** What the scope kept the command from doing. */
function denialsOf(stats: Stats, { memory, pids, cpu }: SandboxSpec): SandboxDenial[] {
  const { oom_kills = 0, pids_refused = 0, cpu_over = 0, cpu_used = 0 } = stats;
  const denials: SandboxDenial[] = [];
  if (memory !== undefined && oom_kills > 0) {
    const evidence =
      `the kernel killed ${plural(oom_kills, "process", "processes")} of its scope ` +
      `for memory; it may use ${memory} bytes`;
    denials.push({ dimension: "memory", evidence, killed: true });
  }
  if (pids !== undefined && pids_refused > 0) {
    const evidence = `the kernel refused ${plural(pids_refused, "new process", "new processes")} ` +
      `of its scope; it may have ${pids}`;
    denials.push({ dimension: "pids", evidence });
  }
  if (cpu !== undefined && cpu_over > 0) {
    const evidence = `all of its scope was killed after ${Math.round(cpu_used / 1000)} ms of ` +
      `processor time; it may use ${cpu} ms`;
    denials.push({ dimension: "cpu", evidence, killed: true });
  }
  return denials;
}
