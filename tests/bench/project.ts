/** Git repositories with a configuration of assay's, as the benchmarks verify them. */

/** The part of a runner that the benchmarks need. */
export interface RunnerConfig {
  readonly id: string;
  readonly command: string;
  readonly result_file?: string;
  readonly result_format?: string;
}

/** What `assay init` adds, and the reports of the benchmarks. */
const ignored = [
  ".assay/runs/",
  ".assay/assay.db*",
  ".assay/counters.json*",
  ".assay/locks/",
  ".assay/tmp/",
  "report.xml",
];

/** Writes the runners of a project. */
export async function writeRunners(
  folder: string,
  runners: readonly RunnerConfig[],
): Promise<void> {
  const complete = runners.map((runner) => ({
    kind: "test",
    detect_file: "README.md",
    result_format: "exit-code",
    ...runner,
  }));
  const plugin = { name: "bench", version: "1.0.0", runners: complete };
  await Deno.mkdir(`${folder}/.assay`, { recursive: true });
  await Deno.writeTextFile(`${folder}/.assay/plugins.json`, JSON.stringify(plugin, null, 2));
}

/** Makes a git repository with one commit; `files` are written next to the runners. */
export async function makeProject(
  folder: string,
  runners: readonly RunnerConfig[],
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  await writeRunners(folder, runners);
  await Deno.writeTextFile(`${folder}/README.md`, "# A project\n");
  await Deno.writeTextFile(`${folder}/.gitignore`, `${ignored.join("\n")}\n`);
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  const author = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"];
  await git(folder, ["init", "--quiet"]);
  await git(folder, ["add", "--all"]);
  await git(folder, [...author, "commit", "--quiet", "--message", "A project"]);
  await settle(folder);
}

/**
 * Makes git's index older than the files are: what was written in the same second as the index must be
 * compared by content each time, which no settled project pays for.
 */
export async function settle(folder: string): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  await Deno.remove(`${folder}/.git/index`);
  await git(folder, ["reset", "--quiet"]);
}

/** Runs git in a folder. */
export async function git(folder: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", { args: [...args], cwd: folder })
    .output();
  if (!success) throw new Error(`git ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}
