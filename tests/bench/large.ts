/** A report that does not fit where it should not have to: the memory of `verify` on 1 GB of JUnit. */

import { writeJUnit } from "./generate.ts";
import { runOnce } from "./measure.ts";
import { makeProject } from "./project.ts";
import type { Bench, Row } from "./types.ts";

const bytes = 1e9;
const about = {
  name: "1 GB of JUnit, verified: peak memory",
  against: "–",
  goal: 100,
};

/**
 * Runs the benchmark. The peak is the kernel's own account (`ru_maxrss`) of the assay process and
 * what it waited for, whichever was largest.
 */
export async function large(bench: Bench): Promise<Row[]> {
  const time = await bench.tool("time");
  if ("missing" in time) return [{ ...about, not_measured: time.missing }];
  const { folder, env } = bench;
  const cwd = `${folder}/project`;
  const facts = await writeJUnit(`${folder}/large.xml`, bytes);
  await makeProject(cwd, [{
    id: "test",
    command: "cp ../large.xml report.xml; exit 1",
    result_file: "report.xml",
    result_format: "junit-xml",
  }]);
  const peakFile = `${folder}/peak.txt`;
  const verify = [...bench.assay, "verify", "--json"];
  const argv = [...time.argv, "--quiet", "--format=%M", `--output=${peakFile}`, ...verify];
  const run = JSON.parse(runOnce({ argv, cwd, exit: 1 }, env));
  const { total } = run.attempts[0].tests;
  if (total !== facts.tests) throw new Error(`assay read ${total} of ${facts.tests} tests`);
  const kibibytes = Number(await Deno.readTextFile(peakFile));
  return [{
    ...about,
    value: Math.round(kibibytes / 1024),
    unit: "MiB",
    rounds: 1,
    command: verify.join(" "),
    against_command: null,
  }];
}
