/** Tries by doing what a scope of systemd can hold a command to here. */

import type { Dimension, EngineHost, Probe, ProgramResult, SandboxSpec } from "../../src/plugin.ts";
import { findPrograms } from "./_programs.ts";
import { userEnvironment } from "./_systemd_environment.ts";
import { keeper } from "./_systemd_keeper.ts";
import { optionSets, programNames, scopeArgv, type ScopePrograms } from "./_systemd_scope.ts";
import type { SystemdFacts } from "./_systemd_scope.ts";
import { type Stats, statsOf } from "./_systemd_stats.ts";

/** The machine, and what of it is tried. */
interface Host extends EngineHost {
  readonly programs: ScopePrograms;
}

/** A bus that does not answer must not hold up the run. */
const timeLimit = ["timeout", "--signal=KILL", "5"];

/** A word that must reach the command as it is. */
const word = "a $HOME ${HOME} %n %% 'b' \\";

/** What a scope is to keep a command from, and how it shows. The same act must succeed without a scope. */
interface Act {
  readonly dimension: Dimension;
  readonly spec: SandboxSpec;
  /** In perl; it prints `done` when nothing kept it from anything. */
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

/** Runs a command in a scope of its own; what the keeper found stands at the end of the output. */
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

/** The options of the first set with which a harmless command succeeds, or what was said instead. */
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
 * What is thrown is asked again in the next run: that a machine is busy is not to be remembered.
 *
 * @throws when a program ran out of time
 */
function inTime(result: ProgramResult): ProgramResult {
  const isKilled = result.exitCode === null || result.exitCode === 137;
  // The keeper tells what it found, whatever became of the command.
  if (isKilled && !/^cpu_over=/m.test(result.stdout)) throw new Error("no answer in 5 seconds");
  return result;
}

/** What became of an act: nothing when it was held to, else why it was not, and what the keeper found. */
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

/** The probe. */
export async function probeSystemd(machine: EngineHost): Promise<Probe> {
  const programs = await findPrograms(programNames, machine).catch((error: Error) => error.message);
  if (typeof programs === "string") return { works: false, detail: programs };
  const host = { ...machine, programs };
  const id = await host.run(["id", "-u"]);
  const manager = id.stdout.trim() === "0" ? "system" : "user";
  const found = await findOptions(host, manager);
  if (typeof found === "string") {
    return { works: false, detail: `systemd-run made no scope: ${found.split("\n")[0]}` };
  }
  const tried = await Promise.all(acts.map((act) => tryAct(act, host, found)));
  const missing = Object.fromEntries(acts.flatMap(({ dimension }, index) => {
    const { problem } = tried[index]!;
    return problem === undefined ? [] : [[dimension, problem]];
  }));
  const held = acts.map(({ dimension }) => dimension).filter((each) => missing[each] === undefined);
  const swapOpen = tried.some(({ stats }) => stats.swap_open === 1);
  return {
    works: held.length > 0,
    detail: `a command ran in a scope of the ${manager}'s systemd; held to there: ` +
      `${held.join(", ") || "nothing"}`,
    missing,
    facts: { manager, options: [...found.options], swapOpen, programs },
  };
}
