/** `results.json`: the figures that were last kept. */

import type { Machine, Results, Row } from "./types.ts";

/** Where the figures are kept. */
export const resultsFile = `${import.meta.dirname}/results.json`;

/** Reads the kept figures; `undefined` when there are none yet. */
export async function readResults(): Promise<Results | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(resultsFile));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Keeps figures. */
export async function writeResults(results: Results): Promise<void> {
  await Deno.writeTextFile(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
}

/** The machine this runs on. */
export async function thisMachine(): Promise<Machine> {
  return {
    cpu: await cpuModel(),
    cores: navigator.hardwareConcurrency,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    deno: Deno.version.deno,
  };
}

async function cpuModel(): Promise<string> {
  try {
    const text = await Deno.readTextFile("/proc/cpuinfo");
    return /^model name\s*:\s*(.+)$/m.exec(text)?.[1] ?? "unknown processor";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "unknown processor";
    throw error;
  }
}

/** One benchmark's figures and the day they are from. */
export type Measured = Results["benchmarks"][number];

/**
 * New figures over old ones, in the order of `ids`. Old ones of another machine or runtime are
 * dropped: side by side they would mean nothing.
 */
export function merged(
  old: Results | undefined,
  machine: Machine,
  measured: readonly Measured[],
  ids: readonly string[],
): Results {
  const same = old !== undefined && JSON.stringify(old.machine) === JSON.stringify(machine);
  const kept = same ? old.benchmarks : [];
  const find = (id: string) =>
    measured.find((each) => each.id === id) ?? kept.find((each) => each.id === id);
  return { machine, benchmarks: ids.map(find).filter((each) => each !== undefined) };
}

/** Figures whose commands name no folder of this machine. */
export function portable(rows: readonly Row[], folders: readonly string[]): Row[] {
  const shorten = (command: string) => {
    const relative = folders.reduce((text, folder) => text.replaceAll(`${folder}/`, ""), command);
    return relative.replace(/^\/\S*\//, "");
  };
  return rows.map((row) =>
    "not_measured" in row ? row : {
      ...row,
      command: shorten(row.command),
      against_command: row.against_command === null ? null : shorten(row.against_command),
    }
  );
}
