/** Many runners at once: what the scheduling costs over the sleeps themselves. */

import { interleave, ratioOf, type Side } from "./measure.ts";
import { makeProject } from "./project.ts";
import type { Bench, Row } from "./types.ts";

const rounds = 15;
const runners = 64;
const jobs = 16;
const sleepMs = 100;
const name = `${runners} runners of ${sleepMs} ms, \`--jobs ${jobs}\``;

/** What a program on the same runtime needs that starts the same shell lines, and does nothing else. */
const loop = (command: string) => `
let left = ${runners};
const job = async () => {
  while (left-- > 0) {
    const { success } = await new Deno.Command("/bin/sh", {
      args: ["-c", ${JSON.stringify(command)}],
      stdin: "null",
    }).output();
    if (!success) Deno.exit(1);
  }
};
await Promise.all(Array.from({ length: ${jobs} }, job));
`;

/**
 * Runs the benchmark. "Ideal" has three readings, and all are reported: what a bare loop on the same runtime and what
 * `xargs` need to run the same shell lines with as many jobs, and the bare sleeps on top of a `verify` that has nothing
 * to do.
 */
export async function parallel(bench: Bench): Promise<Row[]> {
  const { folder, env, assay, floor } = bench;
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
  const script = `${folder}/loop.js`;
  await Deno.writeTextFile(script, loop(command));
  const bare: Side = { argv: [...floor.slice(0, -1), script], cwd: folder, exit: 0 };
  const xargs = await bench.tool("xargs");
  const line = `seq ${runners} | xargs -P ${jobs} -n 1 sh -c '${command}'`;
  const other: Side = { argv: ["sh", "-c", line], cwd: folder, exit: 0 };

  const sides = [verify, noOp, bare, ...("argv" in xargs ? [other] : [])];
  const [times, noOpTimes, bareTimes, xargsTimes] = interleave(sides, rounds, env);
  const sleeps = runners / jobs * sleepMs;
  const about = { name, goal: null, command: verify.argv.join(" ") };
  const againstXargs = { ...about, against: "`xargs`, as many at once" };
  return [
    {
      ...about,
      against: "a bare loop on the same runtime, as many at once",
      goal: 1.2,
      ...ratioOf(times!, bareTimes!),
      against_command: bare.argv.join(" "),
    },
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
