/** All diagnoses of a run for people. */

import type { Annotation, Diagnosis, Run } from "../../model.ts";
import { plural } from "../../text/words.ts";
import { diagnosisText } from "./_diagnosis.ts";
import { gateTable } from "./_gate_table.ts";
import { headText, notesText } from "./run_summary.ts";
import { type Look, styles } from "./style.ts";
import { paragraph } from "./table.ts";
import { verdictLine } from "./_verdict_line.ts";

/** Shown of each. */
const parts = { frames: 5, excerptLines: 12, annotations: 10 };

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
  return [
    headText(run, look),
    paragraph(title, look, { paint: styles(look.color).bold }),
    ...diagnoses.map((diagnosis, index) =>
      diagnosisText(diagnosis, index + 1, { ...look, ...parts })
    ),
    closed.length > 0 ? gateTable(closed, look) : "",
    notesText(annotations, look),
    verdictLine(run, look),
  ].filter((part) => part !== "").join("\n");
}
