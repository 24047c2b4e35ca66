/**
 * The records of a run. Field names are those of the evidence on disk (`run.json`), of the database and of
 * `--json`, so one definition serves all three: the type, the check and the JSON Schema.
 *
 * Times are ISO 8601 in UTC; durations are milliseconds; lines and columns count from 1; paths are
 * relative to the project root with `/` unless they lie outside it. Optional keys are absent, never
 * `undefined`; `null` means that there is none.
 *
 * @module
 */

import * as v from "valibot";
import type { Event, Frame, Reason } from "../contract/event.ts";
import {
  about,
  count,
  flag,
  kind,
  milliseconds,
  number,
  type Of,
  of,
  path,
  position,
  reasonCode,
  statedKind,
  text,
  texts,
  time,
} from "./parts.ts";

const percent = v.pipe(number, v.minValue(0), v.maxValue(100));
const table = v.record(text, v.unknown());

export const verdict = v.picklist(["pass", "fail", "unknown"]);
export const severity = v.picklist(["error", "warning", "info"]);

const reason = of<Reason>()(v.strictObject({ code: reasonCode, message: text }));

/** Results of the tests in one report. `flaky` tests are included in `passed`. */
export type TestCounts = v.InferOutput<typeof testCounts>;
export const testCounts = v.strictObject({
  total: count,
  passed: count,
  failed: count,
  errored: count,
  skipped: count,
  flaky: about(count, "among the passed"),
});

/** Number of diagnostics of each severity. */
export const severities = v.strictObject({ error: count, warning: count, info: count });

const frame = of<Frame>()(v.strictObject({
  file: path,
  line: v.exactOptional(position),
  column: v.exactOptional(position),
  function: v.exactOptional(text),
}));

const place = {
  file: v.exactOptional(path),
  line: v.exactOptional(position),
  column: v.exactOptional(position),
  end_line: v.exactOptional(position),
  end_column: v.exactOptional(position),
};

export const event = of<Event>()(v.strictObject({
  ...place,
  index: position,
  type: v.picklist(["test", "diagnostic", "suite_error"]),
  status: v.picklist(["passed", "failed", "errored", "skipped", "error", "warning", "info"]),
  name: v.exactOptional(text),
  suite: v.exactOptional(text),
  rule: v.exactOptional(text),
  tool: v.exactOptional(text),
  message: v.exactOptional(text),
  details: v.exactOptional(text),
  duration_ms: v.exactOptional(milliseconds),
  flaky: v.exactOptional(flag),
  frames: v.exactOptional(v.array(frame)),
  identity: text,
  cluster: text,
}));

/** One dimension of a declared sandbox and its outcome. */
export interface SandboxFact extends Of<typeof sandboxFact> {}
export const sandboxFact = v.strictObject({
  dimension: text,
  declared: text,
  enforced_by: v.exactOptional(
    about(text, "the engine, assay for what assay does itself; absent when nothing did"),
  ),
  caveat: v.exactOptional(about(text, "what the enforcing engine leaves out")),
  why: v.exactOptional(about(text, "why it was not enforced")),
});

/** How wide the enforced sandbox is, the tightest first. */
export type Grade = Of<typeof grade>;
export const grade = v.picklist(["sealed", "pinhole", "scoped", "broad", "open"]);

/** Something a sandbox kept a command from doing. */
export interface Denial extends Of<typeof denial> {}
const denial = v.strictObject({
  dimension: text,
  subject: v.exactOptional(about(text, "the path, host or system call, when it is known")),
  evidence: about(text, "where this is known from"),
  killed: v.exactOptional(about(flag, "the kernel or the engine ended the command for this")),
});

/** A value before and after an extension changed it. */
export interface Change<T> {
  readonly before: T;
  readonly after: T;
}

const change = <S extends v.GenericSchema>(value: S) =>
  v.exactOptional(v.strictObject({ before: value, after: value }));

/** What one extension changed in a command; absent keys are unchanged. */
export type SpecChanges = AppliedExtension["changes"];

