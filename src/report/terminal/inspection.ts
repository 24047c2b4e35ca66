/** One event or attempt with everything known about it, for people. */

import type { Annotation, Attempt, Denial, Event, Frame } from "../../model.ts";
import type { InspectOutput } from "../../schema/outputs.ts";
import { clean, cleanLines } from "../../text/clean.ts";
import { durationText, plural, sizeText } from "../../text/words.ts";
import { annotationText, frameLine, inlineText, placeText } from "./_diagnosis.ts";
import { changeTexts } from "./explanation.ts";
import { gradeText, sandboxText } from "./sandbox.ts";
import { colorOf, type Look, markOf, type Styles, styles } from "./style.ts";
import { type Fact, factTable, paragraph, sections } from "./table.ts";
import { cut } from "./width.ts";
import { lineageText, severitiesText, testsText, timeText, untestedTexts } from "./words.ts";

/** What was asked for, with annotations in full. */
export function inspection(output: InspectOutput, look: Look): string {
  const { ref, event, annotations } = output;
  // Annotations of an attempt's events are shown with their events.
  const own = annotations.filter((annotation) => annotation.ref === ref);
  const of = (display: Annotation["display"]) =>
    own.filter((annotation) => annotation.display === display);
  return sections([
    ...event === null ? attemptText(output, look) : eventText(output, event, look),
    // Inline ones first, because they are short; hidden ones are for programs.
    ...[...of("inline"), ...of("detail")].map((annotation) => annotationText(annotation, look)),
  ]);
}

// One event with everything its report says about it.

/** Maximum lines of details, and maximum frames, shown. */
const detailLines = 200;
const shownFrames = 50;

/** Its facts, its message, its details and its stack, as parts. */
function eventText(
  { ref, attempt, run }: InspectOutput,
  event: Event,
  look: Look,
): string[] {
  const style = styles(look.color);
  const kind = event.type.replaceAll("_", " ");
  const status = style[colorOf(event.status)](
    event.flaky ? `${event.status}, flaky` : event.status,
  );
  const head = `${style.bold(clean(ref))} · ${kind} · ${status}\n`;
  const facts: readonly Fact[] = [
    [event.type === "test" ? "test" : "name", event.name],
    ["in", event.suite],
    ["rule", event.rule],
    ["tool", event.tool],
    ["at", placeText(event)],
    ["took", event.duration_ms === undefined ? undefined : durationText(event.duration_ms)],
    [
      "attempt",
      `${attempt.ref} (${markOf(attempt).text}), run ${run.run_id} of ${timeText(run.started_at)}`,
    ],
    ["identity", `${event.identity}, cluster ${event.cluster}`],
  ];
  const message = cleanLines(event.message ?? "").map((line) =>
    paragraph(line, look, { indent: 2, paint: style.bold })
  );
  return [
    head + factTable(facts, look),
    isSaid(event) ? "" : message.join(""),
    event.details === undefined ? "" : blockText(event.details, look),
    framesText(unseenFrames(event), look, style),
  ];
}

/** No message, or one of many lines that the details repeat. */
function isSaid({ message = "", details = "" }: Event): boolean {
  const plain = (text: string) => text.replace(/\s+/g, " ").trim();
  return message === "" || message.includes("\n") && plain(details).includes(plain(message));
}

/** The frames, unless the details are the tool's own stack with them. */
function unseenFrames({ frames = [], details = "" }: Event): readonly Frame[] {
  const lines = details.split("\n").slice(0, detailLines);
  return frames.filter(({ file, line }) =>
    !lines.some((text) => text.includes(file) && new RegExp(`\\b${line ?? ""}\\b`).test(text))
  );
}

/** Its lines are already laid out: they are cut, not wrapped. */
function blockText(text: string, look: Look): string {
  const lines = cleanLines(text.trimEnd());
  const shown = lines.slice(0, detailLines)
    .map((line) => `    ${cut(line, look.columns - 4)}`.trimEnd() + "\n");
  const more = lines.length - shown.length;
  return shown.join("") + (more > 0 ? paragraph(`… and ${more} more lines: --json`, look) : "");
}

function framesText(frames: readonly Frame[], look: Look, style: Styles): string {
  const shown = frames.slice(0, shownFrames).map((frame) => frameLine(frame, look, style, 4));
  const more = frames.length - shown.length;
  return shown.join("") + (more > 0 ? paragraph(`… and ${more} more frames: --json`, look) : "");
}

// One attempt with everything stored about it.

const annotationsOfProblem = 3;

function attemptText(output: InspectOutput, look: Look): string[] {
  const { attempt } = output;
  const style = styles(look.color);
  const mark = markOf(attempt);
  const kind = attempt.kind === null ? "" : `${attempt.kind} · `;
  const head = `${style.bold(clean(output.ref))} · ${kind}${
    style[mark.color](attempt.state === "finished" ? mark.text : attempt.state)
  }\n`;
  const facts = [
    ...outcomeFacts(output),
    ...commandFacts(attempt),
    ...keptFacts(attempt),
    ...(output.annotated ?? []).map((each): Fact => ["annotated", annotatedText(each)]),
  ];
  return [head + factTable(facts, look), problemsText(output, look)];
}

