/**
 * Every `assay verify` of a trap writes every report too, next to the scenario's own folder, and none of them may
 * look green unless the run is ready: what is unknown is a pass in no format.
 *
 * @module
 */

import { reporters } from "../../src/report/reporters/mod.ts";
import { looksGreen } from "../reporting/readers.ts";
import { problemsIn } from "../reporting/schemas.ts";
import type { State } from "./state.ts";

/** Whether a call is one whose reports are looked at. */
export function isWatched({ name }: State, [verb]: readonly string[]): boolean {
  return name.startsWith("trap_") && verb === "verify";
}

const fileOf = ({ env }: State, name: string) => `${env["TMPDIR"]}/reports/${name}`;

/** The options that ask for every report. */
export function reportOptions(state: State): string[] {
  return reporters.flatMap(({ name }) => ["--reporter", `${name}=${fileOf(state, name)}`]);
}

/** Reads the reports as their consumers do; throws for one that lies. */
export async function checkReports(state: State): Promise<void> {
  const { recommendation } = JSON.parse(await Deno.readTextFile(fileOf(state, "json")));
  const isReady = recommendation === "ready_for_review";
  for (const { name } of reporters) {
    const text = await Deno.readTextFile(fileOf(state, name));
    const isGreen = await looksGreen[name]!(text);
    const problems = problemsIn[name]?.(text) ?? [];
    if (isGreen !== isReady || problems.length > 0) {
      const look = isGreen ? "looks green" : "does not look green";
      throw new Error(`${name} of a run that is ${recommendation} ${look}; ${problems}\n${text}`);
    }
  }
  await Deno.remove(fileOf(state, ""), { recursive: true });
}