/** An extension that prepared a command. */
export interface AppliedExtension extends Of<typeof appliedExtension> {}
export const appliedExtension = v.strictObject({
  extension: text,
  changes: v.strictObject({
    command: change(about(text, "the shell line")),
    cwd: change(path),
    timeout_ms: change(milliseconds),
    shell: change(texts),
    wrappers: change(about(v.array(texts), "programs in front of the shell, outermost first")),
    env: v.exactOptional(
      about(v.strictObject({ set: texts, unset: texts }), "names alone: values may be secrets"),
    ),
    collectors: v.exactOptional(about(count, "how many it registered")),
  }),
  duration_ms: milliseconds,
});

/** A file kept as evidence. */
export interface Artifact extends Of<typeof artifact> {}
const artifact = v.strictObject({ name: text, path, sha256: text, bytes: count });

/** What a check's result is based on, the strongest first. */
export type EvidenceGrade = Attempt["evidence"];

/** One command of a run, and its result. */
export interface Attempt extends Of<typeof attempt> {}
export const attempt = v.strictObject({
  name: about(text, "the runner's or command's"),
  kind: statedKind,
  ref: about(text, "such as test:12"),
  attempt_id: text,
  required: flag,
  command: about(text, "the shell line as it was run: placeholders filled, extensions done"),
  cwd: text,
  state: v.picklist(["pending", "running", "finished", "interrupted"]),
  verdict,
  reasons: v.array(reason),
  // For a test, `report` only if it counted at least one.
  evidence: about(
    v.picklist(["report", "output", "exit_code"]),
    "what the result rests on: counted, read from standard output, the exit code",
  ),
  exit_code: v.nullable(number),
  signal: v.nullable(text),
  timed_out: flag,
  cancelled: flag,
  started_at: v.nullable(time),
  duration_ms: milliseconds,
  tests: testCounts,
  diagnostics: about(count, "how many the report holds"),
  severities,
  suite_errors: about(count, "errors outside any test"),
  result_file: about(v.nullable(path), "as configured; null: none, or on standard output"),
  result_format: text,
  batch: v.exactOptional(about(
    v.strictObject({ number: position, of: position }),
    "which part of the runner's files it was given, where one line could not hold them all",
  )),
  output_file: about(
    v.nullable(path),
    "raw standard output, relative to the root; null: nothing was written",
  ),
  stderr_file: about(
    v.nullable(path),
    "raw standard error, relative to the root; null: nothing was written",
  ),
  truncated: about(flag, "a stream was larger than the cap and only its beginning was kept"),
  artifacts: v.array(artifact),
  metrics: v.record(text, number),
  sandbox: v.array(sandboxFact),
  grade: v.exactOptional(about(grade, "of what was enforced; absent: no sandbox is declared")),
  denials: v.exactOptional(about(v.array(denial), "as far as there is evidence")),
  environment: about(v.record(text, text), "of capture_env, without what looks like a secret"),
  extensions: about(v.array(appliedExtension), "in their order"),
  extension_data: about(v.record(text, table), "by the extension's name and its own key"),
  warnings: texts,
});

/** What an annotator says about an event, or about an attempt as a whole. */
export interface Annotation extends Of<typeof annotation> {}
export const annotation = v.strictObject({
  ref: about(text, "of the event or attempt, such as test:12:3"),
  annotator: text,
  key: about(text, "one annotator says one thing of one event under one key"),
  type: about(text, "a category, such as source_context"),
  display: v.picklist(["inline", "detail", "hidden"]),
  text: v.exactOptional(about(text, "what is shown, one line or several; without it the data is")),
  data: v.exactOptional(about(table, "for programs")),
});

/** The possible states of a gate. */
export type GateStatus = Gate["status"];

/** One gate of a run. */
export interface Gate extends Of<typeof gate> {}
const gate = v.strictObject({
  id: text,
  status: v.picklist(["pass", "fail", "unknown", "waived", "not_applicable"]),
  score: v.pipe(number, v.minValue(0), v.maxValue(1)),
  weight: v.pipe(number, v.minValue(0)),
  required: flag,
  reason: text,
  code: v.exactOptional(about(reasonCode, "why, where programs need to tell")),
});

