/**
 * assay as a hook of pre-commit, prek and lefthook, all of them real: what is staged decides, and what is not
 * staged is neither tested nor lost.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { findTool } from "../../bench/tools.ts";
import type { ToolName } from "../../bench/types.ts";
import { verbs } from "../../../src/cli/verbs.ts";
import { isolatedEnv, projectRoot, run, testUnless, textOf, withFolder } from "../../support.ts";
import { barePath, copyProject, made, noRegistry, npmInstall, removeMade } from "./made.ts";

Deno.test.afterAll(removeMade);

/** A project whose one check reads a file, and a home that all programs of a test share. */
interface Work {
  readonly folder: string;
  readonly root: string;
  readonly env: Record<string, string>;
  /** Runs a program in the project; it must end with `code`. */
  must(code: number, ...argv: string[]): Promise<string>;
  write(path: string, text: string): Promise<void>;
}

const check = {
  name: "hooks",
  version: "1.0.0",
  runners: [{
    id: "state",
    kind: "test",
    detect_file: "state",
    command: "grep -qx good state",
    result_format: "exit-code",
  }],
};

/** A project at `root`. */
function workAt(root: string, folder: string, env: Record<string, string>): Work {
  return {
    folder,
    root,
    env,
    async must(code, ...argv) {
      const { code: ended, stdout, stderr } = await run(argv, { cwd: root, env });
      const said = textOf(stdout) + textOf(stderr);
      assertEquals(ended, code, `${root}: ${argv.join(" ")}:\n${said}`);
      return said;
    },
    async write(path, text) {
      await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, text);
    },
  };
}

async function withWork(body: (work: Work) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const env = { ...isolatedEnv(`${folder}/home`), PATH: await barePath(`${folder}/programs`) };
    const work = workAt(`${folder}/project`, folder, env);
    await Deno.mkdir(`${folder}/home`);
    await work.write("state", "good\n");
    await work.write(".assay/plugins.json", JSON.stringify(check));
    await work.write(
      ".gitignore",
      ".assay/runs/\n.assay/assay.db*\n.assay/counters.json*\n.assay/locks/\n.assay/tmp/\n",
    );
    await work.must(0, "git", "init", "--quiet", "--initial-branch=main");
    await body(work);
  });
}

/** Commits that must pass and commits that must not, with the hook installed. */
async function checkCommits({ root, must, write }: Work): Promise<void> {
  const commit = (code: number) => must(code, "git", "commit", "--quiet", "--message=m");
  const head = () => must(0, "git", "rev-parse", "HEAD");
  const state = () => Deno.readTextFile(`${root}/state`);
  await must(0, "git", "add", "--all");
  await commit(0);
  const first = await head();

  await write("state", "bad\n");
  await must(0, "git", "add", "state");
  assertStringIncludes(await commit(1), "state");
  assertEquals(await head(), first);

  // Staged bad, good next to it: what would be committed is bad.
  await write("state", "good\n");
  await commit(1);
  assertEquals([await head(), await state()], [first, "good\n"]);

  // The other way round.
  await write("state", "good\n");
  await write("other", "new\n");
  await must(0, "git", "add", "state", "other");
  await write("state", "bad\n");
  await commit(0);
  assert(await head() !== first);
  assertEquals(await state(), "bad\n");
  assertEquals(await must(0, "git", "show", "HEAD:state"), "good\n");
}

async function pathOf(name: ToolName): Promise<{ argv: readonly string[]; missing?: string }> {
  const tool = await findTool(name);
  return "argv" in tool ? tool : { argv: [], missing: tool.missing };
}

/** Puts the npm package's `assay` on the search path. */
async function withAssayOnPath(work: Work): Promise<void> {
  const { tarball } = await made([]);
  const programs = await npmInstall(`${work.folder}/installed`, tarball, work.env);
  work.env.PATH = `${programs}:${work.env.PATH}`;
}

/** A repository that holds `files` of this project. */
async function repository(work: Work, name: string, fill: (folder: string) => Promise<void>) {
  const folder = `${work.folder}/${name}`;
  await fill(folder);
  const git = (...args: string[]) => work.must(0, "git", "-C", folder, ...args);
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", "--all");
  await git("commit", "--quiet", "--message=m");
  return { folder, rev: (await git("rev-parse", "HEAD")).trim() };
}

