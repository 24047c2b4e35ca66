/**
 * The way of one run, in order:
 *
 * ```
 * plan ─► open ─► per command: prepare ─► execute ─► collect ─► parse ─► store ─► settle ─► annotate
 *                            (extensions)         (collectors) (parsers) (extensions)     (annotators)
 *                 all commands done ─► diagnose ─► gate ─► close
 * ```
 *
 * Every verb that runs something comes through {@linkcode runPipeline}: there is no way around the
 * limits, the locks, the evidence and the store.
 *
 * @module
 */

import type { CommandDef, Project } from "../config/types.ts";
import { evaluateUngated } from "../verdict/gates.ts";
import type { Io } from "../io.ts";
import type { Annotation, Attempt, Diagnosis, Run } from "../model.ts";
import { type Lineage, lineage as lineageOf, lookingMode } from "../git/lineage.ts";
import { realPlace } from "../store/aside.ts";
import type { RunWriter, Store } from "../store/types.ts";
import { changedSince, type WorkMarks } from "../git/work_marks.ts";
import type { Execution } from "../process/types.ts";
import { probesOf } from "./call.ts";
import type { AttemptContext } from "./types.ts";
export type { Probes } from "./types.ts";
import { ulid } from "../ulid.ts";
import { runAttempt } from "./attempt.ts";
import { diagnoseRun, gateRun, ofAttempts, type TreeNow } from "./judge.ts";
import { whoModified, writtenBy } from "./modified.ts";
import { watchOom } from "../process/oom.ts";
import { checkPlan, inTurn, type Plan, schedule } from "./plan.ts";
import type { Plugins } from "./plugins.ts";
import { resultPath } from "./prepare.ts";

export { planCommands, planVerify } from "./plan.ts";
export type { Plan, Selection } from "./plan.ts";
export { narrowed, type Scope } from "./narrow.ts";
export { listFiles } from "./narrow.ts";
export { rehearse } from "./prepare.ts";
export { probesOf } from "./call.ts";
export { type LoadedPlugin, type Plugins, pluginsOf } from "./plugins.ts";

/** What a verb wants run. */
export interface RunRequest {
  readonly verb: "verify" | "run" | "exec" | "hook";
  readonly plan: Plan;
  readonly jobs: number;
  /** Stop at the first required command that does not pass. */
  readonly failFast: boolean;
  /** Aborted by a signal: stop everything and record it. */
  readonly signal: AbortSignal;
  /** Shows the commands' raw output as it comes. */
  readonly tee?: NonNullable<Execution["tee"]>;
  readonly listener?: RunListener;
}

/** Hears what the run does. */
export interface RunListener {
  planned?(commands: readonly CommandDef[]): void;
  started?(attempt: Attempt): void;
  finished?(attempt: Attempt): void;
}

/** Where the run happens. */
export interface PipelineContext {
  readonly io: Io;
  readonly project: Project;
  readonly store: Store;
  /** Commit, branch and tree before the first command starts. */
  readonly lineage: Lineage;
  /** What the working tree was like then; absent where git does not tell. */
  readonly marks?: WorkMarks;
  /** What is amiss before anything ran, for people. */
  readonly warnings: readonly string[];
  readonly plugins: Plugins;
  readonly version: string;
}

/** A finished run and what to repair in it. */
export interface RunResult {
  readonly run: Run;
  readonly diagnoses: readonly Diagnosis[];
  /** What eager annotators say of whole attempts for all to see. */
  readonly annotations: readonly Annotation[];
}

/** Runs the plan and keeps its evidence. */
export async function runPipeline(
  request: RunRequest,
  context: PipelineContext,
): Promise<RunResult> {
  const { io, project, store } = context;
  await checkPlan(io, project, request.plan);
  const start = io.monotonic();
  const names = request.plan.commands.map(({ id }) => id);
  const writer = await store.startRun(openRun(request, context), names);
  const opened = writer.run;
  const attempts = await runAttempts(request, context, opened, writer);
  const treeNow = await treeAfter(request, context);
  const modified = treeNow?.changed
    ? await whoModified(io, project.root, treeNow.changed, attempts)
    : [];
  const ran: Run = {
    ...opened,
    warnings: [...opened.warnings, ...modified],
    state: request.signal.aborted ? "interrupted" : "finished",
    attempts,
  };
  const diagnoses = await diagnoseRun(ran, context);
  const { gates, confidence, recommendation } = request.plan.isUngated
    ? evaluateUngated({ state: ran.state, attempts })
    : await gateRun(ran, request.plan, context, treeNow);
  const duration_ms = Math.round(io.monotonic() - start);
  const run: Run = { ...ran, gates, confidence, recommendation, duration_ms };
  await writer.finishRun(run);
  return { run, diagnoses, annotations: annotationsOf(run, context) };
}

