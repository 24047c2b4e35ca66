/** Which engine gives which guarantee: as many tables beside one column as the width allows. */

import type { EngineGuarantee, EngineRecord } from "../outputs.ts";
import { clean } from "./clean.ts";
import { type Look, type Styles, styles } from "./style.ts";
import { type Cell, table } from "./table.ts";
import { cut, displayWidth } from "./width.ts";

const gap = 2;
/** Longer names of engines are cut. */
const maxName = 14;

/** How each standing is written. */
const marks = {
  given: { text: "✓ yes", color: "green" },
  in_part: { text: "~ part", color: "yellow" },
  missing: { text: "✗ no", color: "red" },
  not_offered: { text: "-", color: "dim" },
} as const satisfies Readonly<
  Record<EngineGuarantee["standing"], { readonly text: string; readonly color: keyof Styles }>
>;

/** The key, with its value where that matters. */
export function guaranteeName({ dimension, value }: EngineGuarantee): string {
  return value === null ? dimension : `${dimension} = ${value}`;
}

/** A row a guarantee, a column an engine. */
export function engineMatrix(engines: readonly EngineRecord[], look: Look): string {
  const style = styles(look.color);
  const first = Math.max(...engines[0]!.guarantees.map((each) => guaranteeName(each).length));
  const widths = engines.map(({ name }) =>
    Math.max(6, Math.min(maxName, displayWidth(clean(name))))
  );
  return blocksOf(widths, look.columns - first).map((indexes) => {
    const block = indexes.map((index) => engines[index]!);
    return table([headOf(block, style), ...rowsOf(block, style)], look);
  }).join("\n");
}

/** The columns of each table, by index; at least one. */
function blocksOf(widths: readonly number[], room: number): number[][] {
  const blocks: number[][] = [];
  let used = Infinity;
  widths.forEach((width, index) => {
    used += gap + width;
    if (used <= room) blocks.at(-1)!.push(index);
    else {
      blocks.push([index]);
      used = gap + width;
    }
  });
  return blocks;
}

function headOf(engines: readonly EngineRecord[], style: Styles): Cell[] {
  const names = engines.map(({ name }) => ({ text: cut(clean(name), maxName), paint: style.bold }));
  return [{ text: "guarantee", paint: style.bold }, ...names];
}

function rowsOf(engines: readonly EngineRecord[], style: Styles): Cell[][] {
  return engines[0]!.guarantees.map((guarantee, index) => [
    guaranteeName(guarantee),
    ...engines.map(({ guarantees }) => {
      const { text, color } = marks[guarantees[index]!.standing];
      return { text, paint: style[color] };
    }),
  ]);
}