function outcomeFacts({ attempt, run }: InspectOutput): Fact[] {
  const { reasons, tests, severities, suite_errors: outside } = attempt;
  return [
    ...reasons.map(({ code, message }): Fact => ["reason", `${message} (${code})`]),
    ["evidence", attempt.started_at === null ? null : attempt.evidence],
    ["tests", tests.total === 0 ? null : `${tests.total}: ${testsText(tests)}`],
    ["diagnostics", severitiesText(severities)],
    ["outside tests", outside === 0 ? null : plural(outside, "error")],
    ["run", `${run.run_id} (${run.verb}), ${timeText(run.started_at)}`],
    ["tree", lineageText(run)],
    ...untestedTexts(run).map((text): Fact => ["", text]),
    ...attempt.warnings.map((text): Fact => ["warning", text]),
  ];
}

function commandFacts(attempt: Attempt): Fact[] {
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
    ["folder", cwd],
    ["process", attempt.started_at === null ? "did not start" : ended.join(", ")],
    ["required", attempt.required ? null : "no"],
    ...attempt.extensions.map((each): Fact => [
      `by ${each.extension}`,
      changeTexts(each.changes).join("; ") || "no changes",
    ]),
    ["sandbox", attempt.grade ? gradeText(attempt.grade) : null],
    ...attempt.sandbox.map((fact): Fact => ["sandbox", sandboxText(fact)]),
    ...(attempt.denials ?? []).map((denial): Fact => ["denied", denialText(denial)]),
  ];
}

/** `cpu_user_ms: 629.2` as `cpu user 629ms`; the unit is the end of the name. */
function metricText([name, value]: readonly [string, number]): string {
  const [, what = name, unit] = /^(.+)_(ms|bytes)$/.exec(name) ?? [];
  const text = unit === "ms" ? durationText(value) : unit === "bytes" ? sizeText(value) : value;
  return `${what.replaceAll("_", " ")} ${text}`;
}

function keptFacts(attempt: Attempt): Fact[] {
  const facts = (record: Readonly<Record<string, unknown>>) =>
    Object.entries(record).map(([key, value]) => `${key} = ${valueText(value)}`).join(", ");
  const report = attempt.result_file === null ? "standard output" : attempt.result_file;
  return [
    [
      "report",
      attempt.result_format === "exit-code" ? null : `${attempt.result_format}, ${report}`,
    ],
    ["truncated", attempt.truncated ? "only the beginning of the output was kept" : null],
    ...attempt.artifacts.map(({ name, path, bytes, sha256 }): Fact => [
      "file",
      bytes === 0
        ? `${name}: nothing was written`
        : `${name}: ${path} (${sizeText(bytes)}, sha256 ${sha256.slice(0, 12)}…)`,
    ]),
    ["metrics", Object.entries(attempt.metrics).map(metricText).join(", ")],
    ["environment", facts(attempt.environment)],
    ...Object.entries(attempt.extension_data).map(([name, data]): Fact => [
      `data of ${name}`,
      facts(data),
    ]),
  ];
}

function valueText(value: unknown): string {
  if (typeof value === "number") return String(Math.round(value * 1_000) / 1_000);
  return typeof value === "string" ? value : JSON.stringify(value);
}

function denialText({ dimension, subject, evidence, killed }: Denial): string {
  const what = subject === undefined ? dimension : `${dimension}, ${subject}`;
  return `${what}${killed ? ", and was killed" : ""} (${evidence})`;
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
  const more = rest > 0 ? paragraph(`… and ${rest} more: assay diagnose ${attempt.ref}`, look) : "";
  const lines = problems.map((problem) => {
    const ref = `${attempt.ref}:${problem.index}`;
    const said = annotations.filter((annotation) => annotation.ref === ref);
    return problemText(ref, problem, look) +
      inlineText(said, { ...look, indent: 4, annotations: annotationsOfProblem }).join("");
  });
  return title + lines.join("") + more;
}

function problemText(ref: string, event: Event, { columns, color }: Look): string {
  const paint = styles(color)[colorOf(event.status)];
  const label = clean(ref);
  const what = [event.rule ?? event.name, event.message].filter((part) => part).join(": ");
  const text = [placeText(event), clean(what)].filter((part) => part !== "").join("  ");
  const room = columns - label.length - event.status.length - 6;
  // If a place and a message do not fit next to the reference, they get their own line.
  if (room < 24) {
    return `  ${label}  ${paint(event.status)}\n` +
      (text === "" ? "" : `    ${cut(text, columns - 4)}\n`);
  }
  return `  ${label}  ${paint(event.status)}  ${cut(text, room)}`.trimEnd() + "\n";
}

function annotatedText(
  { annotator, written, removed, failed }: NonNullable<InspectOutput["annotated"]>[number],
): string {
  const gone = removed > 0 ? `, ${removed} removed` : "";
  return `${annotator}: ${plural(written, "annotation")}${gone}${failed ? ", then it failed" : ""}`;
}
