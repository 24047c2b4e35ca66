/** How soon assay is there, as a program, a bundle and sources, and how large each is. */

import { projectRoot } from "../support.ts";
import { scripts } from "../tools/bundle.ts";
import { compile } from "../tools/compile.ts";
import { interleave, ratioOf, type Side, type Times } from "./measure.ts";
import type { Bench, Row } from "./types.ts";

const rounds = 40;
const mebibyte = 1024 * 1024;

/** Two commands that differ in assay alone. */
interface Pair {
  readonly name: string;
  readonly against: string;
  readonly argv: readonly string[];
  readonly floor: readonly string[];
}

/** Runs the benchmark. */
export async function start(bench: Bench): Promise<Row[]> {
  const entry = bench.assay.at(-1)!;
  const folder = entry.replace(/\/[^/]+$/, "");
  const flags = bench.assay.slice(0, -1).filter((flag) =>
    flag !== "--no-config" && flag !== "--no-lock"
  );
  const sources = [...flags, `--config=${projectRoot}deno.json`, `${projectRoot}src/main.ts`];
  const against = "an empty program on the same runtime";
  const pairs: Pair[] = [
    { name: "`assay --version`, bundle", against, argv: bench.assay, floor: bench.floor },
    { name: "`assay --version`, sources", against, argv: sources, floor: bench.floor },
  ];
  const program = await compiled(bench, entry);
  if (!("missing" in program)) {
    const { argv, floor } = program;
    const name = "`assay --version`, program";
    pairs.push({ name, against: "an empty program, compiled", argv, floor });
  }
  const bundled = scripts(folder).map((name) => `${folder}/${name}`);
  return [
    ...measured(bench, pairs),
    await sizeOf("Size of the bundle, all its files", bundled),
    "missing" in program
      ? { name: "Size of the program", against: "–", goal: null, not_measured: program.missing }
      : await sizeOf("Size of the program", program.argv),
  ];
}

function measured({ folder: cwd, env }: Bench, pairs: readonly Pair[]): Row[] {
  const sides = pairs.flatMap(({ argv, floor }): Side[] => [
    { argv: [...argv, "--version"], cwd, exit: 0 },
    { argv: floor, cwd, exit: 0 },
  ]);
  const times = interleave(sides, rounds, env);
  return pairs.map(({ name, against }, index) => ({
    name,
    against,
    goal: null,
    ...ratioOf(times[2 * index] as Times, times[2 * index + 1] as Times),
    command: sides[2 * index]!.argv.join(" "),
    against_command: sides[2 * index + 1]!.argv.join(" "),
  }));
}

/** The compiled program and an empty one. */
async function compiled(
  { folder }: Bench,
  entry: string,
): Promise<{ argv: string[]; floor: string[] } | { missing: string }> {
  try {
    await Deno.mkdir(`${folder}/empty`);
    await Deno.writeTextFile(`${folder}/empty/empty.js`, "");
    const argv = [await compile(entry, { program: `${folder}/assay` })];
    return { argv, floor: [await compile(`${folder}/empty/empty.js`)] };
  } catch (error) {
    const [line = ""] = (error as Error).message.trim().split("\n").slice(-1);
    return { missing: `deno compile cannot get its base program: ${line}` };
  }
}

async function sizeOf(name: string, files: readonly string[]): Promise<Row> {
  const infos = await Promise.all(files.map((file) => Deno.stat(file)));
  const bytes = infos.reduce((sum, { size }) => sum + size, 0);
  return {
    name,
    against: "–",
    value: Math.round(bytes / mebibyte * 10) / 10,
    unit: "MiB",
    goal: null,
    rounds: 1,
    command: name,
    against_command: null,
  };
}
