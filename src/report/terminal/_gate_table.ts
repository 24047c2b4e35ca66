/** The gates as a table. */

import type { Gate } from "../../model.ts";
import { clean } from "../../text/clean.ts";
import { type Look, marks, styles } from "./style.ts";
import { table } from "./table.ts";

/** A row a gate: status, name, points of its weight, reason. */
export function gateTable(gates: readonly Gate[], { columns, color }: Look): string {
  const style = styles(color);
  const head = ["GATE", "", "POINTS", "WHY"].map((text) => ({ text, paint: style.dim }));
  const rows = gates.map(({ id, status, score, weight, required, reason }) => [
    { text: marks[status].text, paint: style[marks[status].color] },
    clean(id),
    status === "not_applicable" ? "-" : `${points(weight * score)} of ${points(weight)}`,
    clean(required ? reason : `${reason} (optional)`),
  ]);
  return table([head, ...rows], { columns, right: [2] });
}

/** At most one decimal, rounded down. */
function points(value: number): string {
  return String(Math.floor(value * 10 + 1e-9) / 10);
}
