/** Stage "prepare": a configured command becomes one that can be executed. */

import { join, relative } from "@std/path";
import { fillPlaceholders } from "../config/placeholders.ts";
import { shellQuote } from "../config/shell.ts";
import type { CommandDef } from "../config/types.ts";
import type { SandboxFact } from "../model.ts";
import { ulid } from "../store/ulid.ts";
import type { AttemptContext } from "./attempt.ts";
import { baseEnvironment, withFacts } from "./environment.ts";
import { extend, type Extended, untouched } from "./extend.ts";
import { hostOf, sayTo } from "./host.ts";
import type { SpecData } from "./spec.ts";

/** What preparing a command needs. Nothing is written: `writer` is only asked where the run's folder is. */
export type PrepareContext =
  & Pick<AttemptContext, "io" | "project" | "plugins" | "runId" | "signal">
  & { readonly writer: Pick<AttemptContext["writer"], "dir"> };

/** A command made ready: placeholders filled, paths absolute, extensions done. */
export interface Prepared extends Extended {
  readonly def: CommandDef;
  readonly argv: readonly string[];
  /** The attempt's folder in the run's. */
  readonly dir: string;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  readonly resultFile: string | undefined;
  readonly sandbox: readonly SandboxFact[];
  /** Takes what plugins say for people, in every stage. */
  readonly say: (message: string) => void;
  /** What they said so far. */
  readonly said: readonly string[];
}

/** Prepares a command for one attempt. What an extension does wrong is in `failed`, never thrown. */
export async function prepare(def: CommandDef, context: PrepareContext): Promise<Prepared> {
  const { plugins, writer, signal } = context;
  const dir = join(writer.dir, folderName(def.id));
  const resultFile = resultPath(def, context);
  const extensions = signal.aborted ? [] : plugins.extensionsOf(def);
  const command = filled(def, resultFile, extensions.some(mayMove), context);
  const bare = bareSpec(def, command, dir, context);
  const said: string[] = [];
  const say = sayTo(said);
  const extended = extensions.length === 0
    ? untouched(bare)
    : await extend(bare, extensions, hostOf(context, say, signal));
  const spec = { ...extended.spec, env: environmentOf(extended.spec, resultFile, context) };
  return {
    ...extended,
    def,
    spec,
    argv: [...spec.wrappers.flat(), ...spec.shell, spec.command],
    dir,
    stdoutFile: join(dir, "stdout"),
    stderrFile: join(dir, "stderr"),
    resultFile,
    sandbox: sandboxFacts(def),
    say,
    said,
  };
}

/** The command before any extension. */
function bareSpec(
  def: CommandDef,
  command: string,
  liveDir: string,
  { io, project }: PrepareContext,
): SpecData {
  return {
    command,
    originalCommand: command,
    commandName: def.id,
    attemptId: ulid(io),
    workspace: project.root,
    cwd: join(project.root, def.cwd),
    liveDir,
    env: baseEnvironment(io.environment()),
    timeoutMs: def.timeoutMs,
    shell: ["sh", "-c"],
    wrappers: [],
    extensionData: def.extensionData,
  };
}

/** The variables of a command move it nowhere; what another extension does is not known beforehand. */
function mayMove({ value }: { readonly value: { readonly configKey: string } }): boolean {
  return value.configKey !== "env";
}

/**
 * The shell line with its placeholders filled. Paths are relative to where it runs, which is short and
 * the same in every checkout, unless an extension may still run it elsewhere.
 */
function filled(
  def: CommandDef,
  resultFile: string | undefined,
  isMoving: boolean,
  { project, runId, writer }: PrepareContext,
): string {
  const cwd = join(project.root, def.cwd);
  const shown = (path: string) => shellQuote(isMoving ? path : relative(cwd, path));
  return fillPlaceholders(def.command, {
    run_id: runId,
    run_dir: shown(writer.dir),
    result_file: resultFile === undefined ? "" : shown(resultFile),
  });
}

function environmentOf(
  { env, attemptId, commandName, workspace }: SpecData,
  resultFile: string | undefined,
  { runId, writer }: PrepareContext,
): Record<string, string> {
  const runDir = writer.dir;
  return withFacts(env, { runId, runDir, attemptId, runner: commandName, resultFile, workspace });
}

function resultPath(def: CommandDef, { project, runId, writer }: PrepareContext) {
  if (def.resultFile === undefined) return undefined;
  const runDir = relative(project.root, writer.dir);
  const values = { run_id: runId, run_dir: runDir, result_file: "" };
  return join(project.root, fillPlaceholders(def.resultFile, values));
}

/** Ids may hold characters that mean something to a file system. */
export function folderName(id: string): string {
  return id.replaceAll(/[^\w.-]/g, (char) => `%${char.codePointAt(0)!.toString(16)}`);
}

/** Nothing is claimed that no engine enforces. */
function sandboxFacts({ sandbox }: CommandDef): SandboxFact[] {
  return Object.entries(sandbox?.declared ?? {}).map(([dimension, declared]) => ({
    dimension,
    declared,
    why: "no sandbox engine is loaded",
  }));
}
