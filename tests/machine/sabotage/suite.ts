/**
 * Small projects whose author wants the green light without earning it. Each asks for a report in
 * `.assay/plugins.json`; each sabotage changes its files or its command, and `assay verify` must not be ready.
 * The honest twin of each project is ready: a suite that refuses everything would prove nothing.
 *
 * Left out is what no tool can see from outside: a command that writes a report itself or copies one from a
 * fixture; tests that assert nothing; fewer tests than there are, where the tool says so with nothing but an exit
 * code that is then hidden (`Deno.test.only`, a pytest session that stops itself and calls that 0); `rspec --dry-run`,
 * which reports every example as passed; a file that node:test runs and that never imports it, whose exit code is
 * all there is.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { isolatedEnv, runAssay, testUnless, textOf, withFolder } from "../../support.ts";

/** Files by path; `null` removes one. */
export type Files = Readonly<Record<string, string | null>>;

/** One way to cheat. */
export interface Sabotage {
  readonly name: string;
  /** What the runner's command becomes; absent: it stays. */
  readonly command?: string;
  /** What changes in the project; absent: nothing. */
  readonly files?: Files;
  /** Yesterday's green report lies where the next one is expected. */
  readonly hasOldReport?: boolean;
}

/** A project with an honest test command. */
export interface Project {
  readonly name: string;
  /** Runs the tool, to see that it is there. */
  readonly probe: readonly string[];
  readonly files: Files;
  /** The honest command; it writes `report`. */
  readonly command: string;
  readonly report: string;
  readonly format: string;
  /** Files that make one test fail. */
  readonly failing: Files;
  /** Options that select no test, put after the command. */
  readonly selectNothing: string;
  readonly sabotages: readonly Sabotage[];
}

/** Ways to cheat that know nothing of the tool. */
function anywhere({ command, report, failing, selectNothing }: Project): Sabotage[] {
  const quiet = command.replace(` > ${report}`, "");
  return [
    { name: "exit 0", command: "exit 0" },
    { name: "true", command: "true" },
    { name: "echo ok", command: "echo ok" },
    { name: "an empty report", command: `: > ${report}` },
    { name: "echo ok as the report", command: `echo ok > ${report}` },
    { name: "the runner is missing", command: "no-such-runner --all" },
    { name: "the runner is missing, || true", command: "no-such-runner --all || true" },
    { name: "a failing test, || true", command: `${command} || true`, files: failing },
    { name: "a failing test, ; exit 0", command: `${command}; exit 0`, files: failing },
    { name: "a failing test, a trap", command: `trap 'exit 0' EXIT; ${command}`, files: failing },
    { name: "a failing test behind a pipe", command: `{ ${command}; } | cat`, files: failing },
    {
      name: "a failing test in the background",
      command: `(sleep 2; ${command}) >/dev/null 2>&1 & exit 0`,
      files: failing,
    },
    {
      name: "a failing test, the report removed",
      command: `${command}; rm -f ${report}; exit 0`,
      files: failing,
    },
    {
      name: "the report is cut",
      command: `${command}; head -c 90 ${report} > cut && mv cut ${report}`,
    },
    {
      name: "a failing test, the report elsewhere",
      command: `${command}; mv ${report} elsewhere; exit 0`,
      files: failing,
    },
    { name: "no test is selected", command: command.replace(quiet, `${quiet} ${selectNothing}`) },
    {
      name: "no test is selected, || true",
      command: `${command.replace(quiet, `${quiet} ${selectNothing}`)} || true`,
    },
    { name: "yesterday's report, true", command: "true", files: failing, hasOldReport: true },
    {
      name: "yesterday's report, touched",
      command: `touch ${report}`,
      files: failing,
      hasOldReport: true,
    },
    {
      name: "yesterday's report, the runner is missing",
      command: "no-such-runner || true",
      files: failing,
      hasOldReport: true,
    },
    {
      name: "yesterday's report, linked back",
      command: `ln old ${report} || true`,
      files: failing,
      hasOldReport: true,
    },
    {
      name: "yesterday's report, linked back by name",
      command: `ln -s old ${report} || true`,
      files: failing,
      hasOldReport: true,
    },
    {
      name: "yesterday's report, moved back",
      command: `mv old ${report}`,
      files: failing,
      hasOldReport: true,
    },
  ];
}