async function hooksOnly(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  const name = ".pre-commit-hooks.yaml";
  await Deno.copyFile(`${projectRoot}${name}`, `${folder}/${name}`);
}

const configOf = ({ folder, rev }: { folder: string; rev: string }, id: string) =>
  `repos:\n  - repo: ${folder}\n    rev: ${rev}\n    hooks:\n      - id: ${id}\n`;

const none = noRegistry === undefined ? undefined : { argv: [], missing: noRegistry };
const tools = {
  "pre-commit": none ?? await pathOf("pre-commit"),
  prek: none ?? await pathOf("prek"),
  lefthook: none ?? await pathOf("lefthook"),
};

/** The program of a tool by its full path: the search path of a test holds none of them. */
function programOf(tool: { argv: readonly string[] }): string {
  const [name] = tool.argv;
  if (name!.includes("/")) return name!;
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const found = folders.map((each) => `${each}/${name}`).find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  return found!;
}

testUnless(
  tools["pre-commit"].missing ?? tools.prek.missing ?? tools.lefthook.missing,
  "hooks: pre-commit, prek and lefthook with assay on PATH test what is staged",
  () =>
    withWork(async (work) => {
      await withAssayOnPath(work);
      const hooks = await repository(work, "hooks", hooksOnly);
      for (const name of ["pre-commit", "prek"] as const) {
        const project = await freshWork(work, name);
        await project.write(".pre-commit-config.yaml", configOf(hooks, "assay"));
        await project.must(0, programOf(tools[name]), "install");
        await checkCommits(project);
      }
      const project = await freshWork(work, "lefthook");
      if (hasHookVerb) {
        await project.write("lefthook.yml", await lefthookConfig());
        await project.must(0, programOf(tools.lefthook), "install", "--force");
        await checkCommits(project);
      } else await checkLefthook(project);
    }),
);

/** The documented line for lefthook calls a verb that knows what is staged. */
const hasHookVerb = verbs.some(({ name }) => name === "hook");

/**
 * Why it does: lefthook puts aside what is not staged of files that are partly staged, and leaves the changes of
 * others where they are. With `assay verify` alone a repair that was not staged would make a commit pass.
 */
async function checkLefthook({ must, write }: Work): Promise<void> {
  const config = (await lefthookConfig()).replace("assay hook run pre-commit", "assay verify");
  await write("lefthook.yml", config);
  await must(0, programOf(tools.lefthook), "install", "--force");
  const commit = (code: number) => must(code, "git", "commit", "--quiet", "--message=m");
  await must(0, "git", "add", "--all");
  await commit(0);
  await write("state", "bad\n");
  await must(0, "git", "add", "state");
  await commit(1);
  await write("state", "good\n");
  await commit(1);
  await must(0, "git", "commit", "--quiet", "--no-verify", "--message=bad");
  await write("other", "new\n");
  await must(0, "git", "add", "other");
  await commit(0);
}

/** The same project in a folder of its own. */
async function freshWork({ root, folder, env }: Work, name: string): Promise<Work> {
  await new Deno.Command("cp", { args: ["-a", root, `${folder}/${name}`] }).output();
  return workAt(`${folder}/${name}`, folder, env);
}

/** The configuration that docs/hooks.md shows. */
async function lefthookConfig(): Promise<string> {
  const document = await Deno.readTextFile(`${projectRoot}docs/hooks.md`);
  const section = document.split("<!-- lefthook:begin -->")[1]!.split("<!-- lefthook:end -->")[0]!;
  return /```yaml\n(.*?)```/s.exec(section)![1]!;
}

for (const name of ["pre-commit", "prek"] as const) {
  testUnless(
    tools[name].missing,
    `hooks: ${name} builds assay from the repository by npm`,
    () =>
      withWork(async (work) => {
        const assay = await repository(work, "assay", copyProject);
        await work.write(".pre-commit-config.yaml", configOf(assay, "assay-npm"));
        await work.must(0, "git", "add", "--all");
        const ran = (code: number) => work.must(code, programOf(tools[name]), "run", "--verbose");
        assertStringIncludes(await ran(0), "READY");
        await work.write("state", "bad\n");
        await work.must(0, "git", "add", "--all");
        assertStringIncludes(await ran(1), "FAILED");
      }),
  );
}
