/** Valibot definitions of the outputs; see `schemas.ts`. Only loaded for `assay schema` and in tests. */

import * as v from "valibot";
import type {
  Annotation,
  AppliedExtension,
  Artifact,
  Attempt,
  Diagnosis,
  Event,
  Frame,
  Gate,
  Reason,
  Run,
  TestCounts,
} from "../model.ts";
import type {
  AnnotateOutput,
  DiagnoseOutput,
  ErrorOutput,
  ExplainOutput,
  GateOutput,
  HistoryOutput,
  InspectOutput,
  ModulePluginRecord,
  OutputSchemaName,
  PluginAddOutput,
  PluginOutput,
  PluginRemoveOutput,
  PluginUpdate,
  PluginUpdateOutput,
} from "./outputs.ts";
import type { ParseResult } from "./parse_result.ts";
import {
  claims,
  count,
  kind,
  milliseconds,
  of,
  path,
  percent,
  position,
  reasonCode,
  share,
  time,
} from "./_schema_parts.ts";
import {
  commandFiles,
  doctor,
  hook,
  hookRestore,
  permissions,
  trust,
  unneeded,
} from "./_schema_verbs.ts";
import { denial, grade, sandboxDoctor, sandboxExplain, sandboxFact } from "./_schema_sandbox.ts";

const verdict = v.picklist(["pass", "fail", "unknown"]);
const severity = v.picklist(["error", "warning", "info"]);
const dialect = v.picklist(["runners", "plugins", "commands"]);
const runState = v.picklist(["running", "finished", "interrupted"]);
const recommendation = v.picklist(["ready_for_review", "continue_fixing", "blocked"]);

const reason = of<Reason>()(v.strictObject({ code: reasonCode, message: v.string() }));

const testCounts = of<TestCounts>()(v.strictObject({
  total: count,
  passed: count,
  failed: count,
  errored: count,
  skipped: count,
  flaky: v.pipe(count, v.description("among the passed")),
}));

const severities = v.strictObject({ error: count, warning: count, info: count });

const frame = of<Frame>()(v.strictObject({
  file: path,
  line: v.exactOptional(position),
  column: v.exactOptional(position),
  function: v.exactOptional(v.string()),
}));

const place = {
  file: v.exactOptional(path),
  line: v.exactOptional(position),
  column: v.exactOptional(position),
  end_line: v.exactOptional(position),
  end_column: v.exactOptional(position),
};

const event = of<Event>()(v.strictObject({
  ...place,
  index: position,
  type: v.picklist(["test", "diagnostic", "suite_error"]),
  status: v.picklist(["passed", "failed", "errored", "skipped", "error", "warning", "info"]),
  name: v.exactOptional(v.string()),
  suite: v.exactOptional(v.string()),
  rule: v.exactOptional(v.string()),
  tool: v.exactOptional(v.string()),
  message: v.exactOptional(v.string()),
  details: v.exactOptional(v.string()),
  duration_ms: v.exactOptional(milliseconds),
  flaky: v.exactOptional(v.boolean()),
  frames: v.exactOptional(v.array(frame)),
  identity: v.string(),
  cluster: v.string(),
}));

const change = <S extends v.GenericSchema>(value: S) =>
  v.strictObject({ before: value, after: value });

const appliedExtension = of<AppliedExtension>()(v.strictObject({
  extension: v.string(),
  changes: v.strictObject({
    command: v.exactOptional(change(v.string())),
    cwd: v.exactOptional(change(path)),
    timeout_ms: v.exactOptional(change(milliseconds)),
    shell: v.exactOptional(change(v.array(v.string()))),
    wrappers: v.exactOptional(change(v.array(v.array(v.string())))),
    env: v.exactOptional(v.pipe(
      v.strictObject({ set: v.array(v.string()), unset: v.array(v.string()) }),
      v.description("names alone: values may be secrets"),
    )),
    collectors: v.exactOptional(count),
  }),
  duration_ms: milliseconds,
}));

const artifact = of<Artifact>()(v.strictObject({
  name: v.string(),
  path,
  sha256: v.string(),
  bytes: count,
}));

const attempt = of<Attempt>()(v.strictObject({
  id: v.string(),
  kind,
  ref: v.pipe(v.string(), v.description("such as test:12")),
  attempt_id: v.string(),
  required: v.boolean(),
  command: v.string(),
  original_command: v.string(),
  cwd: v.string(),
  state: v.picklist(["pending", "running", "finished", "interrupted"]),
  verdict,
  reasons: v.array(reason),
  evidence: v.pipe(
    v.picklist(["report", "output", "exit_code"]),
    v.description("what the result rests on: counted, read from standard output, the exit code"),
  ),
  exit_code: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  timed_out: v.boolean(),
  cancelled: v.boolean(),
  started_at: v.nullable(time),
  duration_ms: milliseconds,
  tests: testCounts,
  diagnostics: count,
  severities,
  suite_errors: count,
  result_file: v.nullable(path),
  result_format: v.string(),
  batch: v.exactOptional(v.strictObject({ number: position, of: position })),
  output_file: v.nullable(path),
  stderr_file: v.nullable(path),
  truncated: v.boolean(),
  artifacts: v.array(artifact),
  metrics: v.record(v.string(), v.number()),
  sandbox: v.array(sandboxFact),
  grade: v.exactOptional(grade),
  denials: v.exactOptional(v.array(denial)),
  environment: v.record(v.string(), v.string()),
  extensions: v.array(appliedExtension),
  extension_data: v.pipe(
    v.record(v.string(), v.record(v.string(), v.unknown())),
    v.description("by the extension's name and its own key"),
  ),
  warnings: v.array(v.string()),
}));