/** Which checks a run is about. */
export interface Coverage extends Of<typeof coverage> {}
const coverage = v.strictObject({
  present: about(v.array(kind), "kinds of which there is a runner that applies and is needed"),
  skipped: about(v.array(kind), "kinds of which something required was left out on request"),
  partial: about(flag, "something was left out, or no change concerns it: not the whole"),
});

/** A runner that applies to the project but was not needed in a run: none of its files changed. */
export interface Unneeded extends Of<typeof unneeded> {}
const unneeded = v.strictObject({ name: text, kind: statedKind, required: flag, reason: text });

/** A file that a hook set aside, or whose changes it did: what was tested does not contain them. */
export interface Untested extends Of<typeof untested> {}
const untested = v.strictObject({
  path,
  state: v.picklist(["untracked", "unstaged", "uncommitted"]),
});

/** What assay advises. Only `ready_for_review` is green. */
export type Recommendation = Run["recommendation"];

/** One `assay verify`, `run` or `hook run`. This is `run.json`, and what `--json` prints. */
export interface Run extends Of<typeof run> {}
export const run = v.strictObject({
  schema: v.literal("assay.run/1"),
  run_id: text,
  seq: about(position, "in the order in which runs start: the newest has the highest"),
  assay_version: text,
  root: text,
  commit: v.nullable(text),
  branch: v.nullable(text),
  dirty: v.nullable(flag),
  tree: about(v.nullable(text), "git's hash of the working tree, untracked files included"),
  bytes: v.exactOptional(about(
    v.nullable(text),
    "SHA-256 over the files that git does not store byte for byte (filters, line endings), and over modes it " +
      "does not look at; null: there are none",
  )),
  definitions: v.exactOptional(
    about(text, "SHA-256 over the configuration, the manifests and what plugins are made of"),
  ),
  started_at: time,
  duration_ms: milliseconds,
  state: v.picklist(["running", "finished", "interrupted"]),
  verb: about(text, "that made the run"),
  recommendation: v.picklist(["ready_for_review", "continue_fixing", "blocked"]),
  confidence: percent,
  threshold: percent,
  gates: v.array(gate),
  attempts: v.array(attempt),
  unneeded: v.exactOptional(v.array(unneeded)),
  untested: v.exactOptional(about(v.array(untested), "what a hook set aside, at most 200 files")),
  coverage: v.exactOptional(about(coverage, "absent: not known, so nothing is said of any kind")),
  warnings: texts,
});

/** How severe a diagnosis is. */
export type DiagnosisSeverity = Diagnosis["severity"];

/** One thing to repair: a cluster of events, or a command's outcome. */
export interface Diagnosis extends Of<typeof diagnosis> {}
export const diagnosis = v.strictObject({
  ...place,
  category: v.picklist([
    "test",
    "lint",
    "build",
    "command",
    "crash",
    "timeout",
    "missing_tool",
    "unreadable_report",
    "no_evidence",
    "environment",
  ]),
  severity: v.picklist(["blocker", "critical", "warning", "info"]),
  title: about(text, "one line: what is wrong"),
  task: about(text, "one sentence: what to do"),
  frames: v.array(frame),
  excerpt: about(v.nullable(text), "lines of the source or of the output around the cause"),
  paste: v.exactOptional(about(text, "to be put into a file as it is")),
  count: about(count, "how many events share this cause"),
  refs: about(texts, "of the events, at most 20, or of the attempt, such as test:12:3"),
  cluster: about(text, "fingerprint of the cause"),
  annotations: v.exactOptional(
    about(v.array(annotation), "inline annotations of its events"),
  ),
});

/**
 * The first key that is missing or has the wrong type; records may have been edited by hand. Only types that the code
 * relies on are checked: a newer assay's key, or a line 0 from a tool, is no reason to reject a record.
 */
export function mismatch(schema: v.GenericSchema, value: unknown): string | undefined {
  const issue = v.safeParse(schema, value).issues?.find(({ kind, type, expected }) =>
    kind === "schema" ? expected !== "never" : type === "check"
  );
  return issue && `${issue.path?.[0]?.key ?? ""}`;
}
