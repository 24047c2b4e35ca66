/**
 * What the verbs print with `--json`: the type, the check and the JSON Schema of each. Only types from this folder are
 * imported at startup; `assay schema` loads the definitions. Optional keys are absent, never `undefined`;
 * `null` means that there is none.
 *
 * @module
 */

import * as v from "valibot";
import {
  about,
  count,
  flag,
  milliseconds,
  number,
  type Of,
  path,
  position,
  statedKind,
  text,
  texts,
} from "./parts.ts";
import { origin, pluginAdd, pluginList, pluginRemove, pluginUpdate, trust } from "./plugins.ts";
import { runEvent } from "./journal.ts";
import {
  annotation,
  appliedExtension,
  attempt,
  diagnosis,
  event,
  grade,
  run,
  sandboxFact,
  severities,
  severity,
  testCounts,
  verdict,
} from "./run.ts";

const source = v.picklist(["runner", "command"]);
const onUncovered = v.picklist(["warn", "fail"]);

/** `assay gate --json`: the run as it is judged now. */
export interface GateOutput extends Of<typeof gate> {}
const gate = v.strictObject({
  ...run.entries,
  arithmetic: about(texts, "the computation of the confidence, line by line"),
});

/** `assay parse --json`: what was read from one report. */
export interface ParseOutput extends Of<typeof parse> {}
const parse = v.strictObject({
  format: text,
  complete: about(flag, "the report was read to its end"),
  verdict: about(verdict, "what a command that exits 0 with this report would be"),
  tests: testCounts,
  suite_errors: about(count, "errors outside any test"),
  diagnostics: count,
  severities,
  declared: v.exactOptional(about(
    v.strictObject({
      tests: v.exactOptional(number),
      passed: v.exactOptional(number),
      failed: v.exactOptional(number),
      errored: v.exactOptional(number),
      skipped: v.exactOptional(number),
    }),
    "counts the report claims for itself",
  )),
  error: v.exactOptional(
    about(v.strictObject({ code: text, message: text }), "why it is not complete"),
  ),
  events: v.exactOptional(about(v.array(event), "with --events")),
});

/** `assay diagnose --json`. */
export interface DiagnoseOutput extends Of<typeof diagnose> {}
const diagnose = v.strictObject({
  run_id: text,
  state: run.entries.state,
  recommendation: run.entries.recommendation,
  diagnoses: about(v.array(diagnosis), "the most blocking first"),
  annotations: about(v.array(annotation), "inline annotations of whole attempts"),
});

/** `assay inspect REF --json`. */
export interface InspectOutput extends Of<typeof inspect> {}
const inspect = v.strictObject({
  ref: about(text, "of the event, or of the attempt when the reference named no event"),
  run: v.pick(run, [
    "run_id",
    "verb",
    "state",
    "started_at",
    "commit",
    "branch",
    "dirty",
    "tree",
    "untested",
  ]),
  attempt,
  event: about(v.nullable(event), "null: the reference named an attempt"),
  problems: about(v.array(event), "of the attempt, at most 20; none of an event"),
  annotations: about(v.array(annotation), "of the event, or of the attempt and all its events"),
  annotated: v.exactOptional(about(
    v.array(v.strictObject({
      annotator: text,
      written: about(count, "how many annotations"),
      removed: about(count, "how many of an earlier call it did not write again"),
      failed: about(flag, "it threw or ran out of time: what it had said by then is kept"),
    })),
    "with --annotate: what each annotator did, in the order they ran",
  )),
  warnings: about(texts, "what went wrong, such as an annotator that failed"),
});

/** `assay inspect RUN --json`. */
export interface InspectRunOutput extends Of<typeof inspectRun> {}
const inspectRun = v.strictObject({ run_id: text, attempts: v.array(inspect) });

/** `assay history --json`. */
export interface HistoryOutput extends Of<typeof history> {}
const history = v.strictObject({
  runs: about(v.array(run), "newest first; of an unreadable one what the index remembers"),
  unreadable: about(
    v.array(v.strictObject({ run_id: text, problem: text })),
    "runs that judged a change and whose folder cannot be read any more",
  ),
});

