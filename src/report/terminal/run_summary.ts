/** A run for people: its summary, its gates, all its diagnoses. */

import type { Annotation, Attempt, Diagnosis, Gate, Run, Unneeded } from "../../model.ts";
import { clean, cleanLines } from "../../text/clean.ts";
import { plural } from "../../text/words.ts";
import { diagnosisText, inlineText } from "./_diagnosis.ts";
import { verdictLine } from "./_verdict_line.ts";
import { type Look, markCell, markOf, marks, styles } from "./style.ts";
import { paragraph, sections, titledTable, warningLines } from "./table.ts";
import { durationText, lineageText, resultText } from "./words.ts";

/** Diagnoses shown; `assay diagnose` has them all. */
const shownDiagnoses = 5;
/** Shown of each: in the summary of a run, and where there is nothing else. */
const inSummary = { frames: 0, excerptLines: 7, annotations: 3 };
const inFull = { frames: 5, excerptLines: 12, annotations: 10 };
/** Annotations of whole attempts shown. */
const notes = 10;

/**
 * What was run, what the gates say, what to repair first; the last line is the verdict.
 *
 * @param annotations what annotators say of whole attempts
 * @returns lines, each ended by a newline
 */
export function runSummary(
  run: Run,
  diagnoses: readonly Diagnosis[],
  look: Look,
  annotations: readonly Annotation[] = [],
): string {
  const warnings = [
    ...run.warnings,
    ...run.attempts.flatMap((attempt) =>
      attempt.warnings.map((text) => `${attempt.name}: ${text}`)
    ),
  ];
  return sections([
    headText(run, look),
    runnerTable(run.attempts, look, run.unneeded),
    run.gates.length === 0 ? "" : gateTable(run.gates, look),
    notesText(annotations, look),
    warningLines(warnings, look),
    diagnosesText(diagnoses, look),
    verdictLine(run, look),
  ]);
}

function headText(run: Run, look: Look): string {
  const name = run.root.slice(run.root.lastIndexOf("/") + 1);
  const facts = [`assay ${run.verb}`, name, lineageText(run), durationText(run.duration_ms)];
  return paragraph(clean(facts.filter((fact) => fact !== "").join(" · ")), look);
}

/** What annotators say of whole attempts, after the attempt's reference. */
function notesText(annotations: readonly Annotation[], look: Look): string {
  const named = annotations.map((each) => ({
    ...each,
    annotator: `${each.ref} ${each.annotator}`,
  }));
  return inlineText(named, { ...look, indent: 0, annotations: notes }).join("");
}

function diagnosesText(diagnoses: readonly Diagnosis[], look: Look): string {
  if (diagnoses.length === 0) return "";
  const style = styles(look.color);
  const rest = diagnoses.length - shownDiagnoses;
  const more = rest > 0 ? [paragraph(`… and ${rest} more: assay diagnose`, look)] : [];
  const first = diagnoses.slice(0, shownDiagnoses).map((diagnosis, index) =>
    diagnosisText(diagnosis, index + 1, { ...look, ...inSummary })
  );
  const title = `${plural(diagnoses.length, "thing")} to repair, the most blocking first`;
  return [paragraph(title, look, { paint: style.bold }), ...first, ...more].join("\n");
}

/**
 * The gates, how their confidence is computed, and the verdict.
 *
 * @param arithmetic lines of the computation; none: it is not shown
 */
export function gateSummary(run: Run, arithmetic: readonly string[], look: Look): string {
  const computation = arithmetic.flatMap((line) => cleanLines(line))
    .map((line) => paragraph(line, look, { indent: 2 })).join("");
  return sections([
    headText(run, look),
    gateTable(run.gates, look),
    computation,
    warningLines(run.warnings, look),
    verdictLine(run, look),
  ]);
}

/**
 * Every diagnosis with its frames, and the verdict.
 *
 * @param annotations what annotators say of whole attempts
 */
export function diagnosisList(
  run: Run,
  diagnoses: readonly Diagnosis[],
  look: Look,
  annotations: readonly Annotation[] = [],
): string {
  // Such as a project that nothing tests: no command is to be repaired.
  const closed = run.gates.filter(({ required, status }) =>
    diagnoses.length === 0 && required && (status === "unknown" || status === "fail")
  );
  const title = closed.length > 0
    ? "No command is to be repaired; a gate is closed"
    : diagnoses.length === 0
    ? "Nothing to repair was found."
    : `${plural(diagnoses.length, "thing")} to repair, the most blocking first`;
  return sections([
    headText(run, look),
    paragraph(title, look, { paint: styles(look.color).bold }),
    ...diagnoses.map((diagnosis, index) =>
      diagnosisText(diagnosis, index + 1, { ...look, ...inFull })
    ),
    closed.length > 0 ? gateTable(closed, look) : "",
    notesText(annotations, look),
    verdictLine(run, look),
  ]);
}

/** A row a gate: status, name, points of its weight, reason. */
function gateTable(gates: readonly Gate[], look: Look): string {
  const style = styles(look.color);
  const rows = gates.map(({ id, status, score, weight, required, reason }) => [
    markCell(marks[status], style),
    clean(id),
    status === "not_applicable" ? "-" : `${points(weight * score)} of ${points(weight)}`,
    clean(required ? reason : `${reason} (optional)`),
  ]);
  return titledTable(["GATE", "", "POINTS", "WHY"], rows, look, { right: [2] });
}

/** At most one decimal, rounded down. */
function points(value: number): string {
  return String(Math.floor(value * 10 + 1e-9) / 10);
}

/** A row a command: verdict, name, time, what it says. */
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
    resultText(attempt),
  ]);
  const spared = unneeded.map(({ name: id, reason }) => [
    markCell(marks.not_applicable, style),
    clean(id),
    "",
    clean(`not needed: ${reason}`),
  ]);
  const titles = ["RUNNER", "", "TIME", "RESULT"];
  return titledTable(titles, [...rows, ...spared], look, { right: [2] });
}
