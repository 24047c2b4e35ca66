/** What a git hook costs: the same jobs on the same staged files, by assay and by the hook managers. */

import { interleave, ratioOf, runOnce, type Side, type Times } from "./measure.ts";
import { type HookJob, type HookManager, managers } from "./hook_managers.ts";
import { git, makeProject, settle } from "./project.ts";
import type { Bench, Row, Tool } from "./types.ts";

const nothing: readonly HookJob[] = [{ id: "job", command: "true" }];
const names = { nothing: "A hook that does nothing", linters: "A hook of three linters" };
const goals: Readonly<Record<string, number>> = { "pre-commit": 0.4, prek: 2.5 };

/** Files of the repository: of each language so many; the first of each are staged. */
const perLanguage = 320;
const stagedOfEach = 10;

const languages = [
  { folder: "py", ending: "py", good: "VALUE = 1\n", staged: "VALUE = 2\n", bad: "import os\n" },
  {
    folder: "ts",
    ending: "ts",
    good: "export const value = 1;\n",
    staged: "export const value = 2;\n",
    bad: "export let  value: any\n",
  },
  { folder: "md", ending: "md", good: "# One\n", staged: "# Two\n", bad: "#   Bad\n*  x\n" },
] as const;

type Language = typeof languages[number];

/** Paths of the first `count` files of a language. */
function pathsOf({ folder, ending }: Language, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${folder}/file_${index}.${ending}`);
}

/** The linters with the staged files as arguments, in the same words for all. */
function linters(deno: string): HookJob[] {
  const [py, ts, md] = languages.map((language) => pathsOf(language, stagedOfEach).join(" "));
  const config = "--no-config --quiet";
  return [
    { id: "flake8", command: `flake8 ${py}` },
    { id: "deno_lint", command: `${deno} lint ${config} ${ts}` },
    { id: "deno_fmt", command: `${deno} fmt --check ${config} ${md}` },
  ];
}

/** Runs the benchmark. */
export async function hook(bench: Bench): Promise<Row[]> {
  const all = await managers(bench);
  const flake8 = await bench.tool("flake8");
  const lint = linters(Deno.execPath());
  return [
    ...await measured(bench, all, names.nothing, nothing, 40),
    ..."missing" in flake8
      ? all.slice(1).map(({ name }) => absent(names.linters, name, flake8))
      : await measured(bench, all, names.linters, lint, 12),
  ];
}

async function measured(
  bench: Bench,
  all: readonly HookManager[],
  name: string,
  jobs: readonly HookJob[],
  rounds: number,
): Promise<Row[]> {
  const cwd = await repository(bench, name, all, jobs);
  const present = all.filter(({ tool }) => "argv" in tool);
  for (const each of present) await proveWork(each, cwd, jobs, bench);
  await settleStaged(cwd);
  const floor: Side = { argv: bench.floor, cwd, exit: 0 };
  const [ours, ...theirs] = present.map((each) => ({ each, side: sideOf(each, cwd, 0) }));
  const against = [
    { name: "an empty program on the same runtime", key: "floor", side: floor },
    ...theirs.map(({ each, side }) => ({ name: each.name, key: each.name, side })),
  ].filter(({ key }) => key !== "floor" || jobs === nothing);
  const times = interleave([ours!.side, ...against.map(({ side }) => side)], rounds, bench.env);
  const rows = against.map(({ name: other, key, side }, index): Row => ({
    name,
    against: other,
    goal: jobs === nothing ? goals[key] ?? null : null,
    ...ratioOf(times[0] as Times, times[index + 1] as Times),
    command: ours!.side.argv.join(" "),
    against_command: side.argv.join(" "),
  }));
  return [
    ...rows,
    ...all.flatMap((each) => "missing" in each.tool ? [absent(name, each.name, each.tool)] : []),
  ];
}

function absent(name: string, against: string, { missing }: { readonly missing: string }): Row {
  return { name, against, goal: null, not_measured: missing };
}

/** A repository of 960 files and the configuration of all, thirty files of it changed and staged. */
async function repository(
  { folder }: Bench,
  name: string,
  all: readonly HookManager[],
  jobs: readonly HookJob[],
): Promise<string> {
  const cwd = `${folder}/${name.replaceAll(" ", "-")}`;
  for (const language of languages) {
    await Deno.mkdir(`${cwd}/${language.folder}`, { recursive: true });
  }
  const files = languages.flatMap((language) =>
    pathsOf(language, perLanguage).map((path) => [path, language.good] as const)
  );
  await makeProject(cwd, [], Object.fromEntries(files));
  for (const each of all) await each.configure(cwd, jobs);
  for (const language of languages) await writeStaged(cwd, language, language.staged);
  await settleStaged(cwd);
  return cwd;
}

async function writeStaged(cwd: string, language: Language, text: string): Promise<void> {
  for (const path of pathsOf(language, stagedOfEach)) {
    await Deno.writeTextFile(`${cwd}/${path}`, text);
  }
}

/** As `settle`, and everything is staged. */
async function settleStaged(cwd: string): Promise<void> {
  await settle(cwd);
  await git(cwd, ["add", "--all"]);
}

function sideOf({ tool, args }: HookManager, cwd: string, exit: number): Side {
  return { argv: [...argvOf(tool), ...args], cwd, exit };
}

function argvOf(tool: Tool): readonly string[] {
  if ("missing" in tool) throw new Error(tool.missing);
  return tool.argv;
}

/** Who does not fail when any one job fails did not run it, and would be fast for nothing. */
async function proveWork(
  manager: HookManager,
  cwd: string,
  jobs: readonly HookJob[],
  { env }: Bench,
): Promise<void> {
  const run = async (exit: number) => {
    await git(cwd, ["add", "--all"]);
    runOnce(sideOf(manager, cwd, exit), env);
  };
  await run(0);
  if (jobs === nothing) {
    await manager.configure(cwd, [{ id: "job", command: "false" }]);
    await run(1);
    await manager.configure(cwd, jobs);
  } else {
    for (const language of languages) {
      await writeStaged(cwd, language, language.bad);
      await run(1);
      await writeStaged(cwd, language, language.staged);
    }
  }
  await run(0);
}