/** `assay hook install|uninstall|status --json`. */
export interface HookOutput extends Of<typeof hook> {}
const hook = v.strictObject({
  folder: about(text, "where git looks for hooks; absolute"),
  hooks: v.array(v.strictObject({
    hook: v.picklist(["pre-commit", "pre-push"]),
    file: about(text, "absolute"),
    state: about(
      v.picklist(["none", "ours", "edited", "other"]),
      "as it is now: edited is assay's, changed by hand; other is not assay's",
    ),
    chained: about(flag, "another hook existed before; it is kept and runs first"),
    action: v.exactOptional(about(
      v.picklist(["installed", "updated", "unchanged", "removed", "absent"]),
      "what was done; absent: nothing was asked for",
    )),
  })),
  warnings: about(texts, "what will keep an installed hook from passing"),
});

/** `assay hook restore --json`. */
export interface HookRestoreOutput extends Of<typeof hookRestore> {}
const hookRestore = v.strictObject({
  restored: about(count, "how many paths were set aside and are back"),
});

/** `assay explain NAME --json`. */
export interface ExplainOutput extends Of<typeof explain> {}
const explain = v.strictObject({
  name: text,
  kind: statedKind,
  source,
  description: v.nullable(text),
  command: about(text, "the shell line with its placeholders"),
  cwd: text,
  extension_data: about(attempt.entries.extension_data, "the tables of extensions, as configured"),
  prepared: about(
    v.strictObject({
      command: about(text, "the shell line, the last word of argv"),
      engines: about(
        v.array(v.strictObject({ name: text, holds: texts })),
        "from the outermost in, with the dimensions that each enforces",
      ),
      argv: texts,
      cwd: text,
      timeout_ms: milliseconds,
      extensions: about(v.array(appliedExtension), "what each changed, in their order"),
      failed: about(v.nullable(text), "why it could not be prepared: a run would not execute it"),
      warnings: texts,
    }),
    "the command as a run would execute it; ids of run and attempt are made up",
  ),
  timeout_ms: milliseconds,
  result_file: v.nullable(text),
  result_format: text,
  fail_on: severity,
  required: flag,
  allow_no_tests: flag,
  files: about(
    v.nullable(v.strictObject({
      globs: texts,
      matching: about(v.nullable(count), "how many files {{files}} stands for; null: not used"),
      batches: about(v.nullable(count), "in how many lines; null: not used"),
    })),
    "null: it has no globs in files",
  ),
  lock: v.nullable(text),
  sandbox: v.nullable(v.strictObject({
    preset: v.exactOptional(text),
    on_uncovered: onUncovered,
    declared: v.record(text, text),
  })),
  detected: about(v.nullable(flag), "null for a command, which is run by name"),
  why: text,
  origin: v.strictObject(origin),
});

/** One check of `assay doctor`. */
export interface DoctorCheck extends Of<typeof doctorCheck> {}
const doctorCheck = v.strictObject({
  name: text,
  ok: flag,
  found: text,
  hint: v.exactOptional(about(text, "what to do about it")),
  optional: v.exactOptional(about(flag, "assay can do its work without it")),
});

/** `assay doctor --json`. */
export interface DoctorOutput extends Of<typeof doctor> {}
const doctor = v.strictObject({ ok: flag, root: text, checks: v.array(doctorCheck) });

/** What one engine provides of one thing a sandbox can ask for. */
export interface EngineGuarantee extends Of<typeof engineGuarantee> {}
const engineGuarantee = v.strictObject({
  dimension: about(text, "the key it is asked by"),
  value: about(v.nullable(text), "null where any value is the same in kind"),
  support: about(
    v.picklist(["full", "partial", "missing", "not_offered"]),
    "partial: with less than the word says; missing: not here, or not for this value",
  ),
  why: about(v.nullable(text), "what is left out, or why it is missing"),
});

