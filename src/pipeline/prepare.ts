/** Stage "prepare": a configured command becomes one that can be executed. */

import { join, relative } from "@std/path";
import { fillPlaceholders } from "../config/placeholders.ts";
import { shellQuote } from "../config/shell.ts";
import type { CommandDef } from "../config/types.ts";
import type { SandboxFact } from "../model.ts";
import { ulid } from "../store/ulid.ts";
import type { AttemptContext } from "./attempt.ts";
import { attemptEnvironment } from "./environment.ts";

/** A command made ready: placeholders filled, paths absolute. */
export interface Prepared {
  readonly def: CommandDef;
  readonly attemptId: string;
  /** The shell line to run. */
  readonly command: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The attempt's folder in the run's. */
  readonly dir: string;
  readonly stdoutFile: string;
  readonly stderrFile: string;
  readonly resultFile: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly sandbox: readonly SandboxFact[];
}

/** Prepares a command for one attempt. */
export function prepare(def: CommandDef, context: AttemptContext): Prepared {
  const { io, project, runId, writer } = context;
  const attemptId = ulid(io);
  const cwd = join(project.root, def.cwd);
  const dir = join(writer.dir, folderName(def.id));
  const resultFile = resultPath(def, context);
  // Relative to where the command runs: short, and the same in every checkout.
  const inCwd = (path: string) => shellQuote(relative(cwd, path));
  const command = fillPlaceholders(def.command, {
    run_id: runId,
    run_dir: inCwd(writer.dir),
    result_file: resultFile === undefined ? "" : inCwd(resultFile),
  });
  return {
    def,
    attemptId,
    command,
    argv: ["sh", "-c", command],
    cwd,
    dir,
    stdoutFile: join(dir, "stdout"),
    stderrFile: join(dir, "stderr"),
    resultFile,
    env: attemptEnvironment(io.environment(), def.env, {
      runId,
      runDir: writer.dir,
      attemptId,
      runner: def.id,
      resultFile,
      workspace: project.root,
    }),
    sandbox: sandboxFacts(def),
  };
}

function resultPath(def: CommandDef, { project, runId, writer }: AttemptContext) {
  if (def.resultFile === undefined) return undefined;
  const runDir = relative(project.root, writer.dir);
  const values = { run_id: runId, run_dir: runDir, result_file: "" };
  return join(project.root, fillPlaceholders(def.resultFile, values));
}

/** Ids may hold characters that mean something to a file system. */
function folderName(id: string): string {
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
