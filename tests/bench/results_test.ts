import { assertEquals } from "@std/assert";
import { type Measured, merged, portable, readResults } from "./results.ts";
import type { Machine, Row } from "./types.ts";

const machine: Machine = { cpu: "Some CPU", cores: 2, os: "linux x86_64", deno: "2.9.6" };
const ids = ["a", "b"];

function measured(id: string, value: number): Measured {
  const row: Row = {
    name: id,
    against: "nothing",
    value,
    unit: "×",
    goal: 1,
    rounds: 1,
    command: "/opt/bin/deno run /tmp/x/dist/assay.js verify",
    against_command: "/usr/bin/python3 /tmp/x/count.py",
  };
  return { id, date: "2026-01-01", rows: [row] };
}

Deno.test("results: new figures replace old ones of their benchmark and keep the others", () => {
  const old = { machine, benchmarks: [measured("a", 1), measured("b", 1)] };
  assertEquals(merged(old, machine, [measured("b", 2)], ids).benchmarks, [
    measured("a", 1),
    measured("b", 2),
  ]);
  assertEquals(merged(undefined, machine, [measured("b", 2)], ids).benchmarks, [measured("b", 2)]);
});

Deno.test("results: figures of another machine or runtime are not kept next to new ones", () => {
  const old = { machine: { ...machine, deno: "2.9.5" }, benchmarks: [measured("a", 1)] };
  const results = merged(old, machine, [measured("b", 2)], ids);
  assertEquals(results, { machine, benchmarks: [measured("b", 2)] });
});

Deno.test("results: commands name no folder of the machine", () => {
  const [row] = portable(measured("a", 1).rows, ["/tmp/x/dist", "/tmp/x"]);
  assertEquals(row, {
    ...measured("a", 1).rows[0]!,
    command: "deno run assay.js verify",
    against_command: "python3 count.py",
  });
});

Deno.test("results: a benchmark's goal is never without its rounds and command", async () => {
  const kept = await readResults();
  for (const row of kept?.benchmarks.flatMap((each) => each.rows) ?? []) {
    // A size does not depend on how it is run.
    if ("not_measured" in row || row.name.startsWith("Size of ")) continue;
    // The bundle, the program, or the sources.
    const isOurs = /\bassay(\.js)?\b|\bsrc\/main\.ts\b/.test(row.command);
    assertEquals([row.rounds > 0, isOurs], [true, true], `${row.name}: ${row.command}`);
  }
});
