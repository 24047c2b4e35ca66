/** One event or attempt with all that is known of it, for people. */

import type { Annotation, AppliedExtension, Attempt, Denial, Event, Frame } from "../../model.ts";
import type { AnnotateOutput, InspectOutput } from "../../schema/outputs.ts";
import { plural } from "../../text/words.ts";
import { annotationText, inlineText } from "./_annotation.ts";
import { placeText } from "./_diagnosis.ts";
import { markOf } from "./_runner_table.ts";
import { clean, cleanLines } from "../../text/clean.ts";
import { sandboxText } from "./sandbox_explanation.ts";
import { type Look, type Paint, type Styles, styles } from "./style.ts";
import { paragraph, table } from "./table.ts";
import { cut } from "./width.ts";
import { durationText, lineageText, testsText, timeText } from "./words.ts";

/** What was asked for, and what annotators say of it in full. */
export function inspection(output: InspectOutput, look: Look): string {
  const { ref, event, annotations } = output;
  // Those of an attempt's events stand with their events.
  const own = annotations.filter((annotation) => annotation.ref === ref);
  return [
    ...event === null ? attemptText(output, look) : eventText(output, event, look),
    ...annotationsText(own, look),
  ].filter((part) => part !== "").join("\n");
}

/** The inline ones first, for they are short; the hidden ones are for programs. */
function annotationsText(annotations: readonly Annotation[], look: Look): string[] {
  const of = (display: Annotation["display"]) =>
    annotations.filter((annotation) => annotation.display === display);
  return [...of("inline"), ...of("detail")].map((annotation) => annotationText(annotation, look));
}

// One event with everything its report says of it.

/** Lines of the details, and frames, that are shown. */
const detailLines = 200;
const shownFrames = 50;

/** Its facts, its message, its details and its stack, as parts. */
function eventText(
  { ref, attempt, run }: InspectOutput,
  event: Event,
  look: Look,
): string[] {
  const style = styles(look.color);
  const paint = paintOf(event, style);
  const kind = event.type.replaceAll("_", " ");
  const head = `${style.bold(clean(ref))} · ${kind} · ${paint(statusText(event))}\n`;
  const mark = markOf(attempt);
  const rows: (readonly [string, string | undefined])[] = [
    [event.type === "test" ? "test" : "name", event.name],
    ["in", event.suite],
    ["rule", event.rule],
    ["tool", event.tool],
    ["at", placeText(event)],
    ["took", event.duration_ms === undefined ? undefined : tookText(event.duration_ms)],
    ["of", `${attempt.ref} (${mark.text}), run ${run.run_id} of ${timeText(run.started_at)}`],
    ["identity", `${event.identity}, cluster ${event.cluster}`],
  ];
  const facts = rows
    .filter(([, text]) => text !== undefined && text !== "")
    .map(([name, text]) => [{ text: name, paint: style.dim }, clean(text!)]);
  return [
    head + table(facts, { ...look, indent: 2 }),
    event.message === undefined ? "" : messageText(event.message, look, style.bold),
    event.details === undefined ? "" : blockText(event.details, look),
    framesText(event.frames ?? [], look, style),
  ];
}

/** Most tests take a few milliseconds. */
function tookText(ms: number): string {
  return ms < 1_000 ? `${Number(ms.toPrecision(3))} ms` : durationText(ms);
}

function statusText({ status, flaky }: Event): string {
  return flaky ? `${status}, flaky` : status;
}

function paintOf({ status }: Event, { red, yellow, green }: Styles): Paint {
  if (status === "passed") return green;
  return status === "skipped" || status === "warning" || status === "info" ? yellow : red;
}

function messageText(message: string, look: Look, paint: Paint): string {
  return cleanLines(message).map((line) => paragraph(line, look, { indent: 2, paint })).join("");
}

