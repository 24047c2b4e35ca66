/** Many runners at once: what the scheduling costs over the sleeps themselves. */

import { interleave, ratioOf, type Side } from "./measure.ts";
import { makeProject } from "./project.ts";
import type { Bench, Row } from "./types.ts";

const rounds = 15;
const runners = 64;
const jobs = 16;
const sleepMs = 100;
const name = `${runners} runners of ${sleepMs} ms, \`--jobs ${jobs}\``;

/**
 * Runs the benchmark. "Ideal" has two readings, and both are reported: what `xargs` needs to run the same
 * shell lines with as many jobs, and the bare sleeps on top of a `verify` that has nothing to do.
 */
export async function parallel(bench: Bench): Promise<Row[]> {
  const { folder, env, assay } = bench;
  const command = `sleep ${sleepMs / 1000}`;
  const many = Array.from({ length: runners }, (_, index) => ({ id: `runner_${index}`, command }));
  await makeProject(`${folder}/many`, many);
  await makeProject(`${folder}/none`, [{ id: "job", command: "true" }]);

  const verify: Side = {
    argv: [...assay, "verify", "--jobs", String(jobs)],
    cwd: `${folder}/many`,
    exit: 0,
  };
  const noOp: Side = { argv: [...assay, "verify"], cwd: `${folder}/none`, exit: 0 };
  const xargs = await bench.tool("xargs");
  const line = `seq ${runners} | xargs -P ${jobs} -n 1 sh -c '${command}'`;
  const other: Side = { argv: ["sh", "-c", line], cwd: folder, exit: 0 };

  const sides = [verify, noOp, ...("argv" in xargs ? [other] : [])];
  const [times, noOpTimes, xargsTimes] = interleave(sides, rounds, env);
  const sleeps = runners / jobs * sleepMs;
  const about = { name, goal: 1.05, command: verify.argv.join(" ") };
  const againstXargs = { ...about, against: "`xargs`, as many at once" };
  return [
    "missing" in xargs
      ? { ...about, ...againstXargs, not_measured: xargs.missing }
      : { ...againstXargs, ...ratioOf(times!, xargsTimes!), against_command: line },
    {
      ...about,
      against: `a no-op \`verify\` and ${sleeps} ms of sleep`,
      ...ratioOf(times!, noOpTimes!.map((time) => time + sleeps)),
      against_command: `${sleeps} ms + ${noOp.argv.join(" ")}`,
    },
  ];
}
