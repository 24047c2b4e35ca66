/** The argv that puts a command into a scope of systemd, under the keeper `systemd_keeper.pl`. */

import type { ConfigTable, SandboxSpec } from "../../src/plugin.ts";
import type { Programs } from "./_protected.ts";

/** What the keeper found in a scope when the command had ended; every value is a whole number. */
export const keeperKeys = [
  ...["memory_peak", "oom_kills", "swap_open", "pids_peak"] as const,
  ...["pids_refused", "cpu_used", "cpu_over", "left"] as const,
] as const;

export const programNames = ["sh", "env", "systemd-run", "systemctl", "perl"] as const;

export interface SystemdFacts {
  /** Which systemd creates the scopes: the machine's, for root, or the user's own. */
  readonly manager: "system" | "user";
  /** Options that this systemd knows and needs. */
  readonly options: readonly string[];
  /** Memory can still spill into swap. */
  readonly swapOpen: boolean;
}

export type ScopePrograms = Programs<typeof programNames[number]>;

/**
 * Tried in order; the last works with every systemd. From 254 on it may expand variables in the command's
 * words; from 253 on it ends a scope if the kernel killed one of its processes, including the keeper.
 */
export const optionSets: readonly (readonly string[])[] = [
  ["--expand-environment=no", "--property=OOMPolicy=continue"],
  ["--property=OOMPolicy=continue"],
  [],
];

/**
 * The facts as stored by the probe, read back.
 *
 * @throws if the options are not ones that the probe tries: they could be a program, started outside
 */
export function factsOf(facts: ConfigTable): SystemdFacts {
  const { manager, options = [], swapOpen } = facts;
  const known = optionSets.find((each) => JSON.stringify(each) === JSON.stringify(options));
  if (known === undefined) {
    throw new Error(
      `the probe's facts name unknown options of systemd-run: ${JSON.stringify(options)}`,
    );
  }
  return {
    manager: manager === "user" ? "user" : "system",
    options: known,
    swapOpen: swapOpen === true,
  };
}

interface Scope {
  /** Name of the scope without `.scope`. */
  readonly unit: string;
  /** Its limits. */
  readonly spec: SandboxSpec;
  /** The keeper's program and its perl arguments: a file, or `-e` and its text. */
  readonly keeper: readonly string[];
  /** Where the keeper writes what it found; `-` for standard output. */
  readonly stats: string;
  /** Variables systemd-run needs, in addition to the command's. */
  readonly needed: Readonly<Record<string, string>>;
  /** The command's own environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The keeper counts as one of the scope's processes. */
const ownProcesses = 1;

/** `systemd-run … keeper … argv`. */
export function scopeArgv(
  argv: readonly string[],
  scope: Scope,
  { manager, options }: SystemdFacts,
  programs: ScopePrograms,
): string[] {
  const variables = Object.entries(scope.needed).map(([name, value]) => `${name}=${value}`);
  // systemd-run sets the first one itself.
  const changed = ["INVOCATION_ID", ...Object.keys(scope.needed)];
  return [
    ...(variables.length > 0 ? [programs.env, ...variables] : []),
    ...[programs["systemd-run"], "--scope", "--quiet", "--collect", "--no-ask-password"],
    ...(manager === "user" ? ["--user"] : []),
    ...options,
    `--unit=${scope.unit}`,
    ...properties(scope.spec),
    ...["--", programs.perl, ...scope.keeper, scope.stats, "/proc/self", `${scope.unit}.scope`],
    ...limits(scope.spec),
    ...changed.map((name) => {
      const value = scope.environment[name];
      return value === undefined ? `unset=${name}` : `set=${name}=${value}`;
    }),
    "--",
    ...argv,
  ];
}

/** Swap is disabled, because what does not fit into memory would go there. */
function properties({ memory, pids, cpu }: SandboxSpec): string[] {
  return [
    ...(memory === undefined ? [] : [`MemoryMax=${memory}`, "MemorySwapMax=0"]),
    ...(pids === undefined ? [] : [`TasksMax=${pids + ownProcesses}`]),
    ...(cpu === undefined ? [] : ["CPUAccounting=yes"]),
  ].map((property) => `--property=${property}`);
}

function limits({ memory, pids, cpu }: SandboxSpec): string[] {
  return [
    ...(memory === undefined ? [] : [`memory=${memory}`]),
    ...(pids === undefined ? [] : [`pids=${pids + ownProcesses}`]),
    ...(cpu === undefined ? [] : [`cpu=${cpu * 1000}`]),
  ];
}

/**
 * The kernel limits each process's time too, in case the watch is slow: one second later,
 * so that the watch reports it. A lower existing limit stays.
 */
export function withTimeLimit(
  argv: readonly string[],
  { cpu }: SandboxSpec,
  { sh }: Pick<ScopePrograms, "sh">,
): readonly string[] {
  if (cpu === undefined) return argv;
  const seconds = Math.ceil(cpu / 1000) + 1;
  return [sh, "-c", `ulimit -t ${seconds} 2>/dev/null; exec "$@"`, "sh", ...argv];
}