/** Its lines are laid out already: they are cut, not wrapped. */
function blockText(text: string, look: Look): string {
  const lines = cleanLines(text.trimEnd());
  const shown = lines.slice(0, detailLines)
    .map((line) => `    ${cut(line, look.columns - 4)}`.trimEnd() + "\n");
  const more = lines.length - shown.length;
  return shown.join("") + (more > 0 ? paragraph(`… and ${more} more lines: --json`, look) : "");
}

function framesText(frames: readonly Frame[], look: Look, { dim }: Styles): string {
  const shown = frames.slice(0, shownFrames).map((frame) => {
    const name = frame.function === undefined ? "" : ` in ${clean(frame.function)}`;
    return `    ${dim(cut(`at ${placeText(frame)}${name}`, look.columns - 4))}\n`;
  });
  const more = frames.length - shown.length;
  return shown.join("") + (more > 0 ? paragraph(`… and ${more} more frames: --json`, look) : "");
}

// One attempt with everything that is kept of it.

/** Annotations shown of each problem. */
const annotationsOfProblem = 3;

type Row = readonly [string, string | null];

/** Its facts and its first problems, as parts. */
function attemptText(output: InspectOutput, look: Look): string[] {
  const { attempt } = output;
  const style = styles(look.color);
  const mark = markOf(attempt);
  const head = `${style.bold(clean(output.ref))} · ${attempt.kind} · ${
    style[mark.color](attempt.state === "finished" ? mark.text : attempt.state)
  }\n`;
  const rows = [...outcomeRows(output), ...commandRows(attempt), ...keptRows(attempt)]
    .filter(([, text]) => text !== null && text !== "")
    .map(([name, text]) => [{ text: clean(name), paint: style.dim }, clean(text!)]);
  return [
    head + table(rows, { ...look, indent: 2 }),
    problemsText(output, look),
  ];
}

function outcomeRows({ attempt, run }: InspectOutput): Row[] {
  const { reasons, tests, severities, suite_errors: outside } = attempt;
  const found = (["error", "warning", "info"] as const)
    .filter((severity) => severities[severity] > 0)
    .map((severity) => plural(severities[severity], severity));
  return [
    ...reasons.map(({ code, message }): Row => ["why", `${code}: ${message}`]),
    ["evidence", attempt.started_at === null ? null : attempt.evidence],
    ["tests", tests.total === 0 ? null : `${tests.total}: ${testsText(tests)}`],
    ["diagnostics", found.join(", ")],
    ["outside tests", outside === 0 ? null : plural(outside, "error")],
    ["run", `${run.run_id} (${run.verb}), ${timeText(run.started_at)}`],
    ["tree", lineageText(run)],
    ...attempt.warnings.map((text): Row => ["warning", text]),
  ];
}

function commandRows(attempt: Attempt): Row[] {
  const { command, cwd, exit_code: code } = attempt;
  const ended = [
    durationText(attempt.duration_ms),
    ...code === null ? [] : [`exit code ${code}`],
    ...attempt.signal === null ? [] : [`signal ${attempt.signal}`],
    ...attempt.timed_out ? ["timed out"] : [],
    ...attempt.cancelled ? ["cancelled"] : [],
  ];
  return [
    ["command", command],
    ["in", cwd],
    ["ended", attempt.started_at === null ? "it did not start" : ended.join(", ")],
    ["required", attempt.required ? null : "no"],
    ...attempt.extensions.map((each): Row => [`by ${each.extension}`, changesText(each)]),
    ["sandbox", attempt.grade ?? null],
    ...attempt.sandbox.map((fact): Row => ["sandbox", sandboxText(fact)]),
    ...(attempt.denials ?? []).map((denial): Row => ["denied", denialText(denial)]),
  ];
}

