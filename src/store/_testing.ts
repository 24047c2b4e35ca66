/** Records for the store's tests: whole, valid, and as alike as two runs of one project. */

import type { Attempt, Event, Run } from "../model.ts";
import type { RunWriter } from "./types.ts";

export function sampleRun(runId: string, more: Partial<Run> = {}): Run {
  return {
    schema: "assay.run/1",
    run_id: runId,
    seq: 1,
    assay_version: "0.1.0",
    root: "/project",
    commit: null,
    branch: "main",
    dirty: false,
    tree: null,
    started_at: "2026-01-02T03:04:05.678Z",
    duration_ms: 0,
    state: "running",
    verb: "verify",
    recommendation: "blocked",
    confidence: 0,
    threshold: 94,
    gates: [],
    attempts: [],
    warnings: [],
    ...more,
  };
}

/** A run that ended green, as the pipeline hands it over. */
export function greenRun(
  runId: string,
  attempts: readonly Attempt[],
  more: Partial<Run> = {},
): Run {
  return sampleRun(runId, {
    state: "finished",
    recommendation: "ready_for_review",
    confidence: 100,
    duration_ms: 12,
    attempts,
    gates: [
      { id: "test", status: "pass", score: 1, weight: 40, required: true, reason: "2 of 2 passed" },
    ],
    ...more,
  });
}

export function sampleAttempt(id: string, attemptId: string, more: Partial<Attempt> = {}): Attempt {
  return {
    name: id,
    kind: "test",
    ref: "",
    attempt_id: attemptId,
    required: true,
    command: "make test",
    cwd: ".",
    state: "running",
    verdict: "unknown",
    reasons: [],
    evidence: "exit_code",
    exit_code: null,
    signal: null,
    timed_out: false,
    cancelled: false,
    started_at: "2026-01-02T03:04:06.000Z",
    duration_ms: 0,
    tests: { total: 0, passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0 },
    diagnostics: 0,
    severities: { error: 0, warning: 0, info: 0 },
    suite_errors: 0,
    result_file: "report.xml",
    result_format: "junit-xml",
    output_file: "out",
    stderr_file: "err",
    truncated: false,
    artifacts: [],
    metrics: {},
    environment: {},
    extensions: [],
    extension_data: {},
    sandbox: [],
    warnings: [],
    ...more,
  };
}

/** What an attempt becomes when its two tests passed. */
export const passed: Partial<Attempt> = {
  state: "finished",
  verdict: "pass",
  reasons: [{ code: "ok", message: "2 tests passed" }],
  exit_code: 0,
  duration_ms: 11,
  tests: { total: 2, passed: 2, failed: 0, errored: 0, skipped: 0, flaky: 0 },
  artifacts: [{ name: "report", path: "report.xml", sha256: "ab".repeat(32), bytes: 17 }],
  metrics: { peak_memory: 123 },
  extension_data: { greeting: { text: "hello", more: { list: [1, null, true] } } },
};

/** `count` events from `first` on, of which every tenth is a failed test. */
export function sampleEvents(count: number, first = 1): Event[] {
  return Array.from({ length: count }, (_, offset) => {
    const index = first + offset;
    const failed = index % 10 === 0;
    return {
      index,
      type: "test",
      status: failed ? "failed" : "passed",
      name: `test ${index}`,
      file: `tests/part_${index % 7}.py`,
      line: index,
      duration_ms: 1.5,
      ...(failed ? { message: `expected ${index} to be 4\n"and" more` } : {}),
      identity: index.toString(16).padStart(16, "0"),
      cluster: "00000000000000aa",
    };
  });
}

/** Starts an attempt as the pipeline does: its row, then its line in the journal. */
export function start(writer: RunWriter, attempt: Attempt): { readonly ref: string } {
  const { ref } = writer.startAttempt(attempt);
  writer.journal({ type: "started", at, attempt: { ...attempt, ref } });
  return { ref };
}

/** Ends it likewise: the line comes first. */
export function finish(writer: RunWriter, attempt: Attempt): void {
  writer.journal({ type: "settled", at, attempt });
  writer.finishAttempt(attempt);
}

const at = "2026-01-02T03:04:07.000Z";
