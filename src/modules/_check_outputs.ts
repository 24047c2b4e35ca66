/** Whether a built graph is still what was written. */

import { join } from "@std/path";
import { messageOf } from "../errors.ts";
import type { Io } from "../io.ts";
import { damaged } from "./_cache.ts";

/**
 * Checks every file of a built graph.
 *
 * @throws {UserError} `module_cache_damaged`
 */
export async function checkOutputs(
  io: Io,
  folder: string,
  outputs: Readonly<Record<string, string>>,
): Promise<void> {
  await Promise.all(
    Object.entries(outputs).map(async ([file, expected]) => {
      const path = join(folder, file);
      let found: string;
      try {
        found = (await io.fs.sha256(path)).sha256;
      } catch (error) {
        throw damaged(path, expected, messageOf(error));
      }
      if (found !== expected) throw damaged(path, expected, found);
    }),
  );
}
