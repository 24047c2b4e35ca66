/**
 * The program that scenarios run: a bundle of the sources, made once for all of them, which starts in half the
 * time. `ASSAY_UNDER_TEST` names another (see `support.ts`); `ASSAY_SCENARIOS=sources` takes the sources.
 *
 * @module
 */

import { bundle } from "../tools/bundle.ts";
import { assayCommand, permissionFlags, projectRoot } from "../support.ts";

const folder = `${projectRoot}dist/scenarios`;

let program: Promise<readonly string[]> | undefined;

/** The argv that starts it. */
export function scenarioProgram(): Promise<readonly string[]> {
  return program ??= findProgram();
}

async function findProgram(): Promise<readonly string[]> {
  const usesSources = Deno.env.get("ASSAY_SCENARIOS") === "sources";
  if (Deno.env.has("ASSAY_UNDER_TEST") || usesSources) return assayCommand();
  const entry = await madeOnce();
  return [Deno.execPath(), "run", "--quiet", "--no-config", ...permissionFlags(), entry];
}

/** Test files run in parallel: the first bundles, the others wait for it. */
async function madeOnce(): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  using lock = await Deno.open(`${folder}/lock`, { create: true, write: true });
  await lock.lock(true);
  const stamp = `${folder}/made-of.txt`;
  const sources = await sourcesNow();
  if (await readOrNothing(stamp) !== sources) {
    await bundle(folder);
    await Deno.writeTextFile(stamp, sources);
  }
  return `${folder}/assay.js`;
}

/** What tells one state of the sources from another: a line for each file, with its time and size. */
async function sourcesNow(): Promise<string> {
  const lines = [Deno.version.deno];
  for (const path of ["src", "plugins", "tests/tools", "deno.json"]) {
    for await (const file of filesUnder(`${projectRoot}${path}`)) {
      const { mtime, size } = await Deno.stat(file);
      lines.push(`${file} ${mtime?.getTime()} ${size}`);
    }
  }
  return lines.toSorted().join("\n");
}

async function* filesUnder(path: string): AsyncIterable<string> {
  if ((await Deno.stat(path)).isFile) return yield path;
  for await (const { name } of Deno.readDir(path)) yield* filesUnder(`${path}/${name}`);
}

async function readOrNothing(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
