/** A run for people: its summary, its gates, all its diagnoses. */

import type { Annotation, Attempt, Diagnosis, Gate, Run, Unneeded } from "../../model.ts";
import { clean, cleanLines } from "../../text/clean.ts";
import { durationText, plural } from "../../text/words.ts";
import { diagnosisText, inlineText } from "./_diagnosis.ts";
import {
  causeOf,
  isWhole,
  judgedGates,
  nextStep,
  shoutLine,
  stepAfterFix,
  verdictLine,
} from "./_verdict_line.ts";
import { type Look, markCell, markOf, marks, styles } from "./style.ts";
import { paragraph, sections, titledTable, warningLines } from "./table.ts";
import { cut } from "./width.ts";
import { evidenceText, gateText, lineageText, outcomeText, untestedTexts } from "./words.ts";

/** Diagnoses shown; `assay diagnose` has them all. */
const shownDiagnoses = 5;
/** Shown of each, in a run's summary and in full. */
const inSummary = { frames: 0, excerptLines: 7, annotations: 3 };
const inFull = { frames: 5, excerptLines: 12, annotations: 10 };
/** Annotations of whole attempts shown. */
const notes = 10;

/**
 * What was run, what the gates say, what to fix first; the last line is the verdict.
 *
 * @param annotations annotations of whole attempts
 * @returns lines, each ended by a newline
 */
export function runSummary(
  run: Run,
  diagnoses: readonly Diagnosis[],
  look: Look,
  annotations: readonly Annotation[] = [],
): string {
  return sections([
    headText(run, look),
    runnerTable(run.attempts, look, run.unneeded),
    gateTable(judgedGates(run), look, run.attempts),
    notesText(annotations, look),
    warningLines([...warningsOf(run), ...untestedTexts(run, diagnoses)], look),
    diagnosesText(diagnoses, run, look),
    verdictLine(run, look),
  ]);
}

function warningsOf({ warnings, attempts }: Run): string[] {
  const own = attempts.flatMap(({ name, warnings }) => warnings.map((text) => `${name}: ${text}`));
  return [...new Set([...warnings, ...own])];
}

/** A run that is ready, in a line or two; one more if there are warnings. */
export function shortSummary(run: Run, look: Look): string {
  const { attempts, unneeded = [], duration_ms, run_id } = run;
  const passed = attempts.filter(({ verdict }) => verdict === "pass").length;
  const rest = attempts.length - passed;
  const facts = [
    ...causeOf(run, true),
    ...passed > 0 ? [`${plural(passed, "check")} passed`] : [],
    ...rest > 0 ? [`${rest} did not (not required)`] : [],
    ...unneeded.length > 0 ? [`${unneeded.length} not needed`] : [],
    durationText(duration_ms),
    `run ${clean(run_id)}`,
  ];
  const warnings = warningsOf(run);
  const shown = warnings.length > 1
    ? [`${warnings.length} warnings: run \`assay report\` to see them`]
    : warnings.map((text) => cut(clean(text), look.columns - 2));
  return warningLines(shown, look) + shoutLine(run, facts, look);
}

function headText(run: Run, look: Look, what = madeBy(run)): string {
  const name = run.root.slice(run.root.lastIndexOf("/") + 1);
  const facts = [
    ...[what, name, lineageText(run), durationText(run.duration_ms)],
    ...look.now === undefined ? [] : [agoText(run, look.now)],
  ];
  return paragraph(clean(facts.filter((fact) => fact !== "").join(" · ")), look);
}

/** The command that made a run. */
function madeBy({ verb, attempts: [first] }: Run): string {
  return `assay ${verb}${verb === "run" && first && first.name !== verb ? ` ${first.name}` : ""}`;
}

/** How long ago it ended, in whole seconds, minutes or hours. */
function agoText({ started_at, duration_ms }: Run, now: number): string {
  const seconds = Math.round((now - Date.parse(started_at) - duration_ms) / 1_000);
  return `${durationText(Math.max(1, seconds) * 1_000).split(" ")[0]} ago`;
}

/** Annotations of whole attempts, after the attempt's reference. */
function notesText(annotations: readonly Annotation[], look: Look): string {
  const named = annotations.map((each) => ({
    ...each,
    annotator: `${each.ref} ${each.annotator}`,
  }));
  return inlineText(named, { ...look, indent: 0, annotations: notes }).join("");
}

function diagnosesText(diagnoses: readonly Diagnosis[], run: Run, look: Look): string {
  const { attempts } = run;
  if (diagnoses.length === 0) return "";
  const style = styles(look.color);
  const shown = look.verbose ? diagnoses : diagnoses.slice(0, shownDiagnoses);
  const rest = diagnoses.length - shown.length;
  const more = rest > 0 ? [paragraph(`… and ${rest} more: ${moreOf(run)}`, look)] : [];
  const said = new Set(
    attempts.flatMap(({ name, reasons }) => reasons.map(({ message }) => `${name}: ${message}`)),
  );
  const how = { ...look, ...look.verbose ? inFull : inSummary, said };
  const first = shown.map((diagnosis, index) => diagnosisText(diagnosis, index + 1, how));
  return [paragraph(issuesTitle(diagnoses), look, { paint: style.bold }), ...first, ...more]
    .join("\n");
}

