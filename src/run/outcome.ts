/** Stage "settle": the outcome of an attempt, from facts to verdict. */

import { join, relative } from "@std/path";
import { denialText } from "../verdict/_plain_text.ts";
import { needsTests, settle, type Settled } from "../verdict/settle.ts";
import { type CommandDef, statedKind } from "../config/types.ts";
import { uncountedText } from "../config/uncounted.ts";
import type { SettleInput } from "../verdict/types.ts";
import type { Attempt, Denial } from "../model.ts";
import { diagnosticCount, emptyCounts } from "./counts.ts";
import type { Evidence } from "./evidence.ts";
import { capturedEnvironment } from "./prepare.ts";
import type { AttemptContext, Prepared } from "./types.ts";

/** The part of an attempt that is known when it ended. */
export type Outcome = Settled & Partial<Attempt>;

/** The attempt before it starts. */
export function pending(prepared: Prepared, { io, project }: AttemptContext): Attempt {
  const { def } = prepared;
  const counts = emptyCounts();
  return {
    name: def.id,
    kind: statedKind(def),
    ref: "",
    attempt_id: prepared.spec.attemptId,
    required: def.required,
    command: prepared.spec.command,
    cwd: cwdOf(prepared),
    state: "running",
    verdict: "unknown",
    reasons: [],
    evidence: "exit_code",
    exit_code: null,
    signal: null,
    timed_out: false,
    cancelled: false,
    started_at: new Date(io.now()).toISOString(),
    duration_ms: 0,
    tests: counts.tests,
    diagnostics: 0,
    severities: counts.severities,
    suite_errors: 0,
    result_file: prepared.resultFile === undefined
      ? null
      : relative(project.root, prepared.resultFile),
    result_format: def.resultFormat,
    ...(def.batch ? { batch: def.batch } : {}),
    output_file: relative(project.root, prepared.stdoutFile),
    stderr_file: relative(project.root, prepared.stderrFile),
    truncated: false,
    artifacts: [],
    metrics: {},
    sandbox: prepared.sandboxed?.facts ?? [],
    ...prepared.sandboxed ? { grade: prepared.sandboxed.grade } : {},
    environment: capturedEnvironment(prepared.spec.env, def.captureEnv),
    extensions: prepared.applied,
    extension_data: {},
    warnings: prepared.said,
  };
}

/** Relative to the root; as configured where no extension moved it. */
function cwdOf({ def, spec: { cwd, workspace } }: Prepared): string {
  return cwd === join(workspace, def.cwd) ? def.cwd : relative(workspace, cwd) || ".";
}

const noOutput = { output_file: null, stderr_file: null, started_at: null };

/** The outcome of an attempt that was stopped before it started. */
export function cancelled(why: string): Outcome {
  return {
    ...noOutput,
    verdict: "unknown",
    cancelled: true,
    reasons: [{ code: "cancelled", message: `not started: ${why}` }],
  };
}

/** The outcome of an attempt that could not be run as declared. */
export function notRun(
  prepared: Prepared,
  why: Pick<SettleInput, "sandboxUnenforced" | "lockTimeout" | "prepareFailed">,
  context: AttemptContext,
): Outcome {
  return { ...noOutput, ...settle({ ...settings(prepared, context), ...why }) };
}

/** The outcome of an attempt that ran. */
export function settled(prepared: Prepared, evidence: Evidence, context: AttemptContext): Outcome {
  const { executed, counts, artifacts, metrics, denials, extensionData } = evidence;
  const { stdout, stderr } = executed;
  const verdict = settle(factsOf(prepared, evidence, context));
  return {
    ...verdict,
    evidence: evidenceOf(prepared.def, evidence),
    exit_code: executed.exitCode,
    signal: executed.signal,
    timed_out: executed.timedOut,
    cancelled: executed.cancelled,
    started_at: new Date(executed.startedAt).toISOString(),
    duration_ms: Math.round(executed.durationMs),
    tests: counts.tests,
    diagnostics: diagnosticCount(counts),
    severities: counts.severities,
    suite_errors: counts.suiteErrors,
    ...stdout.kept === 0 ? { output_file: null } : {},
    ...stderr.kept === 0 ? { stderr_file: null } : {},
    truncated: stdout.truncated || stderr.truncated,
    artifacts,
    metrics,
    extension_data: extensionData,
    ...denials.length === 0 ? {} : { denials },
    warnings: [...warningsOf(prepared, evidence), ...deniedWarnings(verdict, evidence)],
  };
}

