/** Stored runs for people. */

import type { Run } from "../../model.ts";
import { clean } from "./clean.ts";
import { type Look, type Styles, styles } from "./style.ts";
import { shoutOf } from "./_verdict_line.ts";
import { type Cell, paragraph, table } from "./table.ts";
import { confidenceText, timeText } from "./words.ts";

/** One column: its title, and the cell of a run. */
interface Column {
  readonly title: string;
  readonly cell: (run: Run, style: Styles) => Cell;
}

const id: Column = { title: "RUN", cell: (run) => clean(run.run_id) };
const when: Column = { title: "WHEN (UTC)", cell: (run) => timeText(run.started_at) };
/** Without the year. */
const shortWhen: Column = { title: "WHEN (UTC)", cell: (run) => timeText(run.started_at).slice(5) };
const verdict: Column = {
  title: "VERDICT",
  cell(run, style) {
    const { text, color } = shoutOf(run);
    return { text, paint: style[color] };
  },
};
const confidence: Column = {
  title: "CONF",
  cell: (run) => (run.state === "finished" ? confidenceText(run.confidence) : "-").padStart(5),
};
const commit: Column = {
  title: "COMMIT",
  cell: (run) => clean(`${run.commit?.slice(0, 7) ?? "-"}${run.dirty ? "*" : ""}`),
};
const runners: Column = { title: "RUNNERS", cell: runnersText };

/** What fits: a run's id is copied, so it is never cut. */
const layouts: readonly { readonly from: number; readonly columns: readonly Column[] }[] = [
  { from: 100, columns: [id, when, verdict, confidence, commit, runners] },
  { from: 80, columns: [id, when, verdict, confidence, commit] },
  { from: 0, columns: [id, verdict, confidence, shortWhen] },
];

/** A row a run, in the order given. */
export function historyTable(runs: readonly Run[], { columns, color }: Look): string {
  if (runs.length === 0) {
    return paragraph("No run is stored yet: assay verify makes one.", { columns });
  }
  const style = styles(color);
  const layout = layouts.find(({ from }) => columns >= from)!;
  const head = layout.columns.map(({ title }) => ({ text: title, paint: style.dim }));
  const rows = runs.map((run) => layout.columns.map(({ cell }) => cell(run, style)));
  return table([head, ...rows], { columns, whole: [0] });
}

function runnersText({ runners: attempts }: Run): string {
  const bad = attempts.filter(({ state, verdict }) => state !== "finished" || verdict !== "pass");
  if (attempts.length === 0) return "none";
  if (bad.length === 0) return `${attempts.length} passed`;
  const names = bad.map((attempt) => clean(attempt.id)).join(", ");
  return `not passed: ${names}`;
}
