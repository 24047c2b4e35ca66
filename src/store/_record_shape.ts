/** What records on disk must be like, for all that reads them relies on it. They may have been edited by hand. */

import type { Attempt, Event, Gate, Run } from "../model.ts";
import { isTable } from "../text/values.ts";

type Check = (value: unknown) => boolean;
/** Every key of a record: one that the model gains is missed by the compiler here. */
type Checks<T> = { readonly [Key in keyof Required<T>]: Check };

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number" && Math.abs(value) < 2 ** 52;
const time: Check = (value) => text(value) && !isNaN(Date.parse(`${value}`));
const truth: Check = (value) => typeof value === "boolean";
const list = (item: Check): Check => (value) => Array.isArray(value) && value.every(item);
const tableOf = (item: Check): Check => (value) =>
  isTable(value) && Object.values(value).every(item);
const oneOf = (words: string): Check => (value) =>
  text(value) && words.split(" ").includes(`${value}`);
const orNull = (check: Check): Check => (value) => value === null || check(value);
const maybe = (check: Check): Check => (value) => value === undefined || check(value);
const record = (checks: Readonly<Record<string, Check>>): Check => (value) =>
  isTable(value) && misfit(value, checks) === undefined;

/** The first key that is missing or has something else. */
function misfit(value: object, checks: Readonly<Record<string, Check>>): string | undefined {
  return Object.keys(checks).find((key) => !checks[key]!((value as Record<string, unknown>)[key]));
}

const kind = oneOf("build test lint");
const verdict = oneOf("pass fail unknown");
const counts = (...names: string[]) =>
  record(Object.fromEntries(names.map((name) => [name, number])));

const attempt: Checks<Attempt> = {
  id: text,
  kind,
  ref: text,
  attempt_id: text,
  required: truth,
  command: text,
  original_command: text,
  cwd: text,
  state: oneOf("pending running finished interrupted"),
  verdict,
  reasons: list(record({ code: text, message: text })),
  evidence: oneOf("report output exit_code"),
  exit_code: orNull(number),
  signal: orNull(text),
  timed_out: truth,
  cancelled: truth,
  started_at: orNull(time),
  duration_ms: number,
  tests: counts("total", "passed", "failed", "errored", "skipped", "flaky"),
  diagnostics: number,
  severities: counts("error", "warning", "info"),
  suite_errors: number,
  result_file: orNull(text),
  result_format: text,
  batch: maybe(counts("number", "of")),
  output_file: orNull(text),
  stderr_file: orNull(text),
  truncated: truth,
  artifacts: list(record({ name: text, path: text, sha256: text, bytes: number })),
  metrics: tableOf(number),
  sandbox: list(record({ dimension: text, declared: text })),
  grade: maybe(text),
  denials: maybe(list(record({ dimension: text, evidence: text }))),
  environment: tableOf(text),
  extensions: list(record({ extension: text, changes: isTable, duration_ms: number })),
  extension_data: tableOf(isTable),
  warnings: list(text),
};

const gate: Checks<Gate> = {
  id: text,
  status: oneOf("pass fail unknown waived not_applicable"),
  score: number,
  weight: number,
  required: truth,
  reason: text,
  code: maybe(text),
};

const run: Checks<Omit<Run, "schema" | "run_id" | "seq">> = {
  assay_version: text,
  root: text,
  commit: orNull(text),
  branch: orNull(text),
  dirty: orNull(truth),
  tree: orNull(text),
  started_at: time,
  duration_ms: number,
  state: oneOf("running finished interrupted"),
  verb: text,
  recommendation: oneOf("ready_for_review continue_fixing blocked"),
  confidence: number,
  threshold: number,
  gates: list(record(gate)),
  runners: list(record(attempt)),
  unneeded: maybe(list(record({ id: text, kind, required: truth, reason: text }))),
  coverage: maybe(record({ present: list(kind), skipped: list(kind), partial: truth })),
  warnings: list(text),
};

const event: Checks<Event> = {
  file: maybe(text),
  line: maybe(number),
  column: maybe(number),
  end_line: maybe(number),
  end_column: maybe(number),
  index: number,
  type: oneOf("test diagnostic suite_error"),
  status: text,
  name: maybe(text),
  suite: maybe(text),
  rule: maybe(text),
  tool: maybe(text),
  message: maybe(text),
  details: maybe(text),
  duration_ms: maybe(number),
  flaky: maybe(truth),
  frames: maybe(list(record({ file: text }))),
  identity: text,
  cluster: text,
};

/** The first key of a run's record that is missing or not what it must be. */
export function misfitOfRun(value: object): string | undefined {
  return misfit(value, run);
}

/** Whether a value is an event's record. */
export function isEvent(value: unknown): value is Event {
  return record(event)(value);
}
