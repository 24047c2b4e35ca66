/** Stored runs for people. */

import type { Run } from "../../model.ts";
import type { HistoryOutput } from "../../schema/outputs.ts";
import { clean } from "../../text/clean.ts";
import { type Look, markCell, type Styles, styles } from "./style.ts";
import { shoutOf } from "./_verdict_line.ts";
import { type Cell, paragraph, titledTable, warningLines } from "./table.ts";
import { confidenceText, timeText } from "./words.ts";

interface Column {
  readonly title: string;
  readonly cell: (run: Run, style: Styles) => Cell;
}

const id: Column = { title: "RUN", cell: (run) => clean(run.run_id) };
const when: Column = { title: "WHEN (UTC)", cell: (run) => timeText(run.started_at) };
/** Without the year and the seconds. */
const shortWhen: Column = {
  title: "WHEN (UTC)",
  cell: (run) => timeText(run.started_at).slice(5, 16),
};
const verdict: Column = {
  title: "VERDICT",
  cell: (run, style) => markCell(shoutOf(run), style),
};
const confidence: Column = {
  title: "CONF",
  cell: (run) => {
    // The confidence of a part says nothing about the whole.
    const text = run.coverage?.partial ? "part" : confidenceText(run.confidence);
    return (run.state === "finished" ? text : "-").padStart(5);
  },
};
const commit: Column = {
  title: "COMMIT",
  cell: (run) => clean(`${run.commit?.slice(0, 7) ?? "-"}${run.dirty ? "*" : ""}`),
};
const checks: Column = { title: "CHECKS", cell: checksText };

/** The columns that fit: a run's id gets copied, so it is never cut. */
const layouts: readonly { readonly from: number; readonly columns: readonly Column[] }[] = [
  { from: 104, columns: [id, when, verdict, confidence, commit, checks] },
  { from: 80, columns: [id, when, verdict, confidence, commit] },
  { from: 0, columns: [id, verdict, confidence, shortWhen] },
];

/** A row per run, in the order given. */
export function historyTable(
  runs: readonly Run[],
  look: Look,
  unreadable: HistoryOutput["unreadable"] = [],
): string {
  const warnings = warningLines(
    unreadable.map(({ run_id, problem }) => `run ${run_id} cannot be read: ${problem}`),
    look,
  );
  if (runs.length === 0) {
    return paragraph("No runs yet: run assay verify.", look) + warnings;
  }
  const style = styles(look.color);
  const layout = layouts.find(({ from }) => look.columns >= from)!;
  const rows = runs.map((run) =>
    layout.columns.map(({ title, cell }) => {
      const isLost = unreadable.some(({ run_id }) => run_id === run.run_id);
      if (!isLost || title === id.title || title.startsWith("WHEN")) return cell(run, style);
      return title === verdict.title ? { text: "UNREADABLE", paint: style.yellow } : "-";
    })
  );
  const titles = layout.columns.map(({ title }) => title);
  return titledTable(titles, rows, look, { whole: [0] }) + legend(runs, titles, look) + warnings;
}

/** What the marks in the table mean, those that occur. */
function legend(runs: readonly Run[], titles: readonly string[], look: Look): string {
  const lines = [
    "CONF: confidence, 0 to 100",
    ...runs.some(({ coverage }) => coverage?.partial) ? ["part: partial run, not all checks"] : [],
    ...titles.includes(commit.title) && runs.some(({ dirty }) => dirty)
      ? ["*: uncommitted changes"]
      : [],
  ];
  return `\n${paragraph(lines.join(" · "), look, { paint: styles(look.color).dim })}`;
}

function checksText({ attempts }: Run): string {
  const bad = attempts.filter(({ state, verdict }) => state !== "finished" || verdict !== "pass");
  if (attempts.length === 0) return "none";
  if (bad.length === 0) return `${attempts.length} passed`;
  const names = bad.map((attempt) => clean(attempt.name)).join(", ");
  return `not passed: ${names}`;
}