function keptRows(attempt: Attempt): Row[] {
  const facts = (record: Readonly<Record<string, unknown>>) =>
    Object.entries(record).map(([key, value]) => `${key} = ${valueText(value)}`).join(", ");
  const report = attempt.result_file === null ? "standard output" : attempt.result_file;
  return [
    [
      "report",
      attempt.result_format === "exit-code" ? null : `${attempt.result_format}, ${report}`,
    ],
    ["truncated", attempt.truncated ? "only the beginning of the output was kept" : null],
    ...attempt.artifacts.map(({ name, path, bytes, sha256 }): Row => [
      "kept",
      `${name}: ${path} (${plural(bytes, "byte")}, sha256 ${sha256.slice(0, 12)}…)`,
    ]),
    ["metrics", facts(attempt.metrics)],
    ["environment", facts(attempt.environment)],
    ...Object.entries(attempt.extension_data).map(([name, data]): Row => [
      `kept by ${name}`,
      facts(data),
    ]),
  ];
}

function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function denialText({ dimension, subject, evidence, killed }: Denial): string {
  const what = subject === undefined ? dimension : `${dimension}, ${subject}`;
  return `${what}${killed ? ", and was ended for it" : ""} (${evidence})`;
}

/** What an extension changed, as `command: a → b`. */
function changesText({ changes }: AppliedExtension): string {
  const { env, collectors, ...values } = changes;
  const changed = Object.entries(values).map(([key, { before, after }]) =>
    `${key}: ${valueText(before)} → ${valueText(after)}`
  );
  const variables = [
    ...env !== undefined && env.set.length > 0 ? [`sets ${env.set.join(" ")}`] : [],
    ...env !== undefined && env.unset.length > 0 ? [`unsets ${env.unset.join(" ")}`] : [],
  ];
  const collecting = collectors === undefined ? [] : [plural(collectors, "collector")];
  return [...changed, ...variables, ...collecting].join("; ") || "no change";
}

function problemsText(
  { attempt, problems, annotations }: InspectOutput,
  look: Look,
): string {
  if (problems.length === 0) return "";
  const { tests, suite_errors: outside, diagnostics } = attempt;
  const all = Math.max(tests.failed + tests.errored + outside + diagnostics, problems.length);
  const rest = all - problems.length;
  const title = paragraph(plural(all, "problem"), look, { paint: styles(look.color).bold });
  const more = rest > 0 ? paragraph(`… and ${rest} more: assay diagnose`, look) : "";
  const lines = problems.map((problem) => {
    const ref = `${attempt.ref}:${problem.index}`;
    const said = annotations.filter((annotation) => annotation.ref === ref);
    return problemText(ref, problem, look) +
      inlineText(said, { ...look, indent: 4, annotations: annotationsOfProblem }).join("");
  });
  return title + lines.join("") + more;
}

function problemText(ref: string, event: Event, { columns, color }: Look): string {
  const { red, yellow } = styles(color);
  const paint = event.status === "warning" || event.status === "info" ? yellow : red;
  const label = clean(ref);
  const what = [event.rule ?? event.name, event.message].filter((part) => part).join(": ");
  const text = [placeText(event), clean(what)].filter((part) => part !== "").join("  ");
  const room = columns - label.length - event.status.length - 6;
  // Where a place and a message have no room beside the reference they get a line of their own.
  if (room < 24) {
    return `  ${label}  ${paint(event.status)}\n` +
      (text === "" ? "" : `    ${cut(text, columns - 4)}\n`);
  }
  return `  ${label}  ${paint(event.status)}  ${cut(text, room)}`.trimEnd() + "\n";
}

// What annotators did, for people.

/** A row for each annotator of each attempt. */
export function annotateTable({ attempts }: AnnotateOutput, look: Look): string {
  const { yellow } = styles(look.color);
  const rows = attempts.flatMap(({ ref, annotators }) =>
    annotators.map(({ annotator, written, removed, failed }) => {
      const gone = removed > 0 ? `, ${removed} removed` : "";
      const text = `${plural(written, "annotation")}${gone}`;
      return [
        clean(ref),
        clean(annotator),
        failed ? { text: `${text}, then it failed`, paint: yellow } : text,
      ];
    })
  );
  if (rows.length === 0) return paragraph("There is no annotator.", look);
  return table(rows, { ...look, whole: [0] });
}
