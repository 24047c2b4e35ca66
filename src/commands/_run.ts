/** What the verbs that run something share: signals, progress, the summary, the exit code. */

import { ExitCode } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Recommendation, Run } from "../model.ts";
import { runPipeline } from "../pipeline/mod.ts";
import type { Plan, RunContext, RunListener, RunRequest } from "../pipeline/mod.ts";
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
  context: RunContext,
  plan: Plan,
  { verb, jobs = call.io.cores, failFast = false, passThrough = false, ended }: RunSettings,
): Promise<ExitCode> {
  const { io, json } = call;
  const stop = new AbortController();
  const unlisten = io.onStop((signal) => stop.abort(`${signal} received`));
  const shown = passThrough && !json;
  const progress = json || shown ? undefined : await startProgress(call);
  try {
    const { run, diagnoses, annotations } = await runPipeline({
      verb,
      plan,
      jobs,
      failFast,
      signal: stop.signal,
      ...(shown ? { tee: teeTo(io) } : {}),
      ...(progress ? { listener: progress } : {}),
    }, context);
    ended?.(run);
    progress?.end();
    if (json) io.stdout.write(`${JSON.stringify(run, null, 2)}\n`);
    else {
      const { runSummary } = await import("../report/terminal/mod.ts");
      (shown ? io.stderr : io.stdout).write(runSummary(run, diagnoses, call, annotations));
    }
    return exitCodeOf(run);
  } finally {
    progress?.end();
    unlisten();
    context.store.close();
  }
}

function teeTo({ stdout, stderr }: Io): NonNullable<RunRequest["tee"]> {
  return { stdout: (chunk) => stdout.write(chunk), stderr: (chunk) => stderr.write(chunk) };
}

/** The exit code of a run. */
export function exitCodeOf({ state, recommendation }: Run): ExitCode {
  return state === "interrupted" ? ExitCode.interrupted : exitOf[recommendation];
}

async function startProgress(call: Call): Promise<RunListener & { end(): void }> {
  const { progress } = await import("../report/terminal/mod.ts");
  return progress(call.io, { color: call.color, columns: call.columns });
}
