/** Stored runs for people. */

import type { Run } from "../../model.ts";
import { clean } from "./clean.ts";
import { markOf } from "./_runner_table.ts";
import { type Look, type Mark, shouts, styles } from "./style.ts";
import { paragraph, table } from "./table.ts";
import { confidenceText, timeText } from "./words.ts";

/** A row a run, in the order given. */
export function historyTable(runs: readonly Run[], { columns, color }: Look): string {
  if (runs.length === 0) {
    return paragraph("No run is stored yet: assay verify makes one.", { columns });
  }
  const style = styles(color);
  const head = ["RUN", "WHEN (UTC)", "VERDICT", "CONF", "COMMIT", "RUNNERS"]
    .map((text) => ({ text, paint: style.dim }));
  const rows = runs.map((run) => {
    const mark = markOfRun(run);
    return [
      clean(run.run_id),
      timeText(run.started_at),
      { text: mark.text, paint: style[mark.color] },
      run.state === "finished" ? confidenceText(run.confidence) : "-",
      clean(`${run.commit?.slice(0, 7) ?? "-"}${run.dirty ? "*" : ""}`),
      run.runners.map((attempt) => clean(`${markOf(attempt).text.slice(0, 1)} ${attempt.id}`))
        .join(", "),
    ];
  });
  return table([head, ...rows], { columns, whole: [0], right: [3] });
}

function markOfRun({ state, recommendation }: Run): Mark {
  return state === "finished"
    ? shouts[recommendation]
    : { text: state.toUpperCase(), color: "yellow" };
}