const gate = of<Gate>()(v.strictObject({
  id: v.string(),
  status: v.picklist(["pass", "fail", "unknown", "waived", "not_applicable"]),
  score: share,
  weight: v.pipe(v.number(), v.minValue(0)),
  required: v.boolean(),
  reason: v.string(),
  code: v.exactOptional(reasonCode),
}));

const runEntries = {
  schema: v.literal("assay.run/1"),
  run_id: v.string(),
  seq: position,
  assay_version: v.string(),
  root: v.string(),
  commit: v.nullable(v.string()),
  branch: v.nullable(v.string()),
  dirty: v.nullable(v.boolean()),
  tree: v.nullable(v.string()),
  started_at: time,
  duration_ms: milliseconds,
  state: runState,
  verb: v.string(),
  recommendation,
  confidence: percent,
  threshold: percent,
  gates: v.array(gate),
  runners: v.array(attempt),
  unneeded: v.exactOptional(v.array(unneeded)),
  coverage: v.exactOptional(v.strictObject({
    present: v.array(kind),
    skipped: v.array(kind),
    partial: v.boolean(),
  })),
  warnings: v.array(v.string()),
};

const run = of<Run>()(v.strictObject(runEntries));

const annotation = of<Annotation>()(v.strictObject({
  ref: v.pipe(v.string(), v.description("of the event or attempt, such as test:12:3")),
  annotator: v.string(),
  key: v.string(),
  type: v.string(),
  display: v.picklist(["inline", "detail", "hidden"]),
  text: v.exactOptional(v.string()),
  data: v.exactOptional(v.record(v.string(), v.unknown())),
}));

const diagnosis = of<Diagnosis>()(v.strictObject({
  ...place,
  category: v.picklist([
    "test",
    "lint",
    "build",
    "crash",
    "timeout",
    "missing_tool",
    "unreadable_report",
    "no_evidence",
    "environment",
  ]),
  severity: v.picklist(["blocker", "critical", "warning", "info"]),
  title: v.string(),
  task: v.string(),
  frames: v.array(frame),
  excerpt: v.nullable(v.string()),
  paste: v.exactOptional(v.pipe(v.string(), v.description("to be put into a file as it stands"))),
  count,
  refs: v.array(v.string()),
  cluster: v.string(),
  annotations: v.exactOptional(v.array(annotation)),
}));

const parse = of<ParseResult>()(v.strictObject({
  format: v.string(),
  complete: v.boolean(),
  verdict,
  tests: testCounts,
  suite_errors: count,
  diagnostics: count,
  severities,
  declared: v.exactOptional(claims),
  error: v.exactOptional(v.strictObject({ code: v.string(), message: v.string() })),
  events: v.exactOptional(v.array(event)),
}));

const modulePlugin = of<ModulePluginRecord>()(v.strictObject({
  name: v.string(),
  version: v.nullable(v.string()),
  description: v.nullable(v.string()),
  url: v.pipe(v.string(), v.description("as configured")),
  isolation: v.picklist(["worker", "none"]),
  state: v.picklist(["loaded", "trusted", "not_trusted", "trust_not_needed"]),
  brings: v.nullable(v.strictObject({
    extensions: v.array(v.strictObject({ name: v.string(), key: v.string() })),
    engines: v.array(v.string()),
    annotators: v.array(v.strictObject({ name: v.string(), eager: v.boolean() })),
    parsers: v.array(v.string()),
    runners: v.array(v.string()),
  })),
  modules: v.nullable(v.strictObject({ count, bytes: count, hosts: v.array(v.string()) })),
  permissions: v.strictObject({ asked: permissions, granted: permissions, missing: permissions }),
}));

const moduleVersion = v.nullable(v.strictObject({ sha256: v.string(), bytes: count }));

const pluginUpdate = of<PluginUpdate>()(v.strictObject({
  plugin: modulePlugin,
  changed: v.boolean(),
  name_before: v.nullable(v.string()),
  version_before: v.nullable(v.string()),
  modules: v.array(
    v.strictObject({ url: v.string(), before: moduleVersion, after: moduleVersion }),
  ),
  redirects: v.array(v.strictObject({
    url: v.string(),
    before: v.nullable(v.string()),
    after: v.nullable(v.string()),
  })),
  isolation_before: v.nullable(v.picklist(["worker", "none"])),
  granted_before: v.nullable(permissions),
  brings_now: v.array(v.string()),
  brings_no_more: v.array(v.string()),
}));

