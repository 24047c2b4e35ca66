/** What every benchmark works with: the bundle, an empty program, a folder, a clean environment. */

import { isolatedEnv, permissionFlags } from "../support.ts";
import { bundle } from "../tools/bundle.ts";
import { findTool } from "./tools.ts";
import type { Bench } from "./types.ts";

/** Makes a workbench in a fresh folder, hands it over, and removes the folder. */
export async function withBench<T>(body: (bench: Bench) => Promise<T>): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "assay-bench-" }));
  try {
    const entry = await bundle(`${folder}/dist`);
    await Deno.writeTextFile(`${folder}/empty.js`, "");
    // The same flags on both sides: what differs is assay alone.
    const runtime = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock"];
    const start = [...runtime, ...permissionFlags()];
    return await body({
      folder,
      assay: [...start, entry],
      floor: [...start, `${folder}/empty.js`],
      env: { ...isolatedEnv(`${folder}/home`), DENO_DIR: `${folder}/deno` },
      tool: findTool,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
