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

/** In how many test files the scenarios lie: each is a process of its own, and they end at about the same time. */
const parts = 6;

/** Registers every sixth scenario as a test, from the one of this number. */
export function testScripts(part: number): void {
  for (const name of files.filter((_, index) => index % parts === part)) {
    const file = folder + name;
    const scenario = parseScenario(Deno.readTextFileSync(projectRoot + file));
    testUnless(
      unmet(scenario.conditions),
      `${scenario.title} (${name})`,
      () => runScenario(scenario, file),
    );
  }
}
