/** One attempt with everything that is kept of it. */

import type { AppliedExtension, Attempt, Denial, Event } from "../../model.ts";
import type { InspectOutput } from "../outputs.ts";
import { inlineText } from "./_annotation.ts";
import { placeText } from "./_diagnosis.ts";
import { markOf } from "./_runner_table.ts";
import { clean } from "./clean.ts";
import { type Look, styles } from "./style.ts";
import { paragraph, table } from "./table.ts";
import { cut } from "./width.ts";
import { durationText, lineageText, plural, testsText, timeText } from "./words.ts";
import { sandboxText } from "./sandbox_text.ts";

/** Annotations shown of each problem. */
const annotationsOfProblem = 3;

type Row = readonly [string, string | null];

/** Its facts and its first problems, as parts. */
export function attemptText(output: InspectOutput, look: Look): string[] {
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
  const { command, original_command: original, cwd, exit_code: code } = attempt;
  const ended = [
    durationText(attempt.duration_ms),
    ...code === null ? [] : [`exit code ${code}`],
    ...attempt.signal === null ? [] : [`signal ${attempt.signal}`],
    ...attempt.timed_out ? ["timed out"] : [],
    ...attempt.cancelled ? ["cancelled"] : [],
  ];
  return [
    ["command", command],
    ["as configured", original === command ? null : original],
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