const pluginList = of<PluginOutput>()(v.strictObject({
  root: v.string(),
  modules: v.array(modulePlugin),
  plugins: v.array(v.strictObject({
    name: v.string(),
    version: v.exactOptional(v.string()),
    file: path,
    dialect: v.picklist(["runners", "plugins", "built-in"]),
    runners: v.array(v.string()),
  })),
  runners: v.array(v.strictObject({
    id: v.string(),
    kind,
    detected: v.boolean(),
    why: v.string(),
    enabled: v.boolean(),
    required: v.boolean(),
    command: v.string(),
    result_format: v.string(),
    plugin: v.string(),
    file: path,
    line: v.nullable(position),
    dialect,
  })),
  commands: v.array(v.strictObject({
    id: v.string(),
    kind,
    description: v.nullable(v.string()),
    command: v.string(),
    file: path,
  })),
  dropped: v.array(v.strictObject({ id: v.string(), file: path, why: v.string() })),
}));

const explain = of<ExplainOutput>()(v.strictObject({
  id: v.string(),
  kind,
  source: v.picklist(["runner", "command"]),
  description: v.nullable(v.string()),
  command: v.string(),
  cwd: v.string(),
  extension_data: v.record(v.string(), v.record(v.string(), v.unknown())),
  prepared: v.strictObject({
    command: v.string(),
    argv: v.array(v.string()),
    cwd: v.string(),
    timeout_ms: milliseconds,
    extensions: v.array(appliedExtension),
    failed: v.nullable(v.string()),
    warnings: v.array(v.string()),
  }),
  timeout_ms: milliseconds,
  result_file: v.nullable(v.string()),
  result_format: v.string(),
  fail_on: severity,
  required: v.boolean(),
  allow_no_tests: v.boolean(),
  files: commandFiles,
  lock: v.nullable(v.string()),
  sandbox: v.nullable(v.strictObject({
    preset: v.exactOptional(v.string()),
    on_uncovered: v.picklist(["warn", "fail"]),
    declared: v.record(v.string(), v.string()),
  })),
  detected: v.nullable(v.boolean()),
  why: v.string(),
  origin: v.strictObject({
    plugin: v.string(),
    file: path,
    line: v.nullable(position),
    dialect,
  }),
}));

const errorEntries = {
  code: v.string(),
  message: v.string(),
  hint: v.exactOptional(v.string()),
  file: v.exactOptional(v.string()),
  line: v.exactOptional(position),
  column: v.exactOptional(position),
  key: v.exactOptional(v.string()),
};

/** The definitions by name. */
export const outputDefinitions = {
  run,
  gate: of<GateOutput>()(v.strictObject({ ...runEntries, arithmetic: v.array(v.string()) })),
  parse,
  hook,
  "hook-restore": hookRestore,
  diagnose: of<DiagnoseOutput>()(v.strictObject({
    run_id: v.string(),
    state: runState,
    recommendation,
    diagnoses: v.array(diagnosis),
    annotations: v.array(annotation),
  })),
  inspect: of<InspectOutput>()(v.strictObject({
    ref: v.string(),
    run: v.strictObject({
      run_id: runEntries.run_id,
      verb: runEntries.verb,
      state: runEntries.state,
      started_at: runEntries.started_at,
      commit: runEntries.commit,
      branch: runEntries.branch,
      dirty: runEntries.dirty,
      tree: runEntries.tree,
    }),
    attempt,
    event: v.nullable(event),
    problems: v.array(event),
    annotations: v.array(annotation),
    warnings: v.array(v.string()),
  })),
  annotate: of<AnnotateOutput>()(v.strictObject({
    run_id: v.string(),
    attempts: v.array(v.strictObject({
      ref: v.string(),
      annotators: v.array(v.strictObject({
        annotator: v.string(),
        written: count,
        removed: count,
        failed: v.boolean(),
      })),
    })),
    warnings: v.array(v.string()),
  })),
  history: of<HistoryOutput>()(v.strictObject({
    runs: v.array(run),
    unreadable: v.array(v.strictObject({ run_id: v.string(), problem: v.string() })),
  })),
  "plugin-list": pluginList,
  "plugin-add": of<PluginAddOutput>()(v.strictObject({
    root: v.string(),
    plugin: modulePlugin,
    grant: v.nullable(v.string()),
    files: v.array(path),
  })),
  "plugin-remove": of<PluginRemoveOutput>()(v.strictObject({
    root: v.string(),
    url: v.string(),
    name: v.nullable(v.string()),
    files: v.array(path),
  })),
  trust,
  "plugin-update": of<PluginUpdateOutput>()(v.strictObject({
    root: v.string(),
    plugins: v.array(pluginUpdate),
    files: v.array(path),
  })),
  explain,
  doctor,
  "sandbox-doctor": sandboxDoctor,
  "sandbox-explain": sandboxExplain,
  error: of<ErrorOutput>()(v.strictObject({
    error: v.strictObject({
      ...errorEntries,
      errors: v.exactOptional(v.array(v.strictObject(errorEntries))),
    }),
  })),
} satisfies Record<OutputSchemaName, v.GenericSchema>;
