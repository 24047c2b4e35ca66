/** Records for tests, complete and harmless: a test names only what it is about. */

import type { Attempt, Diagnosis, Event, Run, TestCounts } from "../src/model.ts";

/** Counts whose total is their sum unless it is given. */
export function testCounts(part: Partial<TestCounts> = {}): TestCounts {
  const sum = { passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0, ...part };
  return { total: sum.passed + sum.failed + sum.errored + sum.skipped, ...sum };
}

/** A finished test command that passed. */
export function anAttempt(part: Partial<Attempt> = {}): Attempt {
  return {
    name: "deno_test",
    kind: "test",
    ref: "deno_test:1",
    attempt_id: "01JZ0000000000000000000001",
    required: true,
    command: "deno test",
    cwd: ".",
    state: "finished",
    verdict: "pass",
    reasons: [{ code: "ok", message: "exit code 0" }],
    evidence: "report",
    exit_code: 0,
    signal: null,
    timed_out: false,
    cancelled: false,
    started_at: "2026-01-02T03:04:05.000Z",
    duration_ms: 1200,
    tests: testCounts(),
    diagnostics: 0,
    severities: { error: 0, warning: 0, info: 0 },
    suite_errors: 0,
    result_file: null,
    result_format: "exit-code",
    output_file: ".assay/runs/01JZ/deno_test-1/stdout",
    stderr_file: ".assay/runs/01JZ/deno_test-1/stderr",
    truncated: false,
    artifacts: [],
    metrics: {},
    sandbox: [],
    environment: {},
    extensions: [],
    extension_data: {},
    warnings: [],
    ...part,
  };
}

/** A failed test of the first attempt. */
export function anEvent(part: Partial<Event> = {}): Event {
  return {
    index: 1,
    type: "test",
    status: "failed",
    identity: "identity",
    cluster: "cluster",
    ...part,
  };
}

/** A critical diagnosis of the first attempt. */
export function aDiagnosis(part: Partial<Diagnosis> = {}): Diagnosis {
  return {
    category: "test",
    severity: "critical",
    title: "adds: expected 4, got 5",
    task: "Repair src/add.ts:2 so that the test adds passes.",
    frames: [],
    excerpt: null,
    count: 1,
    refs: ["deno_test:1:1"],
    cluster: "cluster",
    ...part,
  };
}

/** A finished run that is ready. */
export function aRun(part: Partial<Run> = {}): Run {
  return {
    schema: "assay.run/1",
    seq: 1,
    run_id: "01JZ8Q6V7R3M5K2T9W4X1Y0ABC",
    assay_version: "0.1.0",
    root: "/home/ada/app",
    commit: "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d",
    branch: "main",
    dirty: true,
    tree: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    started_at: "2026-01-02T03:04:05.000Z",
    duration_ms: 2500,
    state: "finished",
    verb: "verify",
    recommendation: "ready_for_review",
    confidence: 100,
    threshold: 94,
    gates: [],
    attempts: [],
    warnings: [],
    ...part,
  };
}
