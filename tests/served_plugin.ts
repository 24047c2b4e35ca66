/** A plugin's folder served on the loopback interface, and a project that uses it by its URL. */

import { scenarioProgram } from "./scenario/program.ts";
import { isolatedEnv, run, textOf, withFolder } from "./support.ts";
import { serve } from "./tools/serve.ts";

/** What one call of assay printed. */
export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  // deno-lint-ignore no-explicit-any -- tests look into whatever assay printed
  readonly json: any;
}

/** An empty project next to a served plugin. */
export interface PluginProject {
  /** The folder of the project, an absolute path. */
  readonly root: string;
  /** The address of a file of the plugin. */
  url(file: string): string;
  /** Runs assay in the project; throws what it said when it ends with another code than `code`. */
  assay(code: number, ...args: string[]): Promise<Answer>;
}

/** Serves `folder`, writes `files` into a new project, and runs `body` with both. */
export async function withServedPlugin(
  folder: string,
  files: Readonly<Record<string, string>>,
  body: (project: PluginProject) => Promise<void>,
): Promise<void> {
  await using server = serve(folder);
  await withFolder(async (work) => {
    const root = `${work}/project`;
    for (const [path, text] of Object.entries({ ".assay/.keep": "", ...files })) {
      await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, text);
    }
    const env = isolatedEnv(`${work}/home`);
    await body({
      root,
      url: (file) => `http://${server.host}/${file}`,
      assay: async (code, ...args) => await answerOf(code, args, root, env),
    });
  });
}

async function answerOf(
  code: number,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<Answer> {
  const finished = await run([...await scenarioProgram(), ...args], { cwd, env });
  const [stdout, stderr] = [textOf(finished.stdout), textOf(finished.stderr)];
  if (finished.code !== code) {
    throw new Error(`assay ${args.join(" ")}: exit ${finished.code}\n${stdout}\n${stderr}`);
  }
  const json = args.includes("--json") ? JSON.parse(stdout || stderr) : undefined;
  return { code, stdout, stderr, json };
}
