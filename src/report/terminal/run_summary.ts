/** The summary of a run for people. */

import type { Annotation, Diagnosis, Run } from "../../model.ts";
import { plural } from "../../text/words.ts";
import { inlineText } from "./_annotation.ts";
import { clean } from "../../text/clean.ts";
import { diagnosisText } from "./_diagnosis.ts";
import { gateTable } from "./_gate_table.ts";
import { runnerTable } from "./_runner_table.ts";
import { type Look, styles } from "./style.ts";
import { paragraph } from "./table.ts";
import { verdictLine } from "./_verdict_line.ts";
import { warningLines } from "./warning_lines.ts";
import { durationText, lineageText } from "./words.ts";

/** Diagnoses shown; `assay diagnose` has them all. */
const shown = 5;
/** Shown of each. */
const parts = { frames: 0, excerptLines: 7, annotations: 3 };
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
  return [
    headText(run, look),
    runnerTable(run.attempts, look, run.unneeded),
    run.gates.length === 0 ? "" : gateTable(run.gates, look),
    notesText(annotations, look),
    warningsText(run, look),
    diagnosesText(diagnoses, look),
    verdictLine(run, look),
  ].filter((part) => part !== "").join("\n");
}

/** What the run was about, on one line. */
export function headText(run: Run, look: Look): string {
  const name = run.root.slice(run.root.lastIndexOf("/") + 1);
  const facts = [`assay ${run.verb}`, name, lineageText(run), durationText(run.duration_ms)];
  return paragraph(clean(facts.filter((fact) => fact !== "").join(" · ")), look);
}

/** What annotators say of whole attempts, after the attempt's reference. */
export function notesText(annotations: readonly Annotation[], look: Look): string {
  const named = annotations.map((each) => ({
    ...each,
    annotator: `${each.ref} ${each.annotator}`,
  }));
  return inlineText(named, { ...look, indent: 0, annotations: notes }).join("");
}

function diagnosesText(diagnoses: readonly Diagnosis[], look: Look): string {
  if (diagnoses.length === 0) return "";
  const style = styles(look.color);
  const rest = diagnoses.length - shown;
  const more = rest > 0 ? [paragraph(`… and ${rest} more: assay diagnose`, look)] : [];
  const first = diagnoses.slice(0, shown).map((diagnosis, index) =>
    diagnosisText(diagnosis, index + 1, { ...look, ...parts })
  );
  const title = `${plural(diagnoses.length, "thing")} to repair, the most blocking first`;
  return [paragraph(title, look, { paint: style.bold }), ...first, ...more].join("\n");
}

function warningsText({ warnings, attempts }: Run, look: Look): string {
  return warningLines([
    ...warnings,
    ...attempts.flatMap((attempt) => attempt.warnings.map((text) => `${attempt.name}: ${text}`)),
  ], look);
}
