/**
 * Cases that are whole files. `node --test` shows a file that ended without a test of its own as one test that
 * passed, whether it is a plain script or called `process.exit(0)` before its tests had ended.
 */

import { resolve } from "@std/path";
import type { Io } from "../io.ts";
import type { ReportCounts } from "./counts.ts";

/** Larger sources are not read. */
const sourceLimit = 4 * 1024 * 1024;

/** A source may get at `node:test` in more ways than can be read from it; `test` is the package that brings `node:test` to older versions of Node. */
const importsTests = /["'`]node:test["'`]|\b(?:from|import|require)\s*\(?\s*["'`]test["'`]/;

/** What `node --test` takes for a file of tests by itself. */
const testName =
  /(?:^|[/\\])(?:test[/\\].+|test|test-[^/\\]+|[^/\\]+[._-](?:test|spec))\.[cm]?[jt]s$/;

/** Takes the files that have tests out of the counts, and tells them from scripts. */
export async function sortFileCases(
  counts: ReportCounts,
  { fs }: Pick<Io, "fs">,
  root: string,
): Promise<void> {
  for (const file of counts.fileCases) {
    const has = await hasTests(fs, resolve(root, file));
    if (has || testName.test(file)) {
      counts.uncountedFiles.push(file);
      counts.tests.total--;
      counts.tests.passed--;
    } else if (has === false) counts.scriptFiles.push(file);
    // What names no file is a test that has a file's name.
  }
}

/** `undefined` when there is no such file. What cannot be read may have tests. */
async function hasTests(fs: Io["fs"], path: string): Promise<boolean | undefined> {
  try {
    const info = await fs.stat(path);
    if (!info?.isFile) return undefined;
    return info.size > sourceLimit || importsTests.test(await fs.readText(path));
  } catch {
    return true;
  }
}
