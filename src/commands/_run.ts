/** What the verbs that run something share: signals, progress, the summary, the exit code. */

import { ExitCode, type UserError } from "../errors.ts";
import type { Project } from "../config/types.ts";
import type { Io } from "../io.ts";
import type { Recommendation, Run } from "../model.ts";
import { runPipeline } from "../run/mod.ts";
import type { Plan, RunListener, RunRequest, RunResult } from "../run/mod.ts";
import type { Store } from "../store/types.ts";
import type { Reporting } from "./_reporting.ts";
import type { OpenedContext } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** The exit code of a recommendation. */
export const exitOf: Readonly<Record<Recommendation, ExitCode>> = {
  ready_for_review: ExitCode.ok,
  continue_fixing: ExitCode.failed,
  blocked: ExitCode.blocked,
};

/** Settings of one run besides its plan. */
export interface RunSettings extends Pick<RunRequest, "verb"> {
  readonly jobs?: number;
  readonly failFast?: boolean;
  /** Pass the command's output through; the summary then goes to standard error. */
  readonly passThrough?: boolean;
  /** Hears of the run when its commands have ended and it is recorded. */
  readonly ended?: (run: Run) => void;
}

/** Runs a plan, shows it, and returns the verb's exit code. */
export async function runAndReport(
  call: Call,
  context: OpenedContext,
  plan: Plan,
  { verb, jobs = call.io.cores, failFast = false, passThrough = false, ended }: RunSettings,
): Promise<ExitCode> {
  const { io, json } = call;
  const stop = new AbortController();
  const unlisten = io.onStop((signal) => stop.abort(`${signal} received`));
  const shown = passThrough && !json;
  let progress: Awaited<ReturnType<typeof startProgress>> | undefined;
  try {
    const { reporting, project, store } = context;
    const aside = reporting?.takesStdout ?? false;
    progress = json || shown ? undefined : await startProgress(call);
    const result = await runPipeline({
      verb,
      plan,
      jobs,
      failFast,
      signal: stop.signal,
      ...(shown ? { tee: teeTo(io, aside) } : {}),
      ...(json ? {} : { listener: whileRunning(progress) }),
    }, context);
    ended?.(result.run);
    progress?.end();
    const { run, diagnoses, annotations } = result;
    const problems = reporting ? await written(reporting, result, project, store) : [];
    if (!json && !reporting?.isSummary) {
      const { runSummary } = await loadSummary();
      (shown || aside ? io.stderr : io.stdout).write(runSummary(run, diagnoses, call, annotations));
    }
    return await exitCodeWith(call, run, problems);
  } finally {
    progress?.end();
    unlisten();
    context.store.close();
  }
}

function loadSummary() {
  return import("../report/terminal/run_summary.ts");
}

/** Loads what comes after the run while the commands run: assay itself has nothing to do then. */
function whileRunning(progress: RunListener | undefined): RunListener {
  return {
    ...progress,
    started(attempt) {
      progress?.started?.(attempt);
      void loadSummary();
    },
  };
}

/** `aside`: standard output is a report's. */
function teeTo({ stdout, stderr }: Io, aside: boolean): NonNullable<RunRequest["tee"]> {
  const out = aside ? stderr : stdout;
  return { stdout: (chunk) => out.write(chunk), stderr: (chunk) => stderr.write(chunk) };
}

async function written(
  reporting: Reporting,
  result: RunResult,
  project: Project,
  store: Store,
): Promise<readonly UserError[]> {
  const { runReport } = await import("./_run_report.ts");
  return await reporting.write(runReport(result, project, store));
}

/**
 * The run's own exit code. One that would be 0 says that a report is missing instead: who asked for it would
 * take an old one for this run's.
 */
async function exitCodeWith(
  { io, json, builtins: { version } }: Call,
  run: Run,
  problems: readonly UserError[],
): Promise<ExitCode> {
  const code = exitCodeOf(run);
  if (problems.length === 0) return code;
  const { joined } = await import("./_reporting.ts");
  if (code === ExitCode.ok) throw joined(problems);
  const { describeError } = await import("../report/error.ts");
  const color = io.stderr.isTerminal && !io.env("NO_COLOR");
  io.stderr.write(describeError(joined(problems), { json, color, version }));
  return code;
}

/** The exit code of a run. */
export function exitCodeOf({ state, recommendation }: Run): ExitCode {
  return state === "interrupted" ? ExitCode.interrupted : exitOf[recommendation];
}

async function startProgress(call: Call): Promise<RunListener & { end(): void }> {
  const { progress } = await import("../report/terminal/progress.ts");
  return progress(call.io, { color: call.color, columns: call.columns });
}
