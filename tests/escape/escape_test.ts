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
import { matrixOf, tryAll, users } from "./measure.ts";
import { copy, missingForAll, placeOf, runAll } from "./_world.ts";

const kept: Matrix = JSON.parse(
  await Deno.readTextFile(new URL("matrix.json", import.meta.url)),
);

for (const { name, missing } of users.filter((user) => user.missing !== undefined)) {
  testUnless(missing, `no act gets out of what is enforced: ${name}`, () => Promise.resolve());
}

const able = users.filter(({ missing }) => missing === undefined).map(({ name }) => name);

testUnless(
  missingForAll(),
  `no act gets out of what is enforced: ${able.join("; ")}`,
  async () => {
    const outcomes = await tryAll();
    for (const [user, tries] of outcomes) console.log(told(user, tries));
    const measured = matrixOf(outcomes);
    console.log(textOfMatrix(measured));
    const problems = outcomes.flatMap(([user, { controls, tried }]) =>
      [...controls.problems, ...tried.flatMap((set) => set.problems)].map((each) =>
        `${user}: ${each}`
      )
    );
    assertEquals(problems, []);
    for (const [user, { tried }] of outcomes) {
      assert(tried.some(({ acts }) => acts > 100), `${user}: no act was done`);
    }
    assertEquals(differences(kept, measured, workingOf(outcomes)), [], "measure.ts --write");
  },
);

/** What could not be tried, and what got through as a caveat says. */
function told(user: string, { controls, tried }: Tries): string {
  return [
    ...controls.untried.map((each) => `no control here: ${each}`),
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
