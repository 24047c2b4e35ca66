/**
 * Whole-CLI scenarios: each file of tests/scripts is one test, named by its first comment.
 * ASSAY_UNDER_TEST chooses the program (see support.ts); the sources are the default.
 *
 * @module
 */

import { unmet } from "./scenario/conditions.ts";
import { parseScenario } from "./scenario/parse.ts";
import { runScenario } from "./scenario/run.ts";
import { projectRoot, testUnless } from "./support.ts";

const folder = "tests/scripts/";

const files = Array.from(Deno.readDirSync(projectRoot + folder), ({ name }) => name)
  .filter((name) => name.endsWith(".txt"))
  .toSorted();

for (const name of files) {
  const file = folder + name;
  const scenario = parseScenario(Deno.readTextFileSync(projectRoot + file));
  testUnless(
    unmet(scenario.conditions),
    `${scenario.title} (${name})`,
    () => runScenario(scenario, file),
  );
}