async function write(root: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const target = `${root}/${path}`;
    await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
    if (text === null) await Deno.remove(target);
    else await Deno.writeTextFile(target, text);
  }
}

function settings({ format, report }: Project, command: string): Files {
  const runner = {
    id: "tests",
    kind: "test",
    detect_file: ".assay",
    command,
    result_file: report,
    result_format: format,
  };
  return {
    ".assay/config.toml": "builtin_runners = false\n",
    ".assay/plugins.json": JSON.stringify({ name: "own", version: "1.0.0", runners: [runner] }),
  };
}

interface Verified {
  readonly code: number;
  /** The verdict's reasons, or what assay said. */
  readonly reasons: string;
}

async function verify(
  root: string,
  home: string,
  caches: Readonly<Record<string, string>>,
): Promise<Verified> {
  const { code, stdout, stderr } = await runAssay(["verify", "--json"], {
    cwd: root,
    env: { ...isolatedEnv(home), ...caches },
  });
  try {
    const { runners } = JSON.parse(textOf(stdout));
    return {
      code,
      reasons: JSON.stringify(runners.map((each: { reasons: unknown }) => each.reasons)),
    };
  } catch {
    return { code, reasons: textOf(stdout) + textOf(stderr) };
  }
}

/** Whether a program runs; without it its project is ignored, with its name. */
function missing([program, ...args]: readonly string[]): string | undefined {
  try {
    const { success } = new Deno.Command(program!, { args, stdout: "null", stderr: "null" })
      .outputSync();
    return success ? undefined : `${[program, ...args].join(" ")} fails`;
  } catch {
    return `no ${program}`;
  }
}

/** Registers the tests of a project: its honest twin, and every sabotage. */
export function sabotage(project: Project): void {
  const absent = missing(project.probe);
  // Compilers' caches are shared by the runs of a project, or each would build the world.
  const cache = Deno.makeTempDirSync({ prefix: "assay-sabotage-" });
  const caches = { GOCACHE: `${cache}/go`, GOFLAGS: "-mod=mod", GOTOOLCHAIN: "local" };
  globalThis.addEventListener("unload", () => Deno.removeSync(cache, { recursive: true }));
  testUnless(absent, `sabotage ${project.name}: the honest twin is ready`, async () => {
    await withFolder(async (folder) => {
      await write(`${folder}/p`, { ...project.files, ...settings(project, project.command) });
      const { code, reasons } = await verify(`${folder}/p`, folder, caches);
      assertEquals(code, 0, reasons);
    });
  });
  for (
    const { name, command = project.command, files = {}, hasOldReport } of [
      ...anywhere(project),
      ...project.sabotages,
    ]
  ) {
    testUnless(absent, `sabotage ${project.name}: ${name}`, async () => {
      await withFolder(async (folder) => {
        const root = `${folder}/p`;
        await write(root, { ...project.files, ...settings(project, project.command) });
        if (hasOldReport) {
          assertEquals((await verify(root, folder, caches)).code, 0, "yesterday it was green");
          const yesterday = new Date(Date.now() - 86_400_000);
          await Deno.copyFile(`${root}/${project.report}`, `${root}/old`);
          for (const each of ["old", project.report]) {
            await Deno.utime(`${root}/${each}`, yesterday, yesterday);
          }
        }
        await write(root, { ...files, ...settings(project, command) });
        const { code, reasons } = await verify(root, folder, caches);
        assert(code === 1 || code === 3, `exit code ${code}: ${reasons}`);
      });
    });
  }
}
