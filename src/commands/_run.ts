/** What the verbs that run something share: signals, progress, the summary, the exit code. */

import { ExitCode, type UserError } from "../errors.ts";
import type { Recommendation, Run } from "../model.ts";
import { runPipeline } from "../run/mod.ts";
import type { Plan, RunRequest } from "../run/mod.ts";
import type { Progress } from "../report/terminal/progress.ts";
import { type OpenedContext, stopSignal } from "./_workspace.ts";
import type { Call } from "./types.ts";

export const exitOf: Readonly<Record<Recommendation, ExitCode>> = {
  ready_for_review: ExitCode.ok,
  continue_fixing: ExitCode.failed,
  blocked: ExitCode.blocked,
};

export interface RunSettings extends Pick<RunRequest, "verb"> {
  /** Called with the run when its commands have ended and it is recorded. */
  readonly ended?: (run: Run) => void;
}

/** Runs a plan, shows it, and returns the verb's exit code. */
export async function runAndReport(
  call: Call,
  context: OpenedContext,
  plan: Plan,
  { verb, ended }: RunSettings,
): Promise<ExitCode> {
  const { io, json } = call;
  const { reporting, project, store } = context;
  const aside = reporting?.takesStdout ?? false;
  const [quiet, verbose] = [call.flag("quiet"), call.flag("verbose")];
  // A single command's output is passed through; the summary then goes to standard error.
  const isShown = verb === "run" && !json;
  const out = aside ? io.stderr : io.stdout;
  const progress = json || isShown || quiet ? undefined : await startProgress(call);
  try {
    const result = await runPipeline({
      verb,
      plan,
      jobs: Number(call.value("jobs") ?? io.cores),
      failFast: call.flag("fail-fast"),
      signal: stopSignal(call),
      listener(event) {
        progress?.hear(event);
        reporting?.hear(event);
        if (isShown && event.type === "output") {
          (event.stream === "stdout" ? out : io.stderr).write(event.chunk);
        }
        // While the commands run, assay is idle: code for after the run is loaded then.
        if (event.type === "started" && !json) void loadSummary();
      },
    }, context);
    ended?.(result.run);
    progress?.end();
    const { run, diagnoses, annotations } = result;
    const problems = await reporting?.write(result, project, store) ?? [];
    const isFine = exitCodeOf(run) === ExitCode.ok && problems.length === 0;
    if (!json && !reporting?.isSummary && !(isFine && quiet)) {
      const { runSummary, shortSummary } = await loadSummary();
      const text = isFine && verb === "hook" && !verbose
        ? shortSummary(run, call)
        : runSummary(run, diagnoses, { ...call, verbose }, annotations);
      (isShown ? io.stderr : out).write(text);
    }
    return await exitCodeWith(call, run, problems);
  } finally {
    progress?.end();
  }
}

function loadSummary() {
  return import("../report/terminal/run_summary.ts");
}

/**
 * The run's own exit code; an error instead of 0 if a report could not be written, since an old one would be
 * taken for this run's.
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

export function exitCodeOf({ state, recommendation }: Run): ExitCode {
  return state === "interrupted" ? ExitCode.interrupted : exitOf[recommendation];
}

async function startProgress(call: Call): Promise<Progress> {
  const { progress } = await import("../report/terminal/progress.ts");
  return progress(call.io, { color: call.color, columns: call.columns });
}
