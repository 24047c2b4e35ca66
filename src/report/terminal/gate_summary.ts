/** The gates of a stored run for people. */

import type { Run } from "../../model.ts";
import { gateTable } from "./_gate_table.ts";
import { headText } from "./run_summary.ts";
import { cleanLines } from "../../text/clean.ts";
import type { Look } from "./style.ts";
import { paragraph } from "./table.ts";
import { warningLines } from "./warning_lines.ts";
import { verdictLine } from "./_verdict_line.ts";

/**
 * The gates, how their confidence is computed, and the verdict.
 *
 * @param arithmetic lines of the computation; none: it is not shown
 */
export function gateSummary(run: Run, arithmetic: readonly string[], look: Look): string {
  const computation = arithmetic.flatMap((line) => cleanLines(line))
    .map((line) => paragraph(line, look, { indent: 2 })).join("");
  return [
    headText(run, look),
    gateTable(run.gates, look),
    computation,
    warningLines(run.warnings, look),
    verdictLine(run, look),
  ].filter((part) => part !== "").join("\n");
}
