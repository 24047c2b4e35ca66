/**
 * `deno task bundle`: one ESM entry `dist/assay.js` with chunks beside it that are loaded when used.
 * The same sources give the same bytes.
 *
 * Not minified: start-up was measured to be the same within the noise, and stack traces keep their
 * names.
 *
 * @module
 */

import { removeFolder } from "../support.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Removes `folder`, bundles the program into it, returns the entry's path. */
export async function bundle(folder = `${root}dist`): Promise<string> {
  await removeFolder(folder);
  const flags = ["--quiet", "--platform", "deno", "--code-splitting", "--outdir", folder];
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", ...flags, "src/main.ts"],
    cwd: root,
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error("deno bundle failed");
  const entry = `${folder}/assay.js`;
  await Deno.rename(`${folder}/main.js`, entry);
  for (const { name } of Deno.readDirSync(folder)) await hideChunks(`${folder}/${name}`);
  return entry;
}

/**
 * Deno reads every module that an `import("…")` with a plain string names before it runs the first
 * line: 90 files for a verb that uses 20. A string it cannot see through is read when it is used. (Not
 * `"./" + "…"`: there it sees a folder, and reads all of it.)
 */
async function hideChunks(path: string): Promise<void> {
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replaceAll('import("./', 'import("" + "./'));
}

if (import.meta.main) {
  const entry = await bundle();
  for (const { name } of Deno.readDirSync(entry.replace(/\/[^/]+$/, ""))) {
    console.log(`dist/${name}`);
  }
}