/** One engine of `assay sandbox doctor`. */
export interface EngineRecord extends Of<typeof engine> {}
const engine = v.strictObject({
  name: text,
  source: about(text, "built-in, or the address of the plugin that provides it"),
  priority: about(number, "nesting: lower is further out"),
  capabilities: texts,
  works: flag,
  detail: about(text, "what its probe tried and what happened"),
  guarantees: v.array(engineGuarantee),
  obtain: about(v.nullable(text), "how to get it where it does not work"),
});

/** `assay sandbox doctor --json`. */
export interface SandboxDoctorOutput extends Of<typeof sandboxDoctor> {}
const sandboxDoctor = v.strictObject({
  root: text,
  engines: about(v.array(engine), "from the outermost in"),
  warnings: about(texts, "other warnings of engines"),
});

/** `assay sandbox explain NAME --json`. If no sandbox is declared, its fields are `null`. */
export interface SandboxExplainOutput extends Of<typeof sandboxExplain> {}
const sandboxExplain = v.strictObject({
  name: text,
  kind: statedKind,
  source,
  preset: about(v.nullable(text), "what the sandbox starts from"),
  on_uncovered: about(v.nullable(onUncovered), "what if something is not enforced"),
  dimensions: about(v.array(sandboxFact), "each that is declared"),
  grade: about(v.nullable(grade), "null: no sandbox, or it could not be prepared"),
  // From the outermost in, with the dimensions that each enforces, alone or with others.
  engines: v.array(v.strictObject({ name: text, priority: number, holds: texts })),
  refused: about(
    v.array(v.strictObject({ engine: text, why: text })),
    "engines that were asked and not taken",
  ),
  failed: about(v.nullable(text), "why a run would not execute it; null: it would"),
  cwd: path,
  argv: about(texts, "exactly what is executed; ids of run and attempt are made up"),
  files: about(
    v.array(v.strictObject({ path: text, bytes: count })),
    "what assay writes for the engines before it starts; absolute paths",
  ),
  warnings: texts,
});

/** One error of the user's input. */
export interface ErrorRecord extends Of<typeof errorRecord> {}
const errorRecord = v.strictObject({
  code: about(text, "stable, such as config_invalid"),
  message: text,
  hint: v.exactOptional(about(text, "what to do")),
  file: v.exactOptional(text),
  line: v.exactOptional(position),
  column: v.exactOptional(position),
  key: v.exactOptional(about(text, "dotted path of the key")),
});

/** Written to standard error when a verb with `--json` ends with exit code 2 or 70. */
export interface ErrorOutput extends Of<typeof error> {}
const error = v.strictObject({
  error: v.strictObject({
    ...errorRecord.entries,
    errors: v.exactOptional(
      about(v.array(errorRecord), "each one, when there are several; the rest then tells of all"),
    ),
  }),
});

/** Every output by name. `run` is for verify, run, hook run and report, and for `run.json`. */
export const outputs = {
  run,
  gate,
  parse,
  diagnose,
  inspect,
  "inspect-run": inspectRun,
  history,
  hook,
  "hook-restore": hookRestore,
  "plugin-list": pluginList,
  "plugin-add": pluginAdd,
  "plugin-remove": pluginRemove,
  "plugin-update": pluginUpdate,
  trust,
  explain,
  doctor,
  "sandbox-doctor": sandboxDoctor,
  "sandbox-explain": sandboxExplain,
  journal: runEvent,
  error,
};

/** One of {@linkcode outputs}. */
export type OutputName = keyof typeof outputs;

/** Names of the outputs. */
export const outputNames = Object.keys(outputs) as OutputName[];

/** The JSON Schema (draft 2020-12) of an output. */
export async function outputSchema(name: OutputName): Promise<Record<string, unknown>> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  const schema = toJsonSchema(outputs[name], {
    target: "draft-2020-12",
    ignoreActions: ["check"],
  });
  return { ...schema, title: `assay ${name}` };
}
