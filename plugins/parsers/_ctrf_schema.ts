/**
 * CTRF, the Common Test Report Format, as `ctrf.schema.json` of https://github.com/ctrf-io/ctrf has it,
 * with one leniency: times may have fractions, which no count hangs on and several producers write.
 *
 * @module
 */

import * as v from "valibot";

// Valibot takes an array for an object whose keys are all optional.
const notArray = v.check<unknown, string>((value) => !Array.isArray(value), "an object");
const object = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(v.unknown(), notArray, v.strictObject(entries));

const text = v.optional(v.string());
const texts = v.optional(v.array(v.string()));
const id = v.optional(v.pipe(v.string(), v.minLength(1)));
const integer = v.pipe(v.number(), v.integer());
const count = v.pipe(integer, v.minValue(0));
const time = v.optional(v.number());
const name = v.pipe(v.string(), v.minLength(1));
const extra = v.optional(v.pipe(v.unknown(), notArray, v.looseObject({})));
const status = v.picklist(["passed", "failed", "skipped", "pending", "other"]);

const scalar = v.union([v.string(), v.number(), v.boolean()]);
const label = v.union([scalar, v.pipe(v.array(scalar), v.minLength(1))]);
const labels = v.pipe(v.unknown(), notArray, v.record(v.string(), label));

const metric = v.optional(object({ current: time, baseline: time, change: time }));

const attachments = v.optional(v.array(object({
  attachmentId: id,
  name: v.string(),
  contentType: v.string(),
  path: v.string(),
  extra,
})));

const retryAttempt = object({
  attempt: v.pipe(integer, v.minValue(1)),
  attemptId: id,
  status,
  duration: time,
  message: text,
  trace: text,
  line: v.optional(integer),
  snippet: text,
  stdout: texts,
  stderr: texts,
  start: time,
  stop: time,
  attachments,
  extra,
});

const test = object({
  id,
  testId: id,
  executionId: id,
  name,
  status,
  duration: v.number(),
  start: time,
  stop: time,
  suite: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
  message: text,
  trace: text,
  snippet: text,
  ai: text,
  line: v.optional(integer),
  rawStatus: text,
  tags: texts,
  labels: v.optional(labels),
  type: text,
  filePath: text,
  retries: v.optional(integer),
  retryAttempts: v.optional(v.array(retryAttempt)),
  flaky: v.optional(v.boolean()),
  stdout: texts,
  stderr: texts,
  threadId: text,
  browser: text,
  device: text,
  screenshot: text,
  attachments,
  parameters: extra,
  steps: v.optional(v.array(object({ name: v.string(), status, extra }))),
  insights: v.optional(object({
    passRate: metric,
    failRate: metric,
    flakyRate: metric,
    averageTestDuration: metric,
    p95TestDuration: metric,
    executedInRuns: v.optional(integer),
    extra,
  })),
  extra,
});

const summary = object({
  tests: count,
  passed: count,
  failed: count,
  skipped: count,
  pending: count,
  other: count,
  flaky: v.optional(count),
  suites: v.optional(count),
  start: v.number(),
  stop: v.number(),
  duration: time,
  extra,
});

const environment = object({
  reportName: text,
  appName: text,
  appVersion: text,
  buildId: text,
  buildName: text,
  buildNumber: v.optional(integer),
  buildUrl: text,
  repositoryName: text,
  repositoryUrl: text,
  commit: text,
  branchName: text,
  osPlatform: text,
  osRelease: text,
  osVersion: text,
  testEnvironment: text,
  shardId: id,
  healthy: v.optional(v.boolean()),
  extra,
});

const insights = object({
  passRate: metric,
  failRate: metric,
  flakyRate: metric,
  averageRunDuration: metric,
  p95RunDuration: metric,
  averageTestDuration: metric,
  runsAnalyzed: v.optional(integer),
  extra,
});

const baseline = object({
  reportId: v.pipe(v.string(), v.minLength(1)),
  timestamp: text,
  source: text,
  buildNumber: v.optional(integer),
  buildName: text,
  buildUrl: text,
  commit: text,
  extra,
});

/** A CTRF document. */
export const ctrfSchema = object({
  reportFormat: v.literal("CTRF"),
  specVersion: v.pipe(v.string(), v.regex(/^[0-9]+\.[0-9]+\.[0-9]+$/)),
  reportId: id,
  runId: id,
  timestamp: text,
  generatedBy: text,
  extra,
  results: object({
    tool: object({ name, version: text, extra }),
    summary,
    tests: v.array(test),
    environment: v.optional(environment),
    extra,
  }),
  insights: v.optional(insights),
  baseline: v.optional(baseline),
});

/** What {@linkcode ctrfSchema} reads. */
export type Ctrf = v.InferOutput<typeof ctrfSchema>;
