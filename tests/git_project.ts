/**
 * A repository to try things on, for the tests that need one.
 *
 * @module
 */

import { assert } from "@std/assert";
import type { Io } from "../src/io.ts";
import { realIo } from "../src/real_io.ts";
import { readLineage } from "../src/git/lineage.ts";
import { unmet } from "./scenario/conditions.ts";
import { isolatedEnv, testUnless, withFolder } from "./support.ts";

/** Why there is no git here, or nothing. */
export const noGit = unmet(["tool:git"]);

/** A project in git, and what a test does with it. */
export interface Project {
  readonly root: string;
  readonly io: Io;
  git(...args: string[]): Promise<string>;
  write(path: string, text: string): Promise<void>;
  tree(): Promise<string>;
}

async function runGit(cwd: string, env: Record<string, string>, args: string[]): Promise<string> {
  const config = [
    "user.name=n",
    "user.email=e@x",
    "commit.gpgsign=false",
    "protocol.file.allow=always",
  ];
  const { success, stdout, stderr } = await new Deno.Command("git", {
    args: [...config.flatMap((each) => ["-c", each]), ...args],
    cwd,
    env,
    clearEnv: true,
  }).output();
  if (!success) throw new Error(`git ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}

/** The project at `root`, for programs with the environment `env`. */
export function projectAt(root: string, env: Record<string, string>): Project {
  const io: Io = { ...realIo(), environment: () => env, env: (name) => env[name] };
  return {
    root,
    io,
    git: (...args) => runGit(root, env, args),
    async write(path, text) {
      await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, text);
    },
    async tree() {
      const { lineage, why } = await readLineage(io, root);
      assert(lineage.tree !== null, why);
      return lineage.tree;
    },
  };
}

/** Registers a test in a repository with one commit of three files. */
export function gitTest(
  name: string,
  body: (project: Project) => Promise<void>,
  init: string[] = [],
): void {
  testUnless(noGit, name, () =>
    withFolder(async (folder) => {
      const root = `${folder}/project`;
      await Deno.mkdir(root);
      const project = projectAt(root, isolatedEnv(`${folder}/home`));
      await project.git("init", "--quiet", "--initial-branch=main", ...init);
      await project.write("a.txt", "a\n");
      await project.write("src/b.txt", "b\n");
      await project.write(".gitignore", "ignored/\n*.log\n");
      await commit(project);
      await body(project);
    }));
}

/** Commits all there is and returns the commit's tree. */
export async function commit({ git }: Project): Promise<string> {
  await git("add", "--all");
  await git("commit", "--quiet", "--message=m");
  return await git("rev-parse", "HEAD^{tree}");
}

/** Every file of the repository's own, with its content: what must stay as it is. */
export async function ownFiles(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) {
      for (const [key, value] of await ownFiles(path)) files.set(key, value);
    } else files.set(path, String(await Deno.readFile(path)));
  }
  return files;
}
