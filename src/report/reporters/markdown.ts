/**
 * What people read as a comment on a change or as a job summary: verdict, gates, commands, issues.
 * GitHub limits comments to 64 KiB and rejects summaries above 1 MiB, so the excess is left out, with a note.
 *
 * @module
 */

import type { Attempt, Diagnosis, Gate, Run } from "../../model.ts";
import { durationText, plural } from "../../text/words.ts";
import { causeOf, judgedGates, shoutOf } from "../terminal/_verdict_line.ts";
import {
  confidenceText,
  evidenceText,
  gateText,
  lineageText,
  outcomeText,
} from "../terminal/words.ts";
import { isGreen, isSpared } from "./_findings.ts";
import { line, lines } from "./_text.ts";
import type { RunReport } from "./types.ts";

/** Bytes of UTF-8. */
export const markdownLimit = 64 * 1024;

/** Reserved for the note that something was left out. */
const reserve = 512;

/** Maximum size of the commands table in bytes. */
const runnersLimit = 16 * 1024;

const encoder = new TextEncoder();

/** As many paragraphs as fit. */
export function* render(report: RunReport): Generator<string> {
  const { run, diagnoses } = report;
  let room = markdownLimit - reserve;
  const fits = (text: string) => (room -= encoder.encode(text).length) >= 0;
  const head = headText(run);
  room -= encoder.encode(head).length;
  yield head;
  let shown = 0;
  for (const diagnosis of diagnoses) {
    const title = shown === 0 ? `### ${plural(diagnoses.length, "issue")}\n\n` : "";
    const text = `${title}${diagnosisText(diagnosis)}\n`;
    if (!fits(text)) break;
    yield text;
    shown++;
  }
  if (shown < diagnoses.length) {
    yield `… and ${diagnoses.length - shown} more: \`assay diagnose\`\n\n`;
    return;
  }
  const notes = notesText(report);
  if (notes === "") return;
  yield fits(notes) ? notes : "There are also warnings: `assay report` prints them.\n";
}

function headText(run: Run): string {
  const { text } = shoutOf(run);
  const mark = isGreen(run) ? "✅" : run.recommendation === "blocked" ? "⚠️" : "❌";
  const cause = causeOf(run).map((each) => prose(each)).join(" · ");
  const facts = [
    `assay ${run.verb}`,
    `confidence ${confidenceText(run.confidence)} (${run.threshold} needed)`,
    code(lineageText(run)),
    durationText(run.duration_ms),
    `run ${code(run.run_id)}`,
  ].filter((fact) => fact !== "");
  return [
    `## ${mark} ${text}${cause === "" ? "" : `: ${cause}`}`,
    facts.join(" · "),
    gateTable(run),
    runnerTable(run),
  ].filter((part) => part !== "").map((part) => `${part}\n\n`).join("");
}

const gateMarks: Readonly<Record<Gate["status"], string>> = {
  pass: "✅ pass",
  fail: "❌ fail",
  unknown: "⚠️ unknown",
  waived: "➖ waived",
  not_applicable: "➖ none",
};

function gateTable(run: Run): string {
  const rows = judgedGates(run).map((gate) => [
    gateMarks[gate.status],
    code(gate.id),
    prose(gateText(gate, run.attempts) + (gate.required ? "" : " (optional)")),
  ]);
  return table(["", "gate", "why"], rows);
}

function runnerTable(run: Run): string {
  const { attempts, unneeded = [] } = run;
  let room = runnersLimit;
  const notNeeded = unneeded.map((
    { name: id, reason },
  ) => ["➖ not needed", code(id), "", "", prose(reason)]);
  const rows = [...attempts.map((attempt) => runnerRow(attempt, run)), ...notNeeded];
  const shown = rows.filter((row) => (room -= encoder.encode(row.join()).length) >= 0);
  const rest = rows.length - shown.length;
  const more = rest > 0 ? `\n\n… and ${plural(rest, "more command", "more commands")}` : "";
  return table(["", "command", "time", "evidence", "result"], shown) + more;
}

