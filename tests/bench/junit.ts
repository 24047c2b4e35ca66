/** A big JUnit report: everything `verify` does with it, against programs that only count or convert. */

import { writeJUnit, writeSmallJUnit } from "./generate.ts";
import type { ReportFacts } from "./generate.ts";
import { interleave, ratioOf, runOnce, type Side, type Times } from "./measure.ts";
import { makeProject } from "./project.ts";
import type { Bench, Row } from "./types.ts";

const rounds = 9;
const bytes = 15e6;

/** Reads a report with Python's ElementTree as it streams, and prints what it holds. */
const elementTree = `${import.meta.dirname}/element_tree.py`;

/**
 * Runs the benchmark: a whole process that only reads the report, against one that does no more; then what `verify`
 * does beyond a run of one test: a command that puts the report in place, the report byte for byte with its
 * hash, every event stored, judged, diagnosed and printed.
 */
export async function junit(bench: Bench): Promise<Row[]> {
  const { folder, env } = bench;
  const facts = await writeJUnit(`${folder}/big.xml`, bytes);
  await writeSmallJUnit(`${folder}/small.xml`);
  const big = await verifySide(bench, "big", 1);
  const small = await verifySide(bench, "small", 0);
  checkCounts(big, facts, env);
  const parse: Side = {
    argv: [...bench.assay, "parse", "junit-xml", "big.xml"],
    cwd: folder,
    exit: 1,
  };
  const rows: Row[] = [await diskRow(big)];

  const python = await bench.tool("python3");
  const ctrf = await bench.tool("junit-to-ctrf");
  const sides: Record<string, Side> = { big, small, parse };
  if ("argv" in python) {
    sides.python = countSide(folder, python.argv, "big");
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
  const growth = times.big!.map((time, round) => time - times.small![round]!);
  const compared = (
    name: string,
    took: Times,
    { argv }: Side,
    [against, goal, other, missing]: readonly [string, number, string, string],
  ): Row =>
    sides[other] === undefined ? { name, against, goal, not_measured: missing } : {
      ...{ name, against, goal },
      ...ratioOf(took, times[other]!),
      command: argv.join(" "),
      against_command: sides[other].argv.join(" "),
    };
  const count = "ElementTree counting it";
  const stored = "15 MB of JUnit, verified";
  return [
    compared("15 MB of JUnit, `parse`", times.parse!, parse, [
      ...[count, 0.5, "python", reasonOf(python)] as const,
    ]),
    compared(`${stored}, less a report of one test`, growth, big, [
      ...[count, 1.2, "python", reasonOf(python)] as const,
    ]),
    compared(stored, times.big!, big, [
      ...["`junit-to-ctrf` converting it", 0.5, "ctrf", reasonOf(ctrf)] as const,
    ]),
    ...rows,
  ];
}

/** What a run leaves on disk, its report included. */
async function diskRow({ argv, cwd }: Side): Promise<Row> {
  return {
    name: "Disk of a run of 100,000 tests, its 15 MB of report included",
    against: "–",
    goal: 25,
    value: Math.round(await sizeOf(`${cwd}/.assay`) / 1e5) / 10,
    unit: "MB",
    rounds: 1,
    command: argv.join(" "),
    against_command: null,
  };
}

async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    size += isDirectory ? await sizeOf(path) : (await Deno.stat(path)).size;
  }
  return size;
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

function reasonOf(tool: { missing?: string } | { argv: readonly string[] }): string {
  return "missing" in tool && tool.missing ? tool.missing : "";
}
