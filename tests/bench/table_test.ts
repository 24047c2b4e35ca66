import { assertEquals } from "@std/assert";
import { projectRoot, run, textOf } from "../support.ts";
import { readResults } from "./results.ts";
import { cellsOf, isMet, renderTable, tableIn, withTable } from "./table.ts";
import type { Figure, Results } from "./types.ts";

const figure: Figure = {
  name: "No-op `verify`",
  against: "an empty program",
  value: 1.96,
  unit: "×",
  goal: 2,
  rounds: 60,
  command: "assay verify",
  against_command: "deno run empty.js",
};

const results: Results = {
  machine: { cpu: "Some CPU", cores: 2, os: "linux x86_64", deno: "2.9.6" },
  benchmarks: [
    { id: "a", date: "2026-01-02", rows: [figure, { ...figure, value: 2.005 }] },
    { id: "b", date: "2026-01-01", rows: [{ ...figure, value: 150, unit: "MiB", goal: 200 }] },
    { id: "c", date: "2026-01-02", rows: [{ ...figure, goal: null }] },
  ],
};

const shown = tableIn(await Deno.readTextFile(`${projectRoot}docs/benchmarks.md`));

Deno.test("bench: the table in docs/benchmarks.md is made from results.json", async () => {
  const kept = await readResults();
  assertEquals(shown, renderTable(kept!));
});

Deno.test("bench: a figure is met at its goal and not above it", () => {
  assertEquals(isMet({ ...figure, value: 2 }), true);
  assertEquals(isMet({ ...figure, value: 2.001 }), false);
  assertEquals(isMet({ ...figure, goal: null }), undefined);
});

Deno.test("bench: what could not be measured is said, and is not met", () => {
  const { name, against, goal } = figure;
  const row = { name, against, goal, not_measured: "xargs is not on PATH" };
  assertEquals(cellsOf(row), [
    name,
    against,
    "not measured: xargs is not on PATH",
    "≤ 2.00 ×",
    "–",
  ]);
  assertEquals(isMet(row), undefined);
});

Deno.test("bench: the table says figure, goal, met, machine and days", () => {
  const lines = renderTable(results).split("\n");
  const cells = lines.slice(2, 6).map((line) =>
    line.split("|").slice(3, -1).map((cell) => cell.trim())
  );
  assertEquals(cells, [
    ["1.96 ×", "≤ 2.00 ×", "yes"],
    ["2.00 ×", "≤ 2.00 ×", "no"],
    ["150 MiB", "≤ 200 MiB", "yes"],
    ["1.96 ×", "–", "–"],
  ]);
  assertEquals(lines.slice(7), [
    "- Machine: Some CPU, 2 cores, linux x86_64, Deno 2.9.6",
    "- Measured: 2026-01-01, 2026-01-02",
  ]);
});

Deno.test("bench: deno fmt leaves the table as it is", async () => {
  const text = withTable("<!-- bench:begin -->\n<!-- bench:end -->\n", renderTable(results))!;
  const argv = [Deno.execPath(), "fmt", "--ext=md", "-"];
  const stdin = new TextEncoder().encode(text);
  const options = { cwd: projectRoot, env: { NO_COLOR: "1" }, stdin };
  assertEquals(textOf((await run(argv, options)).stdout), text);
});

Deno.test("bench: a table replaces the one between the markers, and nothing else", () => {
  const document = "# A\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nB\n";
  const changed = withTable(document, "new")!;
  assertEquals(changed, "# A\n<!-- bench:begin -->\n\nnew\n\n<!-- bench:end -->\nB\n");
  assertEquals(tableIn(changed), "new");
  assertEquals(withTable(changed, "new"), changed);
  assertEquals(withTable("# A\n", "new"), undefined);
});
