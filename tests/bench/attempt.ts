/** What assay itself computes for one attempt, beside its command. */

import { median, runOnce, type Side } from "./measure.ts";
import { makeProject } from "./project.ts";
import type { Bench, Row } from "./types.ts";

const rounds = 7;
const runners = 64;
const about = {
  name: "An attempt that does nothing: CPU of assay and its helpers",
  against: "its command alone",
  goal: 5,
};

/** Runs the benchmark: CPU by the kernel's account of a process and all it waited for. */
export async function attempt(bench: Bench): Promise<Row[]> {
  const time = await bench.tool("time");
  if ("missing" in time) return [{ ...about, unit: "ms", not_measured: time.missing }];
  const { folder, env } = bench;
  const job = (index: number) => ({ id: `job_${index}`, command: "true" });
  await makeProject(`${folder}/many`, Array.from({ length: runners }, (_, index) => job(index)));
  await makeProject(`${folder}/one`, [job(0)]);
  const output = `${folder}/cpu.txt`;
  const cpuOf = async (argv: readonly string[], cwd: string) => {
    const side: Side = {
      argv: [...time.argv, "--quiet", "--format=%U %S", `--output=${output}`, ...argv],
      cwd,
      exit: 0,
    };
    runOnce(side, env);
    const [user, system] = (await Deno.readTextFile(output)).trim().split(" ").map(Number);
    return (user! + system!) * 1000;
  };
  const verify = [...bench.assay, "verify"];
  const line = `i=0; while [ $i -lt ${runners} ]; do sh -c true; i=$((i+1)); done`;
  const values: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const many = await cpuOf(verify, `${folder}/many`);
    const one = await cpuOf(verify, `${folder}/one`);
    const commands = await cpuOf(["sh", "-c", line], folder);
    if (round >= 0) values.push((many - one) / (runners - 1) - commands / runners);
  }
  return [{
    ...about,
    value: Math.round(median(values) * 100) / 100,
    unit: "ms",
    rounds,
    command: verify.join(" "),
    against_command: line,
  }];
}
