/** Who runs the jobs of a git hook, each with its own configuration of the same jobs. */

import { writeRunners } from "./project.ts";
import type { Bench, Tool, ToolName } from "./types.ts";

/** One job of a hook: a shell line without quotes. */
export interface HookJob {
  readonly id: string;
  readonly command: string;
}

/** A program that runs a repository's hook. */
export interface HookManager {
  readonly name: string;
  readonly tool: Tool;
  readonly args: readonly string[];
  /** Writes its configuration with these jobs. */
  readonly configure: (folder: string, jobs: readonly HookJob[]) => Promise<void>;
}

/** What assay is called with; the only place. */
const assayArguments: readonly string[] = ["hook", "run", "pre-commit"];

/** It runs its jobs side by side, as assay does. */
const writeLefthook: HookManager["configure"] = (folder, jobs) => {
  const lines = jobs.map(({ id, command }) => `    - name: ${id}\n      run: "${command}"\n`);
  const text = `pre-commit:\n  parallel: true\n  jobs:\n${lines.join("")}`;
  return Deno.writeTextFile(`${folder}/lefthook.yml`, text);
};

/** No network but npm's is needed for a local hook. */
const writePreCommit: HookManager["configure"] = (folder, jobs) => {
  const hooks = jobs.map(({ id, command }) =>
    [
      `      - id: ${id}`,
      `        name: ${id}`,
      `        entry: "${command}"`,
      "        language: system",
      "        always_run: true",
      "        pass_filenames: false",
      "",
    ].join("\n")
  );
  const text = `repos:\n  - repo: local\n    hooks:\n${hooks.join("")}`;
  return Deno.writeTextFile(`${folder}/.pre-commit-config.yaml`, text);
};

/** All of them, assay first. */
export async function managers({ assay, tool }: Bench): Promise<HookManager[]> {
  const other = async (
    name: ToolName,
    args: readonly string[],
    configure: HookManager["configure"],
  ) => ({ name, tool: await tool(name), args, configure });
  return [
    { name: "assay", tool: { argv: assay }, args: assayArguments, configure: writeRunners },
    await other("lefthook", ["run", "pre-commit"], writeLefthook),
    await other("prek", ["run"], writePreCommit),
    await other("pre-commit", ["run"], writePreCommit),
  ];
}
