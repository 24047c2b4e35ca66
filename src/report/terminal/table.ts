/** Tables that fit the terminal (columns are cut with `…`, the last one is wrapped), paragraphs, warnings. */

import { clean } from "../../text/clean.ts";
import { type Look, type Paint, styles } from "./style.ts";
import { cut, displayWidth, wrap } from "./width.ts";

/** A cell: clean text, and how to paint it. */
export type Cell = string | { readonly text: string; readonly paint: Paint };

export interface TableLayout {
  readonly columns: number;
  /** Blanks before each line; default 0. */
  readonly indent?: number;
  /** Columns that are never cut, by index: their contents get copied. */
  readonly whole?: readonly number[];
  /** Right-aligned columns. */
  readonly right?: readonly number[];
}

const gap = 2;
/** Minimum width of the last column, before the others are cut. */
const lastMinimum = 24;
const minimum = 6;

/** The table's lines, each ended by a newline. Rows may have missing cells. */
export function table(rows: readonly (readonly Cell[])[], layout: TableLayout): string {
  const { indent = 0, right = [] } = layout;
  const widths = columnWidths(rows, layout);
  const last = widths.length - 1;
  const lines: string[] = [];
  for (const row of rows) {
    const cells = widths.map((_, index) => textOf(row[index]));
    const wrapped = wrap(cells[last] ?? "", widths[last] ?? 0);
    wrapped.forEach((rest, lineIndex) => {
      const parts = widths.slice(0, last).map((width, index) => {
        const text = lineIndex === 0 ? cut(cells[index]!, width) : "";
        const room = " ".repeat(width - displayWidth(text));
        const painted = paintOf(row[index])(text);
        return right.includes(index) ? room + painted : painted + room;
      });
      const line = [...parts, paintOf(row[last])(rest)].join(" ".repeat(gap));
      lines.push(`${" ".repeat(indent)}${line}`.trimEnd());
    });
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** Lines of a text, wrapped, each after `indent` blanks and ended by a newline. */
export function paragraph(
  text: string,
  { columns }: { readonly columns: number },
  { indent = 0, paint = (line: string) => line } = {},
): string {
  return wrap(text, columns - indent).map((line) => `${" ".repeat(indent)}${paint(line)}\n`).join(
    "",
  );
}

export function titledTable(
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
  look: Look,
  layout: Partial<TableLayout> = {},
): string {
  const { dim } = styles(look.color);
  const head = titles.map((text) => ({ text, paint: dim }));
  return table([head, ...rows], { columns: look.columns, ...layout });
}

/** A name and a text; if that is empty, the row is left out. */
export type Fact = readonly [name: string, text: string | null | undefined];

export function factTable(facts: readonly Fact[], look: Look): string {
  const { dim } = styles(look.color);
  const rows = facts.flatMap(([name, text]) =>
    text ? [[{ text: clean(name), paint: dim }, clean(text)]] : []
  );
  return table(rows, { columns: look.columns, indent: 2 });
}

/** Parts with an empty line between them; empty ones are left out. */
export function sections(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

/** Warnings, each after a mark and wrapped, without repetitions. */
export function warningLines(warnings: readonly string[], { columns, color }: Look): string {
  const { yellow } = styles(color);
  return [...new Set(warnings)].flatMap((text) =>
    wrap(clean(text), columns - 2).map((line, index) =>
      `${index === 0 ? yellow("!") : " "} ${line}\n`
    )
  ).join("");
}

function textOf(cell: Cell | undefined): string {
  return cell === undefined ? "" : typeof cell === "string" ? cell : cell.text;
}

function paintOf(cell: Cell | undefined): Paint {
  return cell === undefined || typeof cell === "string" ? (text) => text : cell.paint;
}

function columnWidths(
  rows: readonly (readonly Cell[])[],
  { columns, indent = 0, whole = [] }: TableLayout,
): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from(
    { length: count },
    (_, index) => Math.max(0, ...rows.map((row) => displayWidth(textOf(row[index])))),
  );
  const last = count - 1;
  const room = columns - indent - gap * last;
  const others = () => widths.slice(0, last).reduce((sum, width) => sum + width, 0);
  const lastNeeds = Math.min(widths[last] ?? 0, lastMinimum);
  while (others() + lastNeeds > room) {
    const cuttable = widths.map((width, index) => ({ width, index }))
      .filter(({ width, index }) => index < last && !whole.includes(index) && width > minimum);
    if (cuttable.length === 0) break;
    const widest = cuttable.reduce((one, other) => other.width > one.width ? other : one);
    widths[widest.index] = widest.width - 1;
  }
  if (last >= 0) widths[last] = Math.max(minimum, Math.min(widths[last]!, room - others()));
  return widths;
}
