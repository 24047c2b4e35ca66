/** The argv that puts a command into a scope of systemd, under the keeper `systemd_keeper.pl`. */

import type { ConfigTable, SandboxSpec } from "../../src/plugin.ts";
import type { Programs } from "./_protected.ts";

/** What the keeper found of a scope when the command had ended; every value is a whole number. */
export const keeperKeys = [
  ...["memory_peak", "oom_kills", "swap_open", "pids_peak"] as const,
  ...["pids_refused", "cpu_used", "cpu_over", "left"] as const,
] as const;

export const programNames = ["sh", "env", "systemd-run", "systemctl", "perl"] as const;

export interface SystemdFacts {
  /** Whose systemd makes the scopes: the machine's, for root, or the user's own. */
  readonly manager: "system" | "user";
  /** Options that this systemd knows and that are needed where it does. */
  readonly options: readonly string[];
  /** Memory can grow into swap all the same. */
  readonly swapOpen: boolean;
}

export type ScopePrograms = Programs<typeof programNames[number]>;

/**
 * Tried from the first on; the last is for every systemd. From 254 on it may fill variables in the command's
 * words; from 253 on it ends a scope of which the kernel killed one process, the keeper with it.
 */
export const optionSets: readonly (readonly string[])[] = [
  ["--expand-environment=no", "--property=OOMPolicy=continue"],
  ["--property=OOMPolicy=continue"],
  [],
];

/**
 * The facts as the probe keeps them, read back.
 *
 * @throws when the options are none that the probe tries: they could be a program, started outside
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
  /** What it is held to. */
  readonly spec: SandboxSpec;
  /** The program of the keeper and what perl takes before it: a file, or `-e` and its text. */
  readonly keeper: readonly string[];
  /** Where the keeper writes what it found; `-` for standard output. */
  readonly stats: string;
  /** Variables systemd-run needs, besides those the command has. */
  readonly needed: Readonly<Record<string, string>>;
  /** The command's own environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The keeper is counted among the scope's processes. */
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

/** Swap is closed, for what does not fit into memory would go there. */
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
 * Each process is held to the time by the kernel too, should the watch be slow: a second later than the watch,
 * so that it is the watch that tells. A limit that is lower already stays.
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
