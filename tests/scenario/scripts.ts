/**
 * Whole-CLI scenarios: each file of a folder is one test, named by its first comment.
 * `program.ts` says which program they run.
 *
 * @module
 */

import { projectRoot, testUnless } from "../support.ts";
import { unmet } from "./conditions.ts";
import { parseScenario } from "./parse.ts";
import { runScenario } from "./run.ts";

/** The scenarios that `deno task test` runs. */
export const shortScripts = "tests/scripts/";

/** Those that take longer, for `deno task test:machine`. */
export const longScripts = "tests/machine/scripts/";

/** The names of the scenarios in a folder. */
export function scriptsOf(folder: string): string[] {
  return Array.from(Deno.readDirSync(projectRoot + folder), ({ name }) => name)
    .filter((name) => name.endsWith(".txt"))
    .toSorted();
}

/**
 * Registers a share of a folder's scenarios as tests. They lie in several test files, as each is a process of its
 * own: `[0, 4]` is the first of four shares.
 */
export function testScripts(folder: string, [part, parts]: readonly [number, number]): void {
  for (const name of scriptsOf(folder).filter((_, index) => index % parts === part)) {
    const file = folder + name;
    const scenario = parseScenario(Deno.readTextFileSync(projectRoot + file));
    testUnless(
      unmet(scenario.conditions),
      `${scenario.title} (${name})`,
      () => runScenario(scenario, file),
    );
  }
}
