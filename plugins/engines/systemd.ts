/**
 * The engine `systemd`: a scope of its own for each command (`systemd-run --scope`), whose control groups
 * hold all its processes together to memory and number, and count their processor time. What was
 * used is read while the scope lives, by a keeper inside; see `_systemd_keeper.ts`.
 *
 * @module
 */

import type {
  Collector,
  Review,
  SandboxEngine,
  SandboxSpec,
  WrapContext,
} from "../../src/plugin.ts";
import { userEnvironment } from "./_systemd_environment.ts";
import { keeper } from "./_systemd_keeper.ts";
import { triedPrograms } from "./_programs.ts";
import { factsOf, programNames, scopeArgv, withTimeLimit } from "./_systemd_scope.ts";
import { denialsOf, metricsOf, statsOf } from "./_systemd_stats.ts";
import { probeSystemd } from "./_systemd_probe.ts";

const keeperFile = "keeper.pl";
const statsFile = "stats";

/** Control groups are files, and systemd takes orders: who may write or ask can leave the scope. */
const leaving =
  "a command that may write /sys/fs/cgroup or reach the socket of systemd can leave " +
  "its scope; closing filesystem and network keeps it from both";

const watch =
  "the time is counted 20 times a second by a process beside it, which a command that may " +
  "signal other processes can stop; then each process alone is held to it, a second later";

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

/** Reads what the keeper wrote, and ends what is still in the scope. */
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
      await services.run(
        [
          await services.program("systemctl"),
          ...user,
          "kill",
          "--signal=KILL",
          `${unitOf(context)}.scope`,
        ],
      );
      if (text === undefined) {
        services.warn(
          "it is not known what the command used: its scope was not made, or its keeper was killed",
        );
      }
    },
  };
}

/** The engine. */
export const systemd: SandboxEngine = {
  name: "systemd",
  capabilities: ["memory", "cpu", "pids"],
  priority: 10,
  obtain:
    "Run assay on a machine that was started by systemd, with perl installed; an ordinary user " +
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
