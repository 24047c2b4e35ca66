/** Stage "prepare": a configured command becomes one that can be executed. */

import { join, relative } from "@std/path";
import { isNotFound } from "../io.ts";
import { fillPlaceholders } from "../config/placeholders.ts";
import { attemptMark } from "../process/stop.ts";
import { isBlankLine, shellQuote } from "../text/shell.ts";
import type { CommandDef } from "../config/types.ts";
import { programOf } from "../process/programs.ts";
import { ulid } from "../ulid.ts";
import type { SandboxSpec } from "../plugin.ts";
import { inheritedEnvironment, isSecretName } from "../sandbox/environment.ts";
import { PathProblem, resolvePath, resolvePaths } from "../sandbox/paths.ts";
import { cacheFolders } from "../sandbox/probe.ts";
import { hostOf, sayTo } from "./call.ts";
import { extend, untouched } from "./extend.ts";
import { launcherOf } from "../process/launch.ts";
import { placesOf } from "./places.ts";
import type { PrepareContext, Prepared, SpecData } from "./types.ts";

/** Prepares a command for one attempt. What an extension does wrong is in `failed`, never thrown. */
export async function prepare(def: CommandDef, context: PrepareContext): Promise<Prepared> {
  const { plugins, writer, signal } = context;
  // No id can hold a plus sign.
  const batch = def.batch && def.batch.number > 1 ? `+${def.batch.number}` : "";
  const dir = join(writer.dir, folderName(def.id) + batch);
  const resultFile = resultPath(def, context);
  const { declared, problem } = await declaredOf(def, context);
  const extensions = signal.aborted ? [] : plugins.extensionsOf(def);
  // A command's variables do not move it; what another extension does is not known beforehand.
  const mayMove = extensions.some(({ value }) => value.configKey !== "env");
  const command = filled(def, resultFile, mayMove, context);
  const bare = bareSpec(def, command, join(dir, "live"), declared, context);
  const said: string[] = [];
  const say = sayTo(said);
  const extended = extensions.length === 0
    ? untouched(bare)
    : await extend(bare, extensions, hostOf(context, say, signal));
  const failed = extended.failed ?? problem ??
    (isBlankLine(extended.spec.command) ? "its command is empty" : undefined);
  const places = await placesOf({ spec: extended.spec, declared, resultFile }, context);
  const env = environmentOf(extended.spec, resultFile, context);
  const timeoutMs = Math.min(extended.spec.timeoutMs, declared?.timeout ?? Infinity);
  const spec = { ...extended.spec, env: { ...env, ...places.env }, timeoutMs };
  const argv = [...spec.wrappers.flat(), ...await shellOf(spec, context), spec.command];
  const bareProcess: Process = { argv, env: spec.env, sandboxed: undefined };
  const isReady = failed === undefined && !signal.aborted;
  const held = declared && isReady
    ? await sandbox(bareProcess, { def, declared, spec, places, say }, context)
    : bareProcess;
  return {
    ...extended,
    failed,
    ...held,
    def,
    spec,
    places,
    collectors: [...extended.collectors, ...held.sandboxed?.collectors ?? []],
    dir,
    stdoutFile: join(dir, "stdout"),
    stderrFile: join(dir, "stderr"),
    resultFile,
    say,
    said,
  };
}

/**
 * assay finds its own shell, and where `PATH` has none takes the one every system has. What a plugin put
 * around it or in its place starts as the plugin specified.
 */
async function shellOf({ shell, wrappers }: SpecData, { io }: PrepareContext): Promise<string[]> {
  const [program, ...rest] = shell;
  if (wrappers.length > 0 || program !== "sh") return shell;
  try {
    return [await programOf(io, program), ...rest];
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return ["/bin/sh", ...rest];
  }
}

/** The command before any extension. */
function bareSpec(
  def: CommandDef,
  command: string,
  liveDir: string,
  declared: SandboxSpec | undefined,
  { io, project }: PrepareContext,
): SpecData {
  const inherited = inheritedEnvironment(io.environment(), declared?.env ?? "inherit");
  return {
    command,
    originalCommand: command,
    commandName: def.id,
    attemptId: ulid(io),
    workspace: project.root,
    cwd: join(project.root, def.cwd),
    liveDir,
    // Reports are read by machines and people later, so tools should not wrap lines at 80.
    env: { COLUMNS: "200", ...inherited },
    timeoutMs: Math.min(def.timeoutMs, declared?.timeout ?? Infinity),
    shell: ["sh", "-c"],
    wrappers: [],
    extensionData: def.extensionData,
  };
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
  const shown = (path: string) => shellQuote(isMoving ? path : relativeName(cwd, path));
  const fileWord = (path: string) => {
    // Never an option: a path that begins with a dash gets a `./`.
    const word = shown(`${project.root}/${path}`);
    return word.startsWith("-") || word.startsWith("'-") ? word.replace("-", "./-") : word;
  };
  return fillPlaceholders(def.command, {
    run_id: runId,
    run_dir: shown(writer.dir),
    result_file: resultFile === undefined ? "" : shown(resultFile),
    files: (def.chosen ?? []).map(fileWord).join(" "),
  });
}

/** The absolute path of a command's report. */
export function resultPath(
  def: CommandDef,
  { project, runId, writer }: Pick<PrepareContext, "project" | "runId" | "writer">,
): string | undefined {
  if (def.resultFile === undefined) return undefined;
  const runDir = relative(project.root, writer.dir);
  const values = { run_id: runId, run_dir: runDir, result_file: "" };
  return join(project.root, fillPlaceholders(def.resultFile, values));
}

