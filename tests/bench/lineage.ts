/** What it costs to know the state of many files, against what git needs to list them. */

import { interleave, ratioOf, runOnce, type Side, type Times } from "./measure.ts";
import { git, makeProject, settle } from "./project.ts";
import type { Bench, Row } from "./types.ts";

const rounds = 7;
const untracked = 20_000;
const changed = 5_000;
const filesOfFolder = 500;
const against = "`git status --porcelain=v2 -uall`";

/** Runs the benchmark. The start of an empty program is taken from assay's times. */
export async function lineage(bench: Bench): Promise<Row[]> {
  const many = await repository(bench, "untracked");
  await writeFiles(many, untracked, "1");
  const edited = await repository(bench, "changed");
  await writeFiles(edited, changed, "1");
  await git(edited, ["add", "--all"]);
  await commit(edited);
  await settle(edited);
  await writeFiles(edited, changed, "2");
  const staged = await repository(bench, "staged");
  await writeFiles(staged, changed, "1");
  await git(staged, ["add", "--all"]);
  await commit(staged);
  await writeFiles(staged, changed, "2");
  await git(staged, ["add", "--all"]);
  await writeFiles(staged, changed, "3");
  return [
    row(bench, `${untracked} untracked files: \`verify\``, many, ["verify"], 10),
    row(bench, `${changed} files changed: \`verify\``, edited, ["verify"], 8),
    row(bench, `${changed} files changed: \`gate\``, edited, ["gate"], 8),
    row(bench, `${changed} files staged and changed again: a hook`, staged, hook, 20),
  ];
}

const hook = ["hook", "run", "pre-commit"];

async function repository({ folder }: Bench, name: string): Promise<string> {
  const cwd = `${folder}/${name}`;
  await makeProject(cwd, [{ id: "job", command: "true" }]);
  return cwd;
}

async function commit(cwd: string): Promise<void> {
  const author = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"];
  await git(cwd, [...author, "commit", "--quiet", "--message", "Files"]);
}

async function writeFiles(cwd: string, count: number, content: string): Promise<void> {
  for (let index = 0; index < count; index++) {
    const folder = `${cwd}/files/${Math.floor(index / filesOfFolder)}`;
    if (index % filesOfFolder === 0) await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/${index}.txt`, `${content} ${index}\n`);
  }
}

function row(
  { assay, floor, env }: Bench,
  name: string,
  cwd: string,
  args: readonly string[],
  goal: number,
): Row {
  const side: Side = { argv: [...assay, ...args], cwd, exit: 0 };
  const status: Side = { argv: ["git", "status", "--porcelain=v2", "-uall"], cwd, exit: 0 };
  runOnce(side, env);
  const empty: Side = { argv: floor, cwd, exit: 0 };
  const [times, starts, listed] = interleave([side, empty, status], rounds, env) as [
    Times,
    Times,
    Times,
  ];
  return {
    name: `${name}, less the start of an empty program`,
    against,
    goal,
    ...ratioOf(times.map((time, round) => time - starts[round]!), listed),
    command: side.argv.join(" "),
    against_command: status.argv.join(" "),
  };
}
