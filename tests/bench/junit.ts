/** A big JUnit report: everything `verify` does with it, against programs that only count or convert. */

import { writeJUnit, writeSmallJUnit } from "./generate.ts";
import type { ReportFacts } from "./generate.ts";
import { interleave, ratioOf, runOnce, type Side, type Times } from "./measure.ts";
import { makeProject } from "./project.ts";
import type { Bench, Figure, Row } from "./types.ts";

const rounds = 9;
const bytes = 15e6;

/** Reads a report with Python's ElementTree and prints what it holds. */
const elementTree = `${import.meta.dirname}/element_tree.py`;

/**
 * Runs the benchmark. The figures with a goal compare whole processes: assay's starts, asks git, runs
 * a command that puts the report in place, keeps it byte for byte with its hash, parses it, stores
 * every event in SQLite, judges, diagnoses and prints. The other side only reads the file.
 *
 * The figure without a goal takes from both sides what they need for a report of one test: what is
 * left is the work that grows with the report.
 */
export async function junit(bench: Bench): Promise<Row[]> {
  const { folder, env } = bench;
  const facts = await writeJUnit(`${folder}/big.xml`, bytes);
  await writeSmallJUnit(`${folder}/small.xml`);
  const big = await verifySide(bench, "big", 1);
  const small = await verifySide(bench, "small", 0);
  checkCounts(big, facts, env);

  const python = await bench.tool("python3");
  const ctrf = await bench.tool("junit-to-ctrf");
  const sides: Record<string, Side> = { big, small };
  if ("argv" in python) {
    sides.python = countSide(folder, python.argv, "big");
    sides.pythonSmall = countSide(folder, python.argv, "small");
    const counted = runOnce(sides.python, env).trim();
    const expected = `${facts.tests} ${facts.failed} ${facts.skipped}`;
    if (counted !== expected) throw new Error(`ElementTree: ${counted}, expected ${expected}`);
  }
  if ("argv" in ctrf) {
    const argv = [...ctrf.argv, "big.xml", "-o", "ctrf.json"];
    sides.ctrf = { argv, cwd: folder, exit: 0 };
    await checkConverted(sides.ctrf, facts, env);
  }

  const times = byName(sides, rounds, env);
  const name = "15 MB of JUnit, verified";
  const command = big.argv.join(" ");
  const compared = (against: string, goal: number, side: string, missing: string): Row =>
    sides[side] === undefined ? { name, against, goal, not_measured: missing } : {
      name,
      against,
      goal,
      ...ratioOf(times.big!, times[side]!),
      command,
      against_command: sides[side].argv.join(" "),
    };
  return [
    compared("ElementTree counting it", 1, "python", reasonOf(python)),
    ...(sides.python ? [growth(times, command, sides.python)] : []),
    compared("`junit-to-ctrf` converting it", 0.25, "ctrf", reasonOf(ctrf)),
  ];
}

async function verifySide(bench: Bench, report: string, exit: 0 | 1): Promise<Side> {
  const cwd = `${bench.folder}/${report}`;
  const command = `cp ../${report}.xml report.xml; exit ${exit}`;
  const result = { result_file: "report.xml", result_format: "junit-xml" };
  await makeProject(cwd, [{ id: "test", command, ...result }]);
  return { argv: [...bench.assay, "verify"], cwd, exit };
}

function countSide(cwd: string, python: readonly string[], report: string): Side {
  return { argv: [...python, elementTree, `${report}.xml`], cwd, exit: 0 };
}

/** What was read must be the whole report, or its time says nothing. */
function checkCounts(side: Side, facts: ReportFacts, env: Bench["env"]): void {
  const run = JSON.parse(runOnce({ ...side, argv: [...side.argv, "--json"] }, env));
  const { total, failed, skipped } = run.attempts[0].tests;
  const read = [total, failed, skipped].join(" ");
  const expected = [facts.tests, facts.failed, facts.skipped].join(" ");
  if (read !== expected) throw new Error(`assay read ${read}, expected ${expected}`);
}

async function checkConverted(side: Side, facts: ReportFacts, env: Bench["env"]): Promise<void> {
  runOnce(side, env);
  const report = JSON.parse(await Deno.readTextFile(`${side.cwd}/ctrf.json`));
  const { tests } = report.results.summary;
  if (tests !== facts.tests) throw new Error(`junit-to-ctrf read ${tests} of ${facts.tests}`);
}

function byName(
  sides: Readonly<Record<string, Side>>,
  rounds: number,
  env: Bench["env"],
): Record<string, Times> {
  const times = interleave(Object.values(sides), rounds, env);
  return Object.fromEntries(Object.keys(sides).map((name, index) => [name, times[index]!]));
}

function growth(times: Readonly<Record<string, Times>>, command: string, python: Side): Figure {
  const difference = (big: Times, small: Times) => big.map((time, index) => time - small[index]!);
  return {
    name: "The same, less a report of one test",
    against: "ElementTree, likewise",
    goal: null,
    ...ratioOf(
      difference(times.big!, times.small!),
      difference(times.python!, times.pythonSmall!),
    ),
    command,
    against_command: python.argv.join(" "),
  };
}

function reasonOf(tool: { missing?: string } | { argv: readonly string[] }): string {
  return "missing" in tool && tool.missing ? tool.missing : "";
}
