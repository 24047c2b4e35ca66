/** The table of figures in docs/benchmarks.md, made from `results.json`. */

import type { Figure, Results, Row } from "./types.ts";

/** The markers around the table in a document. */
export const markers = { begin: "<!-- bench:begin -->", end: "<!-- bench:end -->" };

/** Columns that hold numbers stand to the right. */
const columns = [
  { title: "What", right: false },
  { title: "Against", right: false },
  { title: "Result", right: true },
  { title: "Goal", right: true },
  { title: "Met", right: false },
];

/** Whether a figure is what was promised; `undefined` when nothing was, or it could not be measured. */
export function isMet(row: Row): boolean | undefined {
  return row.goal === null || "not_measured" in row ? undefined : row.value <= row.goal;
}

/** The cells of one row, as people read them. */
export function cellsOf(row: Row): string[] {
  const unit = "not_measured" in row ? row.unit ?? "×" : row.unit;
  const value = "not_measured" in row
    ? `not measured: ${row.not_measured}`
    : withUnit(row.value, unit);
  const met = isMet(row);
  return [
    row.name,
    row.against,
    value,
    row.goal === null ? "–" : `≤ ${withUnit(row.goal, unit)}`,
    met === undefined ? "–" : met ? "yes" : "no",
  ];
}

function withUnit(value: number, unit: Figure["unit"]): string {
  return unit === "×" ? `${value.toFixed(2)} ×` : `${value} ${unit}`;
}

/** The results as Markdown, in the form `deno fmt` gives it. */
export function renderTable({ machine, benchmarks }: Results): string {
  const rows = benchmarks.flatMap((each) => each.rows.map(cellsOf));
  const cells = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]!.length)));
  const line = (row: readonly string[]) => `| ${row.map(padded(widths)).join(" | ")} |`;
  const rule = columns.map(({ right }, index) =>
    right ? `${"-".repeat(widths[index]! - 1)}:` : "-".repeat(widths[index]!)
  );
  const [head, ...body] = cells.map(line);
  const dates = [...new Set(benchmarks.map((each) => each.date))].toSorted();
  return [
    head,
    `| ${rule.join(" | ")} |`,
    ...body,
    "",
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.os}, Deno ${machine.deno}`,
    `- Measured: ${dates.join(", ")}`,
  ].join("\n");
}

function padded(widths: readonly number[]): (cell: string, index: number) => string {
  return (cell, index) =>
    columns[index]!.right ? cell.padStart(widths[index]!) : cell.padEnd(widths[index]!);
}

/** The table that a document holds, or nothing when it has no markers. */
export function tableIn(document: string): string | undefined {
  const [begin, end] = [document.indexOf(markers.begin), document.indexOf(markers.end)];
  if (begin < 0 || end < begin) return undefined;
  return document.slice(begin + markers.begin.length, end).trim();
}

/** The document with another table; `undefined` when it has no markers. */
export function withTable(document: string, table: string): string | undefined {
  if (tableIn(document) === undefined) return undefined;
  const [begin, end] = [document.indexOf(markers.begin), document.indexOf(markers.end)];
  const before = document.slice(0, begin + markers.begin.length);
  return `${before}\n\n${table}\n\n${document.slice(end)}`;
}