/**
 * What the outcome rests on. A test report that counted none says no more than the exit code, and neither does
 * what it shows about a script.
 */
function evidenceOf({ kind }: CommandDef, { report, counts }: Evidence): Attempt["evidence"] {
  const isCounted = kind !== "test" ||
    (counts.tests.total > 0 && counts.scriptFiles.length === 0);
  return report?.state === "read" && isCounted ? "report" : "exit_code";
}

/** What is known about the command beforehand, and that nothing ran. */
function settings(
  { def, spec }: Prepared,
  { plugins, project, mismatched, run: { verb } }: AttemptContext,
): SettleInput {
  const { kind, resultFormat, declaresExitCode, failOn, allowNoTests, isNarrowed = false } = def;
  const isJudged = verb === "verify" || verb === "hook";
  // Where a change is judged, an exit code proves nothing about tests, unless a person says it is enough.
  const mustCount = kind === "test" && !declaresExitCode && isJudged;
  return {
    ...{ exitCode: null, signal: null, timedOut: false, cancelled: false },
    ...{ kind, resultFormat, failOn, allowNoTests, isNarrowed, mismatched },
    holdsTests: resultFormat !== "exit-code" &&
      needsTests(plugins.parser(resultFormat).holds, kind),
    timeoutMs: spec.timeoutMs,
    uncounted: mustCount ? uncountedText(def, project.plugins) : undefined,
  };
}

function factsOf(prepared: Prepared, evidence: Evidence, context: AttemptContext): SettleInput {
  const { executed, report, counts, toolMissing, oom, denials } = evidence;
  const { exitCode, signal, timedOut, cancelled, spawnError } = executed;
  return {
    ...settings(prepared, context),
    ...{ exitCode, signal, timedOut, cancelled, toolMissing, oom, denials },
    prepareFailed: spawnError?.isMissing === false ? spawnError.message : undefined,
    notExecutable: spawnError?.message.endsWith("not found") === false,
    report: report && { ...counts, ...report },
  };
}

function warningsOf(prepared: Prepared, { executed, counts }: Evidence): string[] {
  const { stdout, stderr, leftBehind, usage } = executed;
  const cut = (name: string, { truncated, kept, seen }: typeof stdout) =>
    truncated ? [`${name}: only the first ${kept} of ${seen} bytes were kept`] : [];
  return [
    ...sandboxWarnings(prepared),
    ...prepared.said,
    ...counts.warnings,
    ...cut("standard output", stdout),
    ...cut("standard error", stderr),
    ...(leftBehind ? [leftText(usage.programs)] : []),
  ];
}

function leftText(programs: readonly string[]): string {
  const names = programs.length === 0 ? "" : `: ${programs.join(", ")}`;
  return `stopped processes that outlived the command${names} (to keep one, start it before assay; to avoid ` +
    "them, look for an option such as --no-daemon)";
}

/** Denials that are no reason: the command did not fail because of them. */
function deniedWarnings({ reasons }: Settled, { denials }: Evidence): string[] {
  const isReason = (denial: Denial) =>
    reasons.some(({ code }) => code === "sandbox_denied") ||
    denial.killed === true && reasons.some(({ code }) => code === "oom");
  return denials.filter((denial) => !isReason(denial))
    .map((denial) => `denied by its sandbox: ${denialText(denial)}`);
}

function sandboxWarnings({ sandboxed }: Prepared): string[] {
  return (sandboxed?.facts ?? [])
    .filter((fact) => fact.enforced_by === undefined)
    .map(({ dimension, declared, why }) =>
      `sandbox: ${dimension} = ${declared} is not enforced: ${why}`
    );
}
