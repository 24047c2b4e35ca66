/**
 * Whole-CLI scenarios: each file of tests/scripts is one test, named by its first comment.
 * ASSAY_UNDER_TEST chooses the program (see support.ts); the sources are the default.
 *
 * @module
 */

import { projectRoot, testUnless } from "../support.ts";
import { unmet } from "./conditions.ts";
import { parseScenario } from "./parse.ts";
import { runScenario } from "./run.ts";

const folder = "tests/scripts/";

const files = Array.from(Deno.readDirSync(projectRoot + folder), ({ name }) => name)
  .filter((name) => name.endsWith(".txt"))
  .toSorted();

/** Where the scenarios are parted, so that two processes can run them at the same time. */
const middle = "plugin_";

/** Registers a test for each scenario of one part of the alphabet. */
export function testScripts(part: "first" | "second"): void {
  for (const name of files.filter((name) => (name < middle) === (part === "first"))) {
    const file = folder + name;
    const scenario = parseScenario(Deno.readTextFileSync(projectRoot + file));
    testUnless(
      unmet(scenario.conditions),
      `${scenario.title} (${name})`,
      () => runScenario(scenario, file),
    );
  }
}
