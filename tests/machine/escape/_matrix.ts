/** Engine sets × guarantees: what was enforced when it was tried. */

import type { SandboxFact } from "../../../src/model.ts";
import { guaranteeOf, isGiven, type SandboxDoctor } from "./_doctor.ts";
import { isByAnEngine } from "./_judge.ts";
import { limits } from "./_world.ts";

/** A guarantee, as the rows of the matrix name it. */
interface Row {
  readonly dimension: string;
  /** Of dimensions with several, the value. */
  readonly value?: string;
}

/** The rows. */
export const rows: readonly Row[] = [
  { dimension: "network", value: "none" },
  { dimension: "network", value: "localhost" },
  { dimension: "network", value: "hosts" },
  { dimension: "filesystem", value: "readonly" },
  { dimension: "filesystem", value: "workspace_only" },
  { dimension: "filesystem", value: "scoped_write" },
  { dimension: "paths_hidden" },
  { dimension: "paths_readable" },
  { dimension: "tmpfs" },
  { dimension: "processes", value: "isolated" },
  ...Object.keys(limits).toSorted().map((dimension) => ({ dimension })),
];

/** What became of a guarantee. */
export interface Cell {
  readonly support: "enforced" | "enforced (caveat)" | "—";
  /** The caveat, or why it is not enforced. */
  readonly why?: string;
}

/** The cells of a set of engines, by the name of the row. */
export type Column = Readonly<Record<string, Cell>>;

/** Who ran it → set of engines → its column. */
export type Matrix = Readonly<Record<string, Readonly<Record<string, Column>>>>;

/** `network = none`, or the dimension alone. */
export function rowName({ dimension, value }: Row): string {
  return value === undefined ? dimension : `${dimension} = ${value}`;
}

/** A column, from what runs recorded, the first that declares a guarantee, and what doctor says. */
export function columnOf(
  facts: readonly SandboxFact[],
  doctor: SandboxDoctor,
  engines: readonly string[],
): Column {
  return Object.fromEntries(rows.map((row) => {
    const fact = facts.find(({ dimension, declared }) =>
      dimension === row.dimension && (row.value === undefined || declared === row.value)
    );
    return [rowName(row), fact && isByAnEngine(fact) ? enforced(fact) : open(row)];
  }));

  function open({ dimension, value = "" }: Row): Cell {
    const broken = doctor.engines.find(({ name, works }) => engines.includes(name) && !works);
    const said = guaranteeOf(doctor, engines, { dimension, declared: value });
    const why = broken?.detail ?? (isGiven(said) ? "it was not tried" : said?.why);
    return why ? { support: "—", why } : { support: "—" };
  }
}

function enforced({ caveat }: SandboxFact): Cell {
  if (caveat === undefined) return { support: "enforced" };
  return { support: "enforced (caveat)", why: caveat };
}

/** The matrix for people: a table for each user, and below it what caveats and reasons say. */
export function textOfMatrix(matrix: Matrix): string {
  return Object.entries(matrix).map(([user, columns]) => {
    const width = Math.max(...rows.map((row) => rowName(row).length));
    const lines = rows.map((row) => {
      const cells = Object.entries(columns).map(([set, column]) =>
        column[rowName(row)]!.support.padEnd(Math.max(set.length, 17))
      );
      return [rowName(row).padEnd(width), ...cells].join("  ").trimEnd();
    });
    const head = Object.keys(columns).map((set) => set.padEnd(17));
    const notes = Object.entries(columns).flatMap(([set, column]) =>
      Object.entries(column).flatMap(([row, { why }]) => why ? [`${set}, ${row}: ${why}`] : [])
    );
    return [`${user}`, ["".padEnd(width), ...head].join("  "), ...lines, "", ...notes].join("\n");
  }).join("\n\n");
}
