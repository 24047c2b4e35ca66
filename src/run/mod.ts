/**
 * The stages of one run, in order:
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

import { statedKind } from "../config/types.ts";
import { evaluateUngated } from "../verdict/gates.ts";
import type { Annotation, Attempt, Diagnosis, Run, Untested } from "../model.ts";
import { realPlace } from "../store/aside.ts";
import type { RunWriter } from "../store/types.ts";
import { probesOf } from "./call.ts";
import type { AttemptContext, PipelineContext, RunRequest } from "./types.ts";
import { ulid } from "../ulid.ts";
import { type Emit, eventStream } from "./events.ts";
import { runAttempt } from "./attempt.ts";
import { diagnoseRun, gateRun, ofAttempts } from "./judge.ts";
import { treeAfter, whoModified } from "./modified.ts";
import { checkPlan, inTurn, schedule } from "./plan.ts";
import { resultPath } from "./prepare.ts";

export { planCommands, planVerify } from "./plan.ts";
export type { Plan, Selection } from "./plan.ts";
export type { LiveEvent, RunListener } from "./events.ts";
export type { PipelineContext, Probes, RunRequest } from "./types.ts";
export { listFiles, narrowed, type Scope } from "./narrow.ts";
export { rehearse } from "./prepare.ts";
export { probesOf } from "./call.ts";
export { type LoadedPlugin, type Plugins, pluginsOf } from "./plugins.ts";

/** A finished run and what to fix in it. */
export interface RunResult {
  readonly run: Run;
  readonly diagnoses: readonly Diagnosis[];
  /** Public annotations of whole attempts by eager annotators. */
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
  const emit = eventStream(io, writer, request.listener);
  const { run_id, seq, verb } = opened;
  const commands = request.plan.commands.map((def) => ({
    name: def.id,
    kind: statedKind(def),
    required: def.required,
  }));
  emit({ type: "planned", run_id, seq, verb, commands });
  const attempts = await runAttempts(request, context, writer, emit);
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
  const { untested = [] } = context;
  const diagnoses = await diagnoseRun({ ...ran, untested }, context);
  const { gates, confidence, recommendation } = request.plan.isUngated
    ? evaluateUngated({ state: ran.state, attempts })
    : await gateRun(ran, request.plan, context, treeNow);
  emit({ type: "gates", gates, confidence, threshold: ran.threshold, recommendation });
  const duration_ms = Math.round(io.monotonic() - start);
  // The record has those that a failure names, wherever they are in the list.
  const isNamed = ({ path }: Untested) => diagnoses.some(({ task }) => task.startsWith(`${path} `));
  const named = untested.length > untestedLimit ? untested.filter(isNamed) : [];
  const run: Run = {
    ...ran,
    ...untestedIn([...new Set([...named, ...untested])]),
    ...{ gates, confidence, recommendation, duration_ms },
  };
  // Only once all of it is stored: whoever listens takes this line for the end of a whole run.
  const at = new Date(io.now()).toISOString();
  const closed = { type: "closed", run_id, state: run.state, duration_ms, at } as const;
  await writer.finishRun(run, closed);
  request.listener?.(closed);
  const isAnnotated = context.plugins.annotators.some(({ value }) => value.eager);
  return { run, diagnoses, annotations: isAnnotated ? ofAttempts(run, store) : [] };
}

/** Files a run's record names: a few are enough to recognise the cause. */
const untestedLimit = 200;

function untestedIn(untested: readonly Untested[]): Pick<Run, "untested"> {
  return untested.length > 0 ? { untested: untested.slice(0, untestedLimit) } : {};
}

/** The run's record before anything is known: however it ends early, it is not green. */
function openRun(request: RunRequest, context: PipelineContext): Omit<Run, "seq"> {
  const { io, project, lineage, version, warnings, untested = [] } = context;
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
    ...untestedIn(untested),
    coverage: { present, skipped, partial },
    warnings: untested.length <= untestedLimit ? warnings : [
      ...warnings,
      `${untested.length} files were set aside: the record names ${untestedLimit} of them`,
    ],
  };
}

async function runAttempts(
  request: RunRequest,
  context: PipelineContext,
  writer: RunWriter,
  emit: Emit,
): Promise<Attempt[]> {
  const { plan, jobs, failFast, signal } = request;
  const { run } = writer;
  const { io, project, plugins, store } = context;
  const stop = new AbortController();
  signal.addEventListener("abort", () => stop.abort(signal.reason), { once: true });
  if (signal.aborted) stop.abort(signal.reason);
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
    mismatched: context.mismatched ?? [],
    probes: probesOf(io, context.version),
    signal: stop.signal,
    sharedReports: new Set(
      reports.filter((path, index) => path !== undefined && reports.indexOf(path) !== index),
    ) as Set<string>,
    emit,
  };
  return await schedule(
    [...plan.commands.entries()],
    jobs,
    ([index, def]) =>
      inTurn(turns, reports[index] ?? "", async () => {
        const attempt = await runAttempt(def, shared);
        if (failFast && def.required && attempt.verdict !== "pass") {
          stop.abort(`--fail-fast after ${attempt.ref}`);
        }
        return attempt;
      }),
  );
}
