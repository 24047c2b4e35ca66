/** What the tests of configuration share. */

import { withFolder } from "./support.ts";
import type { Io } from "../src/io.ts";
import { realIo } from "../src/real_io.ts";
import { loadProject } from "../src/config/load.ts";
import type { BuiltinRunners, LoadOptions, Project } from "../src/config/types.ts";

/** A built-in plugin that is small enough to think about. */
export const builtins: readonly BuiltinRunners[] = [{
  name: "deno",
  runners: [
    { id: "deno_test", kind: "test", detect_file: "deno.json", command: "deno test" },
    { id: "deno_lint", kind: "lint", detect_file: "deno.json", command: "deno lint" },
  ],
}];

/** What configuration is checked against in the tests. */
export const options: LoadOptions = {
  builtins,
  knownFormats: ["exit-code", "junit-xml", "pytest-json-report", "rspec-json", "jest-json", "tap"],
  extensions: { keys: ["env", "hello"], validate: () => Promise.resolve([]) },
};

/** Runs the body in a folder that holds the given files. */
export async function withProject<T>(
  files: Readonly<Record<string, string>>,
  body: (root: string, io: Io) => Promise<T>,
): Promise<T> {
  return await withFolder(async (folder) => {
    const root = await Deno.realPath(folder);
    for (const [path, text] of Object.entries(files)) {
      const target = `${root}/${path}`;
      await Deno.mkdir(target.slice(0, target.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(target, text);
    }
    return await body(root, realIo());
  });
}

/** Loads the project that the files make. */
export function load(files: Readonly<Record<string, string>>): Promise<Project> {
  return withProject(files, (root, io) => loadProject(io, root, options));
}
