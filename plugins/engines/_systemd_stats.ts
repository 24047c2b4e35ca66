/** What the keeper found, as metrics and denials. */

import type { SandboxDenial, SandboxSpec } from "../../src/plugin.ts";
import { keeperKeys } from "./_systemd_keeper.ts";

/** What the keeper found; what the kernel does not tell is absent. */
export type Stats = Readonly<Partial<Record<typeof keeperKeys[number], number>>>;

/** Reads the keeper's lines `key=value`; others are left out, for a program may have written them. */
export function statsOf(text: string): Stats {
  const pairs = [...text.matchAll(/^([a-z_]+)=(\d{1,16})$/gm)]
    .filter(([, key]) => (keeperKeys as readonly string[]).includes(key!))
    .map(([, key, value]) => [key, Number(value)]);
  return Object.fromEntries(pairs);
}

/** The names are those of the attempt's other metrics, whose values are of the largest process alone. */
export function metricsOf({ memory_peak, oom_kills, pids_peak, cpu_used }: Stats) {
  const metrics = {
    memory_peak_bytes: memory_peak,
    oom_kills,
    pids_peak,
    cpu_ms: cpu_used === undefined ? undefined : cpu_used / 1000,
  };
  return Object.fromEntries(
    Object.entries(metrics).filter((pair): pair is [string, number] => pair[1] !== undefined),
  );
}

/** What the scope kept the command from. */
export function denialsOf(stats: Stats, { memory, pids, cpu }: SandboxSpec): SandboxDenial[] {
  const { oom_kills = 0, pids_refused = 0, cpu_over = 0, cpu_used = 0 } = stats;
  const denials: SandboxDenial[] = [];
  if (memory !== undefined && oom_kills > 0) {
    const evidence = `the kernel killed ${times(oom_kills, "process", "processes")} of its scope ` +
      `for memory; it may use ${memory} bytes`;
    denials.push({ dimension: "memory", evidence, killed: true });
  }
  if (pids !== undefined && pids_refused > 0) {
    const evidence = `the kernel refused ${times(pids_refused, "new process", "new processes")} ` +
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

function times(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
