/** The matrix that is kept: compared with what was measured, and as the table of docs/sandbox.md. */

import { type Cell, type Matrix, rowName, rows } from "./_matrix.ts";

/** Where a measured cell of a set that works here is not the one that is kept. */
export function differences(
  kept: Matrix,
  measured: Matrix,
  working: Readonly<Record<string, readonly string[]>>,
): string[] {
  return Object.entries(measured).flatMap(([user, columns]) =>
    Object.entries(columns).filter(([set]) => working[user]?.includes(set)).flatMap((
      [set, column],
    ) =>
      Object.entries(column).flatMap(([row, { support }]) => {
        const before = kept[user]?.[set]?.[row]?.support;
        return before === support
          ? []
          : [`${user}, ${set}, ${row}: ${support}, kept is ${before ?? "nothing"}`];
      })
    )
  );
}

/** The table of docs/sandbox.md, as Markdown: the engines alone, and what their caveats say. */
export function guaranteesTable(matrix: Matrix): string {
  const columns = Object.entries(matrix).flatMap(([user, sets]) =>
    Object.entries(sets).filter(([set]) => !set.includes("+")).flatMap(([set, column]) => {
      const same = user === "ordinary user" && matrix["root"]?.[set];
      // One column for both where both have the same.
      if (same && rows.every((row) => sameCell(same, column, rowName(row)))) return [];
      const differs = user !== "root, with systemd" && isDifferentForOthers(matrix, set);
      return [{ head: `\`${set}\`${differs ? `, ${user}` : ""}`, column }];
    })
  );
  const notes: string[] = [];
  const mark = (why: string) => {
    if (!notes.includes(why)) notes.push(why);
    return `in part [${notes.indexOf(why) + 1}]`;
  };
  const cellText = ({ support, why }: Cell) =>
    support === "—" ? "—" : why === undefined ? "yes" : mark(why);
  const lines = rows.map((row) => {
    const name = rowName(row);
    return [`\`${name}\``, ...columns.map(({ column }) => cellText(column[name]!))];
  });
  const head = ["guarantee", ...columns.map(({ head }) => head)];
  const table = [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`);
  return [...table, "", ...notes.map((why, index) => `${index + 1}. ${why}`)].join("\n");
}

type Column = Readonly<Record<string, Cell>>;

function sameCell(a: Column, b: Column, row: string): boolean {
  return a[row]?.support === b[row]?.support &&
    (a[row]?.support === "—" || a[row]?.why === b[row]?.why);
}

function isDifferentForOthers(matrix: Matrix, set: string): boolean {
  const [root, other] = [matrix["root"]?.[set], matrix["ordinary user"]?.[set]];
  return root !== undefined && other !== undefined &&
    !rows.every((row) => sameCell(root, other, rowName(row)));
}
