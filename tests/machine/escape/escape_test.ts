/**
 * What is recorded as enforced holds: in every sandbox of every set of engines, acts of our own try to get out,
 * and what they did is looked for from outside. Each act works unsandboxed.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { testUnless, withFolder } from "../../support.ts";
import { attemptOf, problemsOfSandboxed } from "./_judge.ts";
import { type Matrix, rowName, rows, textOfMatrix } from "./_matrix.ts";
import { differences } from "./_table.ts";
import { liarSpec } from "./_liar.ts";
import type { Tries } from "./_suite.ts";
import { matrixOf, tryAll, users } from "./measure.ts";
import { copy, missingForAll, placeOf, runAll } from "./_world.ts";

const kept: Matrix = JSON.parse(
  await Deno.readTextFile(new URL("matrix.json", import.meta.url)),
);

for (const { name, missing } of users.filter((user) => user.missing !== undefined)) {
  testUnless(missing, `no act gets out of what is enforced: ${name}`, () => Promise.resolve());
}

const able = users.filter(({ missing }) => missing === undefined).map(({ name }) => name);

const skipped = missingForAll();

Deno.test({
  name: `no act gets out of what is enforced: ${able.join("; ")}${skipped ? ` (${skipped})` : ""}`,
  ignore: skipped !== undefined,
  fn: async (t) => {
    const outcomes = await tryAll();
    const measured = matrixOf(outcomes);
    const working = workingOf(outcomes);
    for (const [user, tries] of outcomes) {
      console.log(countLine(user, tries));
      for (const [why, acts] of byReason(tries.controls.untried)) {
        await t.step({
          name: `${user}: ${acts} (ignored: no control on this machine: ${why})`,
          ignore: true,
          fn: () => {},
        });
      }
      await t.step(`${user}: ${countOf(tries)} acts agree with what is recorded`, () => {
        const { controls, tried } = tries;
        assertEquals([...controls.problems, ...tried.flatMap((set) => set.problems)], []);
        assert(tried.some(({ acts }) => acts > 100), "no act was done");
      });
      // The matrix: names of steps are always printed.
      for (const row of rows.map(rowName)) {
        await t.step(`${user}: ${row}: ${cellsOf(measured, user, row)}`, () => {
          const found = differences(kept, measured, working);
          assertEquals(
            found.filter((each) => each.startsWith(`${user}, `) && each.includes(`, ${row}: `)),
            [],
          );
        });
      }
    }
    console.log(textOfMatrix(measured));
  },
});

function countOf({ tried }: Tries): number {
  return tried.reduce((sum, { acts }) => sum + acts, 0);
}

/** The acts that share a reason for not being tried. */
function byReason(untried: readonly string[]): Map<string, string> {
  const reasons = new Map<string, string>();
  for (const each of untried) {
    const [act, ...why] = each.split(": ");
    const before = reasons.get(why.join(": "));
    reasons.set(why.join(": "), before === undefined ? act! : `${before}, ${act}`);
  }
  return reasons;
}

function cellsOf(matrix: Matrix, user: string, row: string): string {
  return Object.entries(matrix[user]!).map(([set, column]) => `${set} ${column[row]!.support}`)
    .join(" | ");
}

/** Which engines do not work here, and what got through as a caveat says. */
function countLine(user: string, { tried }: Tries): string {
  return [
    ...tried.flatMap(({ name, broken }) =>
      broken.map((engine) => `${name}: ${engine.name} does not work: ${engine.detail}`)
    ),
    ...tried.flatMap((set) => set.leftOut).map((each) => `left out by a caveat: ${each}`),
  ].map((line) => `${user}: ${line}`).join("\n");
}

/** The sets whose engines all work here. */
function workingOf(outcomes: readonly (readonly [string, Tries])[]): Record<string, string[]> {
  return Object.fromEntries(
    outcomes.map(([user, { tried }]) => [
      user,
      tried.filter(({ broken }) => broken.length === 0).map(({ name }) => name),
    ]),
  );
}

testUnless(missingForAll(), "an engine that lies is caught", async () => {
  await withFolder(async (folder) => {
    await copy(new URL(".", import.meta.url).pathname, `${folder}/tools`);
    const place = await placeOf(folder, "liar", Deno.uid() ?? 0);
    const { results: [result] } = await runAll([liarSpec(`${folder}/liar`)], place);
    assert(result && !result.skipped);
    const facts = attemptOf(result)?.sandbox.map(({ enforced_by }) => enforced_by);
    assertEquals(facts, ["liar", "liar"], result.run.stderr);
    const caught = problemsOfSandboxed(result, undefined);
    for (const act of ["write_path", "shell_and", "tcp4", "unix_stream", "ptrace"]) {
      assert(caught.some((each) => each.startsWith(`${act}: ESCAPED`)), `${act} is not caught`);
    }
  });
});
