/** An index or a record that is damaged anywhere: every verb answers or mends it, and nothing becomes green. */

import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { withFolder } from "../support.ts";
import { builtins } from "../../plugins/mod.ts";
import { main } from "../../src/cli/main.ts";
import type { Io } from "../../src/io.ts";
import type { Run } from "../../src/model.ts";
import { realIo } from "../../src/real_io.ts";

const rounds = 40;

const verbs = [
  ["gate"],
  ["history"],
  ["history", "--json"],
  ["diagnose"],
  ["report"],
  ["inspect", "unit:2"],
  ["verify"],
];

/** Runs a verb in this process. */
async function assayIn(cwd: string, args: readonly string[]) {
  let text = "";
  const write = (data: string | Uint8Array) => {
    text += typeof data === "string" ? data : new TextDecoder().decode(data);
  };
  const output = { write, isTerminal: false };
  const real = realIo();
  const io: Io = { ...real, args, cwd, stdout: output, stderr: output, revoke: () => {} };
  return { code: await main(io, "0.0.0", () => Promise.resolve(builtins)), text };
}

/** A project whose newest run failed after one that was green. */
async function makeStore(folder: string) {
  const root = `${folder}/whole`;
  await Deno.mkdir(`${root}/.assay`, { recursive: true });
  const runner = {
    id: "unit",
    kind: "test",
    detect_file: "report.tap",
    command: "cat report.tap; grep -vq '^not' report.tap && ! grep -q '^not' report.tap",
    result_format: "tap",
  };
  const plugins = { name: "damage", version: "1.0.0", runners: [runner] };
  await Deno.writeTextFile(`${root}/.assay/plugins.json`, JSON.stringify(plugins));
  const tests = Array.from({ length: 60 }, (_, index) => `ok ${index + 1} - case ${index}`);
  for (const [ending, expected] of [["", 0], ["not ok 61 - last", 1]] as const) {
    const lines = [`1..${ending === "" ? 60 : 61}`, ...tests, ending];
    await Deno.writeTextFile(`${root}/report.tap`, `${lines.join("\n").trimEnd()}\n`);
    const { code, text } = await assayIn(root, ["verify"]);
    assertEquals(code, expected, text);
  }
  const { text } = await assayIn(root, ["history", "--json"]);
  const [newest] = JSON.parse(text).runs as Run[];
  new DatabaseSync(`${root}/.assay/assay.db`).exec("PRAGMA wal_checkpoint(TRUNCATE)");
  return {
    newest: newest!.run_id,
    async copy(name: string): Promise<string> {
      await copyFolder(root, `${folder}/${name}`);
      for (const ending of ["-wal", "-shm"]) {
        await Deno.remove(`${folder}/${name}/.assay/assay.db${ending}`).catch(() => {});
      }
      return `${folder}/${name}`;
    },
  };
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    const [source, target] = [`${from}/${name}`, `${to}/${name}`];
    await (isDirectory ? copyFolder(source, target) : Deno.copyFile(source, target));
  }
}

Deno.test("bytes of the index changed anywhere: every verb answers or mends it, none is green", async () => {
  await withFolder(async (folder) => {
    const whole = await makeStore(folder);
    const random = numbers(20261128);
    for (let round = 0; round < rounds; round++) {
      const root = await whole.copy(`round-${round}`);
      const path = `${root}/.assay/assay.db`;
      const bytes = await Deno.readFile(path);
      const isPage = round % 2 === 1;
      const count = isPage ? 4096 : 1 + random(8);
      const from = isPage ? 4096 * random(bytes.length / 4096) : undefined;
      for (let index = 0; index < count; index++) {
        const at = from === undefined ? random(bytes.length) : from + index;
        bytes[at] = bytes[at]! ^ (1 + random(255));
      }
      await Deno.writeFile(path, bytes);
      for (const verb of verbs) {
        const { code, text } = await assayIn(root, verb);
        const where = `round ${round}: assay ${verb.join(" ")}: ${code}\n${text}`;
        assert([0, 1, 2, 3].includes(code), where);
        assert(verb[0] !== "gate" || code !== 0, where);
        assert(!/ready_for_review/.test(text) || verb[0] === "history", where);
      }
      await Deno.remove(root, { recursive: true });
    }
  });
});

const odd: readonly (readonly [string, (run: string) => Promise<unknown>])[] = [
  ["has no duration", edit((run) => delete run.duration_ms)],
  ["is in an unknown state", edit((run) => run.state = "asleep")],
  ["has tests that are null", edit((run) => run.attempts[0].tests = null)],
  ["has attempts that are a number", edit((run) => run.attempts = 5)],
  ["has gates of a wrong type", edit((run) => run.gates = [null])],
  ["is empty", (path) => Deno.writeTextFile(path, "")],
  ["is null", (path) => Deno.writeTextFile(path, "null")],
  ["is a folder", async (path) => {
    await Deno.remove(path);
    await Deno.mkdir(path);
  }],
  ["is gone", (path) => Deno.remove(path)],
];

for (const [what, damage] of odd) {
  Deno.test(`a run.json that ${what} makes that run unreadable, with the index and without it`, async () => {
    await withFolder(async (folder) => {
      const whole = await makeStore(folder);
      for (const isIndexed of [true, false]) {
        const root = await whole.copy(`${isIndexed}`);
        assertEquals((await assayIn(root, ["gate"])).code, 1);
        await damage(`${root}/.assay/runs/${whole.newest}/run.json`);
        if (!isIndexed) await Deno.remove(`${root}/.assay/assay.db`);
        for (const verb of [...verbs, ["store", "rebuild"], ["history"], ["gate"]]) {
          const { code, text } = await assayIn(root, verb);
          const where = `assay ${verb.join(" ")}: ${code}\n${text}`;
          assert([0, 1, 2, 3].includes(code), where);
          if (verb[0] === "history") assert(text.includes(whole.newest), where);
          // The last verb but three made a newer run.
          if (verb[0] === "gate" || verb[0] === "report") assert(code === 3 || code === 1, where);
        }
      }
    });
  });
}

// deno-lint-ignore no-explicit-any -- what it is made into is no run
type Any = any;

function edit(change: (run: Any) => unknown) {
  return async (path: string) => {
    const run = JSON.parse(await Deno.readTextFile(path));
    change(run);
    await Deno.writeTextFile(path, JSON.stringify(run));
  };
}

/** Whole numbers from 0 below `limit` that are the same each time (mulberry32). */
function numbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * limit);
  };
}
