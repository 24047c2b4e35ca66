/**
 * What is recorded as enforced holds: in every sandbox of every set of engines, acts of our own try to get out,
 * and what they did is looked for from outside. Each act works unsandboxed.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { testUnless, withFolder } from "../support.ts";
import { attemptOf, problemsOfSandboxed } from "./_judge.ts";
import { type Matrix, textOfMatrix } from "./_matrix.ts";
import { differences } from "./_table.ts";
import { liarSpec } from "./_liar.ts";
import type { Tries } from "./_suite.ts";
import { matrixOf, tryUser, users } from "./measure.ts";
import { copy, missingForAll, placeOf, runAll } from "./_world.ts";

const outcomes: [string, Tries][] = [];
const kept: Matrix = JSON.parse(
  await Deno.readTextFile(new URL("matrix.json", import.meta.url)),
);

for (const user of users) {
  testUnless(user.missing, `no act gets out of what is enforced: ${user.name}`, async () => {
    const outcome = await tryUser(user);
    outcomes.push([user.name, outcome]);
    const { controls, tried } = outcome;
    for (const each of controls.untried) console.log(`${user.name}: no control here: ${each}`);
    for (const { name, broken } of tried) {
      for (const each of broken) console.log(`${user.name}: ${name}: ${each.name}: ${each.detail}`);
    }
    for (const each of tried.flatMap((set) => set.leftOut)) {
      console.log(`${user.name}: left out by a caveat: ${each}`);
    }
    assertEquals([...controls.problems, ...tried.flatMap(({ problems }) => problems)], []);
    assert(tried.some(({ acts }) => acts > 100), "no act was done");
  });
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

Deno.test("the matrix that is kept is what was measured (tests/escape/measure.ts --write)", () => {
  const measured = matrixOf(outcomes);
  console.log(textOfMatrix(measured));
  const working = Object.fromEntries(
    outcomes.map(([user, { tried }]) => [
      user,
      tried.filter(({ broken }) => broken.length === 0).map(({ name }) => name),
    ]),
  );
  assertEquals(differences(kept, measured, working), []);
});
