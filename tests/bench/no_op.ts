/** The least a run can cost: one command that does nothing, in a git repository of a few files. */

import { interleave, ratioOf, runOnce, type Side, type Times } from "./measure.ts";
import { makeProject, settle, writeRunners } from "./project.ts";
import type { Bench, Row, Tool, ToolName } from "./types.ts";

const rounds = 60;
const name = "No-op `verify`";

/** Something that runs one job in a repository. */
interface Contender {
  readonly name: string;
  readonly tool: Tool;
  readonly args: readonly string[];
  /** Writes the configuration with this job. */
  readonly configure: (folder: string, job: string) => Promise<void>;
}

const lefthookConfig = (job: string) =>
  `verify:
  jobs:
    - name: job
      run: "${job}"
`;

/** No network but npm's is needed for a local hook. */
const preCommitConfig = (job: string) =>
  `repos:
  - repo: local
    hooks:
      - id: job
        name: job
        entry: "${job}"
        language: system
        always_run: true
        pass_filenames: false
`;

const writeLefthook = (folder: string, job: string) =>
  Deno.writeTextFile(`${folder}/lefthook.yml`, lefthookConfig(job));

const writePreCommit = (folder: string, job: string) =>
  Deno.writeTextFile(`${folder}/.pre-commit-config.yaml`, preCommitConfig(job));

async function others({ tool }: Bench): Promise<Contender[]> {
  const contender = async (
    name: ToolName,
    args: readonly string[],
    configure: Contender["configure"],
  ) => ({ name, tool: await tool(name), args, configure });
  return [
    await contender("lefthook", ["run", "verify"], writeLefthook),
    await contender("prek", ["run", "--all-files"], writePreCommit),
    await contender("pre-commit", ["run", "--all-files"], writePreCommit),
  ];
}

/** Runs the benchmark. */
export async function noOp(bench: Bench): Promise<Row[]> {
  const cwd = `${bench.folder}/project`;
  await makeProject(cwd, [{ id: "job", command: "true" }], {
    "lefthook.yml": lefthookConfig("true"),
    ".pre-commit-config.yaml": preCommitConfig("true"),
  });
  const assay: Contender = {
    name: "assay",
    tool: { argv: bench.assay },
    args: ["verify"],
    configure: (folder, command) => writeRunners(folder, [{ id: "job", command }]),
  };
  const contenders = [assay, ...await others(bench)];
  const present = contenders.filter(({ tool }) => "argv" in tool);
  for (const each of present) await proveWork(each, cwd, bench);
  await settle(cwd);

  const floor = { name: "an empty program on the same runtime", argv: bench.floor, cwd, exit: 0 };
  const sides = [floor, ...present.map((each) => ({ name: each.name, ...sideOf(each, cwd, 0) }))];
  const times = interleave(sides, rounds, bench.env);
  const verify = sides.findIndex((side) => side.name === assay.name);
  const rows: Row[] = sides.flatMap((side, index) =>
    index === verify ? [] : [{
      name,
      against: side.name,
      goal: side === floor ? 3 : null,
      ...ratioOf(times[verify] as Times, times[index] as Times),
      command: sides[verify]!.argv.join(" "),
      against_command: side.argv.join(" "),
    }]
  );
  return [...rows, ...contenders.flatMap(absence)];
}

function absence({ name: against, tool }: Contender): Row[] {
  return "missing" in tool ? [{ name, against, goal: null, not_measured: tool.missing }] : [];
}

function sideOf({ tool, args }: Contender, cwd: string, exit: number): Side {
  if ("missing" in tool) throw new Error(tool.missing);
  return { argv: [...tool.argv, ...args], cwd, exit };
}

/** A contender that does not fail with its job did not run it, and would be fast for nothing. */
async function proveWork(contender: Contender, cwd: string, { env }: Bench): Promise<void> {
  await contender.configure(cwd, "false");
  runOnce(sideOf(contender, cwd, 1), env);
  await contender.configure(cwd, "true");
  runOnce(sideOf(contender, cwd, 0), env);
}