/** Of a single command, which `assay diagnose` alone is not about. */
function moreOf(run: Run): string {
  return `assay diagnose${isWhole(run) ? "" : ` ${clean(run.attempts[0]?.ref ?? run.run_id)}`}`;
}

function issuesTitle({ length }: readonly Diagnosis[]): string {
  return length === 1 ? "1 issue" : `${length} issues, most severe first`;
}

/**
 * The gates, how their confidence is computed, and the verdict.
 *
 * @param arithmetic lines of the computation; not shown if empty
 */
export function gateSummary(
  run: Run,
  arithmetic: readonly string[],
  look: Look,
  next = nextStep(run),
): string {
  const computation = arithmetic.flatMap((line) => cleanLines(line))
    .map((line) => paragraph(line, look, { indent: 2 })).join("");
  return sections([
    headText(run, look, `assay gate · ${run.verb}`),
    gateTable(run.gates, look),
    computation,
    warningLines(run.warnings, look),
    verdictLine(run, look, next === "assay gate --explain" && arithmetic.length > 0 ? "" : next),
  ]);
}

/**
 * Every diagnosis with its frames, and the verdict.
 *
 * @param annotations annotations of whole attempts
 * @param newer a run that might be meant and is not shown
 */
export function diagnosisList(
  run: Run,
  diagnoses: readonly Diagnosis[],
  look: Look,
  annotations: readonly Annotation[] = [],
  newer?: Run,
): string {
  // Such as a project that nothing tests.
  const closed = run.gates.filter(({ required, status }) =>
    diagnoses.length === 0 && required && (status === "unknown" || status === "fail")
  );
  const title = closed.length > 0
    ? "No command failed, but a gate did not pass"
    : diagnoses.length === 0
    ? "No issues found"
    : issuesTitle(diagnoses);
  return sections([
    headText(run, look),
    newer
      ? warningLines([
        `${madeBy(newer)}, ${agoText(newer, look.now!)}, is newer: ${moreOf(newer)} shows it`,
      ], look)
      : "",
    paragraph(title, look, { paint: styles(look.color).bold }),
    ...diagnoses.map((diagnosis, index) =>
      diagnosisText(diagnosis, index + 1, { ...look, ...inFull })
    ),
    gateTable(closed, look),
    warningLines(untestedTexts(run, diagnoses), look),
    notesText(annotations, look),
    verdictLine(
      run,
      look,
      diagnoses.length > 0 && run.state === "finished" ? `fix it, ${stepAfterFix(run)}` : undefined,
    ),
  ]);
}

/** A row per gate: status, name, points of its weight, why; next to rows of `attempts` only their count. */
function gateTable(gates: readonly Gate[], look: Look, attempts: readonly Attempt[] = []): string {
  if (gates.length === 0) return "";
  const style = styles(look.color);
  const rows = gates.map((gate) => ({ ...gate, why: gateText(gate, attempts) }))
    .map(({ id, status, score, weight, required, why }) => [
      markCell(marks[status], style),
      clean(id),
      status === "not_applicable" ? "-" : `${points(weight * score)} of ${points(weight)}`,
      clean(required ? why : `${why} (optional)`),
    ]);
  return titledTable(["GATE", "", "POINTS", "WHY"], rows, look, { right: [2] });
}

/** At most one decimal, rounded down. */
function points(value: number): string {
  return String(Math.floor(value * 10 + 1e-9) / 10);
}

/** A row per command: verdict, name, time, message. */
function runnerTable(
  attempts: readonly Attempt[],
  look: Look,
  unneeded: readonly Unneeded[] = [],
): string {
  if (attempts.length + unneeded.length === 0) return "";
  const style = styles(look.color);
  const rows = attempts.map((attempt) => [
    markCell(markOf(attempt), style),
    clean(attempt.name + (attempt.batch ? ` ${attempt.batch.number}/${attempt.batch.of}` : "")),
    durationText(attempt.duration_ms),
    evidenceText(attempt),
    outcomeText(attempt),
  ]);
  const notNeeded = unneeded.map(({ name: id, reason }) => [
    markCell(marks.not_applicable, style),
    clean(id),
    "",
    "",
    clean(`not needed: ${reason}`),
  ]);
  const titles = ["RUNNER", "", "  TIME", "EVIDENCE", "RESULT"];
  return titledTable(titles, [...rows, ...notNeeded], look, { right: [2], whole: [0, 2] });
}
