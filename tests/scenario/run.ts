import { isolatedEnv, projectRoot, withFolder } from "../support.ts";
import { commands } from "./commands.ts";
import type { Scenario, Step } from "./parse.ts";
import { scenarioProgram } from "./program.ts";
import { expand, type State } from "./state.ts";

/** A step that did not hold, with all that happened before it. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

const nothing = new Uint8Array();

async function writeFiles(scenario: Scenario, folder: string): Promise<void> {
  for (const { path, text } of scenario.files) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
}

/** Puts an `assay` on the scenario's PATH, for shell lines and hooks that call it. */
async function writeShim(folder: string, program: readonly string[]): Promise<void> {
  const argv = program.map((each) => `'${each.replaceAll("'", "'\\''")}'`).join(" ");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/assay`, `#!/bin/sh\nexec ${argv} "$@"\n`, { mode: 0o755 });
}

async function prepare(scenario: Scenario, file: string, folder: string): Promise<State> {
  const [work, home, bin] = ["work", "home", "bin"].map((each) => `${folder}/${each}`);
  await Deno.mkdir(work!);
  await Deno.mkdir(home!);
  const program = await scenarioProgram();
  await writeShim(bin!, program);
  await writeFiles(scenario, work!);
  const env = isolatedEnv(home!);
  return {
    name: file.replace(/^.*\//, "").replace(/\.\w+$/, ""),
    file: projectRoot + file,
    work: work!,
    cwd: work!,
    program,
    env: { ...env, PATH: `${bin}:${env["PATH"]}`, WORK: work!, TMPDIR: folder },
    stdin: undefined,
    last: { code: 0, signal: null, stdout: nothing, stderr: nothing },
    background: new Map(),
    servers: new Map(),
    cleanups: [],
    transcript: [],
  };
}

async function perform(state: State, step: Step): Promise<void> {
  state.transcript.push(`> ${step.text}`);
  const [name = "", ...args] = step.words.map((word) => expand(state, word));
  const command = commands[name];
  if (!command) throw new Error(`there is no command ${name}`);
  await command(state, args, step.prefix);
}

async function cleanUp(state: State): Promise<void> {
  for (const { pid, finished } of state.background.values()) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await finished;
  }
  for (const undo of state.cleanups.toReversed()) await undo();
}

async function performAll(scenario: Scenario, file: string, state: State): Promise<void> {
  for (const step of scenario.steps) {
    try {
      await perform(state, step);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const place = `${file}:${step.line}`;
      throw new ScenarioError(
        `${place}: ${step.text}\n  ${message}\n\nTranscript:\n${state.transcript.join("\n")}`,
      );
    }
  }
}

/** Runs a scenario in a folder of its own. Throws a {@linkcode ScenarioError} at the first step that does not hold. */
export function runScenario(scenario: Scenario, file: string): Promise<void> {
  return withFolder(async (folder) => {
    const state = await prepare(scenario, file, folder);
    try {
      await performAll(scenario, file, state);
    } finally {
      await cleanUp(state);
    }
  });
}
