/** The commands of a run as a table. */

import { type Attempt, isNotNeeded, type Unneeded } from "../../model.ts";
import { clean } from "../../text/clean.ts";
import { type Look, type Mark, marks, styles } from "./style.ts";
import { table } from "./table.ts";
import { durationText, resultText } from "./words.ts";

/** How an attempt is marked: one that did not end has no verdict yet. */
export function markOf(attempt: Attempt): Mark {
  const { state, verdict } = attempt;
  if (isNotNeeded(attempt)) return marks.not_applicable;
  return state === "finished" ? marks[verdict] : marks.unknown;
}

function batchText({ batch }: Attempt): string {
  return batch ? ` ${batch.number}/${batch.of}` : "";
}

/** A row a command: verdict, name, time, what it says. */
export function runnerTable(
  attempts: readonly Attempt[],
  { columns, color }: Look,
  unneeded: readonly Unneeded[] = [],
): string {
  if (attempts.length + unneeded.length === 0) return "";
  const style = styles(color);
  const head = ["RUNNER", "", "TIME", "RESULT"].map((text) => ({ text, paint: style.dim }));
  const rows = attempts.map((attempt) => {
    const mark = markOf(attempt);
    return [
      { text: mark.text, paint: style[mark.color] },
      clean(attempt.name + batchText(attempt)),
      durationText(attempt.duration_ms),
      resultText(attempt),
    ];
  });
  const spared = unneeded.map(({ name: id, reason }) => [
    { text: marks.not_applicable.text, paint: style[marks.not_applicable.color] },
    clean(id),
    "",
    clean(`not needed: ${reason}`),
  ]);
  return table([head, ...rows, ...spared], { columns, right: [2] });
}
