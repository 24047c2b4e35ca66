/** All diagnoses of a run for people. */

import type { Diagnosis, Run } from "../../model.ts";
import { diagnosisText } from "./_diagnosis.ts";
import { headText } from "./run_summary.ts";
import { type Look, styles } from "./style.ts";
import { paragraph } from "./table.ts";
import { verdictLine } from "./_verdict_line.ts";
import { plural } from "./words.ts";

/** Frames shown of each. */
const frames = 5;

/** Every diagnosis with its frames, and the verdict. */
export function diagnosisList(run: Run, diagnoses: readonly Diagnosis[], look: Look): string {
  const title = diagnoses.length === 0
    ? "Nothing to repair was found."
    : `${plural(diagnoses.length, "thing")} to repair, the most blocking first`;
  return [
    headText(run, look),
    paragraph(title, look, { paint: styles(look.color).bold }),
    ...diagnoses.map((diagnosis, index) =>
      diagnosisText(diagnosis, index + 1, { ...look, frames, excerptLines: 12 })
    ),
    verdictLine(run, look),
  ].join("\n");
}