function runnerRow(attempt: Attempt, run: Run): string[] {
  const status = attempt.state === "finished" ? attempt.verdict : "unknown";
  // A command that is not required shows its result, without a red mark.
  const mark = isSpared(attempt, run)
    ? "➖ not needed"
    : attempt.required || status === "pass"
    ? gateMarks[status]
    : `➖ ${status}`;
  return [
    mark,
    code(attempt.name),
    durationText(attempt.duration_ms),
    evidenceText(attempt),
    prose(outcomeText(attempt)),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join(
    "\n",
  );
}

function diagnosisText(diagnosis: Diagnosis): string {
  const { severity, category, title, task, file, line: at, refs, count } = diagnosis;
  const more = count > 1 ? ` and ${count - 1} more` : "";
  const facts = [
    `**${severity}** ${category.replaceAll("_", " ")}`,
    file === undefined ? "" : code(at === undefined ? file : `${file}:${at}`),
    refs[0] === undefined ? "" : `${code(refs[0])}${more}`,
  ].filter((fact) => fact !== "");
  const parts = [facts.join(" · "), prose(title), `→ ${prose(task)}`, ...detailsText(diagnosis)];
  return parts.map((part) => `${part}\n`).join("\n");
}

/** The foldable part: source or output, stack, annotations. */
function detailsText({ excerpt, paste, frames, annotations = [] }: Diagnosis): string[] {
  const stack = frames.slice(0, 10).map((frame) => {
    const place = [frame.file, frame.line, frame.column].filter((part) => part !== undefined);
    return `at ${place.join(":")}${frame.function === undefined ? "" : ` in ${frame.function}`}`;
  });
  const said = annotations.slice(0, 5).map(({ annotator, text }) => `${annotator}: ${text ?? ""}`);
  const shown = [
    ...(excerpt === null ? [] : lines(excerpt, 3_000).split("\n").slice(0, 20)),
    ...[...stack, ...said].map((each) => line(each, 300)),
    ...paste === undefined ? [] : lines(paste).split("\n"),
  ].filter((each) => each !== "");
  if (shown.length === 0) return [];
  return [`<details><summary>Details</summary>\n\n${block(shown.join("\n"))}\n\n</details>`];
}

function notesText({ run, annotations }: RunReport): string {
  const notes = [
    ...run.warnings,
    ...run.attempts.flatMap(({ name: id, warnings }) => warnings.map((text) => `${id}: ${text}`)),
    ...annotations.map(({ ref, annotator, text }) => `${ref} ${annotator}: ${text ?? ""}`),
  ];
  if (notes.length === 0) return "";
  const items = notes.slice(0, 50).map((note) => `- ${prose(note)}`);
  const more = notes.length > 50 ? [`- … and ${notes.length - 50} more`] : [];
  return `<details><summary>${plural(notes.length, "note")}</summary>\n\n${
    [...items, ...more].join("\n")
  }\n\n</details>\n`;
}

// Foreign text in GitHub's and GitLab's Markdown: none of it becomes markup, a mention, a reference or HTML.

/** An invisible character between a sign and the word after it, so that it is not a mention or link. */
const apart = "\u200b";

export function prose(text: string, limit = 300): string {
  return line(text, limit).replace(
    /[@#](?=[\p{L}\p{N}])|:\/\/|\bwww\./gu,
    (sign) => `${sign}${apart}`,
  ).replace(
    /[\\`*_[\]|~$]|^[-+=#]|^\d+(?=[.)])/g,
    (sign) => /\d/.test(sign) ? `${sign}\\` : `\\${sign}`,
  ).replace(/[&<>]/g, entity);
}

/** A name, path or command as inline code; also inside a table. */
export function code(text: string, limit = 200): string {
  // Inside a table's code, the only escape is the table's own: `\|` is a bar.
  const shown = line(text, limit).replaceAll("|", "\\|");
  if (shown === "") return "";
  const fence = "`".repeat(longestRun(shown) + 1);
  const gap = shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${fence}${gap}${shown}${gap}${fence}`;
}

export function block(text: string): string {
  const fence = "`".repeat(Math.max(3, longestRun(text) + 1));
  return `${fence}text\n${text}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
}

function entity(character: string): string {
  return { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }[character]!;
}