function annotationsOf(run: Run, { plugins, store }: PipelineContext): readonly Annotation[] {
  return plugins.annotators.some(({ value }) => value.eager) ? ofAttempts(run, store) : [];
}

/** The working tree now, where it is to be judged: asked for, or other than before. */
async function treeAfter(
  { verb, plan }: RunRequest,
  { io, project, marks, lineage }: PipelineContext,
): Promise<TreeNow | undefined> {
  const { root, gates } = project;
  const written = writtenBy(project);
  const own = writtenBy({ ...project, commands: [...project.commands, ...plan.commands] });
  // What a sandboxed command left in a repository starts nothing outside.
  const isHeld = plan.commands.some(({ sandbox }) => sandbox !== undefined);
  const mode = isHeld ? await lookingMode(io, root).catch(() => null) : undefined;
  if (mode === null) return { tree: null };
  const changed = marks ? await changedSince(io, root, marks, own, mode) : [];
  if (changed === undefined) return { tree: null };
  if (changed.length > 0) return { tree: null, changed };
  if (!gates.fresh) return undefined;
  // A hook tests what is staged or committed: what else lies there is no part of it.
  if (verb === "hook") return lineage;
  return await lineageOf(io, root, { written: Promise.resolve(written) });
}

/** The run's record before anything is known: whatever ends it early, it is not green. */
function openRun(request: RunRequest, context: PipelineContext): Omit<Run, "seq"> {
  const { io, project, lineage, version, warnings } = context;
  const { present, skipped, partial, unneeded = [] } = request.plan;
  return {
    schema: "assay.run/1",
    run_id: ulid(io),
    assay_version: version,
    root: project.root,
    ...lineage,
    started_at: new Date(io.now()).toISOString(),
    duration_ms: 0,
    state: "running",
    verb: request.verb,
    recommendation: "blocked",
    confidence: 0,
    threshold: project.gates.threshold,
    gates: [],
    attempts: [],
    ...(unneeded.length > 0 ? { unneeded } : {}),
    coverage: { present, skipped, partial },
    warnings,
  };
}

async function runAttempts(
  request: RunRequest,
  context: PipelineContext,
  run: Run,
  writer: RunWriter,
): Promise<Attempt[]> {
  const { plan, jobs, failFast, signal, tee, listener } = request;
  const { io, project, plugins, store } = context;
  const stop = new AbortController();
  signal.addEventListener("abort", () => stop.abort(signal.reason), { once: true });
  if (signal.aborted) stop.abort(signal.reason);
  const oom = watchOom(io);
  const reports = await Promise.all(plan.commands.map(async (def) => {
    const path = resultPath(def, { project, runId: run.run_id, writer });
    return path && await realPlace(io, path);
  }));
  const turns = new Map<string, Promise<unknown>>();
  const shared: AttemptContext = {
    io,
    project,
    run,
    runId: run.run_id,
    store,
    writer,
    plugins,
    probes: probesOf(io, context.version),
    signal: stop.signal,
    oom,
    sharedReports: new Set(
      reports.filter((path, index) => path !== undefined && reports.indexOf(path) !== index),
    ) as Set<string>,
    started: (attempt) => listener?.started?.(attempt),
    ...(tee ? { tee } : {}),
  };
  listener?.planned?.(plan.commands);
  try {
    return await schedule(
      [...plan.commands.entries()],
      jobs,
      ([index, def]) =>
        inTurn(turns, reports[index] ?? "", async () => {
          const attempt = await runAttempt(def, shared);
          listener?.finished?.(attempt);
          if (failFast && def.required && attempt.verdict !== "pass") {
            stop.abort(`--fail-fast after ${attempt.ref}`);
          }
          return attempt;
        }),
    );
  } finally {
    oom.end();
  }
}