/** Ids may hold characters that mean something to a file system. */
export function folderName(id: string): string {
  return id.replaceAll(/[^\w.-]/g, (char) => `%${char.codePointAt(0)!.toString(16)}`);
}

/** The declared sandbox with its paths as they are on this machine, or why they cannot be resolved. */
async function declaredOf(
  { sandbox }: CommandDef,
  context: PrepareContext,
): Promise<{ readonly declared: SandboxSpec | undefined; readonly problem?: string }> {
  if (sandbox === undefined) return { declared: undefined };
  const { io, project } = context;
  try {
    const declared = await resolvePaths(sandbox.spec, {
      root: project.root,
      home: io.env("HOME"),
      realPath: (path) => io.fs.realPath(path),
      protectedPaths: await protectedPaths(context),
    });
    return { declared };
  } catch (error) {
    if (!(error instanceof PathProblem)) throw error;
    return { declared: sandbox.spec, problem: error.message };
  }
}

/** What decides which programs run outside of a sandbox, whether or not it exists. */
async function protectedPaths({ io, project }: PrepareContext): Promise<string[]> {
  const { root, files } = project;
  const own = [".assay", ".git", ".codeloop", ".bird", ...files].map((path) => join(root, path));
  const base = { root, home: io.env("HOME"), realPath: (path: string) => io.fs.realPath(path) };
  const caches = await Promise.all(cacheFolders(io).map((path) => resolvePath(path, base)));
  return [...new Set([...own, ...caches])];
}

/** What is started, and how it is confined. */
type Process = Pick<Prepared, "argv" | "env" | "sandboxed" | "startMark">;

/** The engines are loaded only for commands that declare a sandbox. */
async function sandbox(
  bare: Process,
  { def, declared, spec, places, say }:
    & Pick<Prepared, "def" | "spec" | "places" | "say">
    & { readonly declared: SandboxSpec },
  context: PrepareContext,
): Promise<Process> {
  const { confine, insideOf, outerEnvironment, startMark } = await import("./sandbox.ts");
  const { attemptId, commandName, workspace, cwd, liveDir } = spec;
  const { tmpDir, filesDir, resultFile } = places;
  const outer = outerEnvironment(context.io.environment(), spec.env);
  const mark = startMark(liveDir);
  const inside = insideOf(bare.argv, outer, mark);
  const sandboxed = await confine(inside, {
    setting: def.sandbox!,
    spec: { ...declared, ...declared.timeout === undefined ? {} : { timeout: spec.timeoutMs } },
    engines: context.plugins.engines,
    probes: context.probes,
    host: hostOf(context, say, context.signal),
    context: {
      ...{ attemptId, commandName, workspace, cwd, liveDir, tmpDir, filesDir },
      protectedPaths: await protectedPaths(context),
      environment: outer.env,
      descriptorsClosed: await launcherOf(context.io) !== undefined,
      ...resultFile === undefined ? {} : { resultFile },
    },
  });
  const { argv } = sandboxed;
  // Nothing wraps it: it is started as if it had no sandbox.
  if (argv.length === inside.length) return { ...bare, sandboxed };
  for (const name of outer.dropped) say(`the variable ${name} is left out: no shell can set it`);
  return { argv, env: outer.env, sandboxed, startMark: mark };
}

/** A path relative to a folder. `relative` takes a backslash in a name for a slash. */
function relativeName(cwd: string, path: string): string {
  if (path.startsWith(`${cwd}/`)) return path.slice(cwd.length + 1);
  return path.includes("\\") ? path : relative(cwd, path);
}

/** The environment with assay's variables, which nothing else sets or removes; paths are absolute. */
function environmentOf(
  { env, attemptId, commandName, workspace }: SpecData,
  resultFile: string | undefined,
  { runId, writer }: PrepareContext,
): Record<string, string> {
  // A command inside another assay's command must not see the outer one's file.
  const { ASSAY_RESULT_FILE: _, ...rest } = env;
  return {
    ...rest,
    ASSAY: "1",
    ASSAY_RUN_ID: runId,
    ASSAY_RUN_DIR: writer.dir,
    [attemptMark]: attemptId,
    ASSAY_RUNNER: commandName,
    ASSAY_WORKSPACE: workspace,
    ...(resultFile === undefined ? {} : { ASSAY_RESULT_FILE: resultFile }),
  };
}

/** The part of the environment kept as evidence: what was configured, never what looks like a secret. */
export function capturedEnvironment(
  env: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  const kept = names.filter((name) => env[name] !== undefined);
  const shown = (name: string) =>
    isSecretName(name) ? "(not kept: it looks like a secret)" : env[name]!;
  return Object.fromEntries(kept.map((name) => [name, shown(name)]));
}

/**
 * Prepares a command for a hypothetical run. Extensions are called as usual; nothing is executed and
 * nothing is stored.
 */
export async function rehearse(
  def: CommandDef,
  context: Pick<PrepareContext, "io" | "project" | "plugins" | "probes" | "signal">,
): Promise<Prepared> {
  const runId = ulid(context.io);
  const dir = join(context.project.root, ".assay", "runs", runId);
  return await prepare(def, { ...context, runId, writer: { dir } });
}
