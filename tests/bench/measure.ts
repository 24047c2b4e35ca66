/** Takes the times of commands in turn, so that what else the machine does touches all alike. */

import type { Bench, Figure } from "./types.ts";

/** One command to be timed. */
export interface Side {
  readonly argv: readonly string[];
  /** The argv of one round, counted from 0, where it must differ. */
  readonly ofRound?: (round: number) => readonly string[];
  readonly cwd: string;
  /** The exit code it must have each time; another one means it did not do its work. */
  readonly exit: number;
}

/** Wall times in milliseconds, by round. */
export type Times = readonly number[];

const decoder = new TextDecoder();

function spawn(side: Side, env: Bench["env"], output: "null" | "piped"): Deno.CommandOutput {
  return new Deno.Command(side.argv[0]!, {
    args: side.argv.slice(1),
    cwd: side.cwd,
    env: { ...env },
    clearEnv: true,
    stdin: "null",
    stdout: output,
    stderr: output,
  }).outputSync();
}

/** Runs a command once, not timed; returns its standard output. Throws when it does not exit as it must. */
export function runOnce(side: Side, env: Bench["env"]): string {
  const { code, stdout, stderr } = spawn(side, env, "piped");
  const text = decoder.decode(stdout);
  if (code === side.exit) return text;
  const said = `${text}${decoder.decode(stderr)}`.slice(-2000);
  throw new Error(`${side.argv.join(" ")}: exit ${code}, expected ${side.exit}\n${said}`);
}

function timeOnce(side: Side, env: Bench["env"]): number {
  const start = performance.now();
  const { code } = spawn(side, env, "null");
  const time = performance.now() - start;
  if (code !== side.exit) runOnce(side, env);
  return time;
}

/**
 * Times every side once a round. Two rounds before the first are thrown away: they fill the caches
 * of the file system and of compiled code.
 */
export function interleave(sides: readonly Side[], rounds: number, env: Bench["env"]): Times[] {
  const times = sides.map((): number[] => []);
  for (let round = -2; round < rounds; round++) {
    for (const [index, side] of sides.entries()) {
      const time = timeOnce(side.ofRound ? { ...side, argv: side.ofRound(round + 2) } : side, env);
      if (round >= 0) times[index]!.push(time);
    }
  }
  return times;
}

/** The value at a share (0 to 1) of the sorted values. */
export function quantile(values: Times, share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) throw new Error("no values");
  return low + (high - low) * (place - Math.floor(place));
}

/** The middle one of the sorted values. */
export function median(values: Times): number {
  return quantile(values, 0.5);
}

/** The numbers of a figure that compares the times of two sides, round by round. */
export function ratioOf(
  times: Times,
  against: Times,
): Pick<Figure, "value" | "unit" | "spread" | "rounds"> {
  const ratios = times.map((time, round) => time / against[round]!);
  return {
    value: rounded(median(times) / median(against)),
    unit: "×",
    spread: [rounded(quantile(ratios, 0.25)), rounded(quantile(ratios, 0.75))],
    rounds: times.length,
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
