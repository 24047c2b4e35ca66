/**
 * `deno task bench [NAME…] [--large] [--write]`: measures assay against others, side by side. With
 * `--write` the figures are kept in `results.json` and in the table of docs/benchmarks.md.
 *
 * Figures are ratios of medians of commands that ran in turn, so that they hold on a busy machine too.
 *
 * @module
 */

import { projectRoot } from "../support.ts";
import { attempt } from "./attempt.ts";
import { hook } from "./hook.ts";
import { sandbox } from "./sandbox.ts";
import { junit } from "./junit.ts";
import { large } from "./large.ts";
import { lineage } from "./lineage.ts";
import { noOp } from "./no_op.ts";
import { parallel } from "./parallel.ts";
import { plugins } from "./plugins.ts";
import { start } from "./start.ts";
import {
  type Measured,
  merged,
  portable,
  readResults,
  thisMachine,
  writeResults,
} from "./results.ts";
import { renderTable, withTable } from "./table.ts";
import { toolsFolder } from "./tools.ts";
import type { Benchmark } from "./types.ts";
import { withBench } from "./workbench.ts";

const benchmarks: readonly Benchmark[] = [
  { id: "no-op", slow: false, run: noOp },
  { id: "hook", slow: false, run: hook },
  { id: "start", slow: false, run: start },
  { id: "junit", slow: false, run: junit },
  { id: "lineage", slow: false, run: lineage },
  { id: "attempt", slow: false, run: attempt },
  { id: "parallel", slow: false, run: parallel },
  { id: "plugins", slow: false, run: plugins },
  { id: "sandbox", slow: false, run: sandbox },
  { id: "large", slow: true, run: large },
];

const ids = benchmarks.map(({ id }) => id);

/** The benchmarks that the arguments ask for: those named, else all that are not slow. */
function chosen(args: readonly string[]): readonly Benchmark[] {
  const flags = ["--large", "--write"];
  const names = args.filter((arg) => !flags.includes(arg));
  const wrong = names.find((name) => !ids.includes(name));
  if (wrong !== undefined) {
    throw new Error(`there is no benchmark ${wrong}: choose of ${[...ids, ...flags].join(", ")}`);
  }
  const wanted = ({ id, slow }: Benchmark) =>
    names.length > 0 ? names.includes(id) : !slow || args.includes("--large");
  return benchmarks.filter(wanted);
}

async function measure({ id, run }: Benchmark): Promise<Measured> {
  console.error(`${id} …`);
  return await withBench(async (bench) => {
    const rows = await run(bench);
    const folders = [bench.folder, `${toolsFolder()}/node_modules`, projectRoot.slice(0, -1)];
    return { id, date: new Date().toISOString().slice(0, 10), rows: portable(rows, folders) };
  });
}

async function updateDocument(table: string): Promise<void> {
  const path = `${projectRoot}docs/benchmarks.md`;
  const text = withTable(await Deno.readTextFile(path), table);
  if (text === undefined) console.error(`${path} has no markers for the table: left as it is`);
  else await Deno.writeTextFile(path, text);
}

if (import.meta.main) {
  const measured: Measured[] = [];
  for (const benchmark of chosen(Deno.args)) measured.push(await measure(benchmark));
  const machine = await thisMachine();
  console.log(renderTable({ machine, benchmarks: measured }));
  if (Deno.args.includes("--write")) {
    const results = merged(await readResults(), machine, measured, ids);
    await writeResults(results);
    await updateDocument(renderTable(results));
  }
}
