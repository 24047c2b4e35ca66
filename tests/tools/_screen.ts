/** What a terminal shows after a program has written to it, as an SVG. */

import xterm, { type Terminal } from "@xterm/headless";

/** Characters of one line that look alike. */
interface Run {
  readonly text: string;
  readonly column: number;
  readonly style: string;
}

/** Pixels; of a monospaced font. */
const size = { font: 14, width: 8.43, height: 19, padding: 20, bar: 34 };

/** The lines of a screen, each in runs of one style. */
export async function screenOf(output: string, columns: number): Promise<Run[][]> {
  const terminal = new xterm.Terminal({ cols: columns, rows: 200, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const buffer = terminal.buffer.active;
  const lines: Run[][] = [];
  for (let row = 0; row < buffer.length; row++) {
    const line = buffer.getLine(row)!;
    const runs: { text: string; column: number; style: string }[] = [];
    for (let column = 0; column < columns; column++) {
      const cell = line.getCell(column)!;
      if (cell.getWidth() === 0) continue;
      const style = styleOf(cell);
      const text = cell.getChars() || " ";
      const last = runs.at(-1);
      if (last?.style === style && last.column + last.text.length === column) last.text += text;
      else runs.push({ text, column, style });
    }
    lines.push(runs);
  }
  const last = lines.findLastIndex((runs) => runs.some(({ text }) => text.trim() !== ""));
  return lines.slice(0, last + 1);
}

type Cell = NonNullable<
  ReturnType<
    NonNullable<ReturnType<Terminal["buffer"]["active"]["getLine"]>>["getCell"]
  >
>;

/** The classes of a cell: the colours assay uses have names, all others are that of the text. */
function styleOf(cell: Cell): string {
  const colors: Readonly<Record<number, string>> = { 1: "red", 2: "green", 3: "yellow" };
  const color = cell.isFgPalette() ? colors[cell.getFgColor()] : undefined;
  return [
    ...color ? [color] : [],
    ...cell.isBold() ? ["bold"] : [],
    ...cell.isDim() ? ["dim"] : [],
  ].join(" ");
}

/** Draws the lines in a window. */
export function svgOf(
  lines: readonly (readonly Run[])[],
  { columns, title, description }: {
    readonly columns: number;
    readonly title: string;
    readonly description: string;
  },
): string {
  const width = Math.ceil(columns * size.width + 2 * size.padding);
  const height = lines.length * size.height + 2 * size.padding + size.bar;
  const text = lines.flatMap((runs, row) => {
    const y = size.bar + size.padding + row * size.height + size.font;
    return runs.filter((run) => run.text.trim() !== "").map((run) => runText(run, y));
  });
  const dots = ["#ff5f57", "#febc2e", "#28c840"].map((color, index) =>
    `<circle cx="${20 + index * 20}" cy="18" r="6" fill="${color}"/>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="title desc" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title id="title">${escaped(title)}</title>
<desc id="desc">${escaped(description)}</desc>
<style>
text { font: ${size.font}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #d6deeb; white-space: pre; }
.red { fill: #ff7b72; } .green { fill: #7ee787; } .yellow { fill: #f2cc60; } .dim { fill: #8b98a9; } .bold { font-weight: 700; }
</style>
<rect width="100%" height="100%" rx="10" fill="#11161d"/>
${dots.join("\n")}
${text.join("\n")}
</svg>
`;
}

function runText({ text, column, style }: Run, y: number): string {
  const lead = text.length - text.trimStart().length;
  const x = size.padding + (column + lead) * size.width;
  const shown = text.trim();
  const length = shown.length * size.width;
  const look = style === "" ? "" : ` class="${style}"`;
  return `<text x="${x.toFixed(1)}" y="${y}" textLength="${length.toFixed(1)}"${look}>${
    escaped(shown)
  }</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
