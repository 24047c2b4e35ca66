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
  for (const { name } of Deno.readDirSync(folder)) {
    await rewrite(`${folder}/${name}`, (text) => withoutNodeModule(withHiddenChunks(text)));
  }
  return entry;
}

async function rewrite(path: string, change: (text: string) => string): Promise<void> {
  await Deno.writeTextFile(path, change(await Deno.readTextFile(path)));
}

/**
 * Deno reads every module that an `import("…")` with a plain string names before it runs the first
 * line: 90 files for a verb that uses 20. A string it cannot see through is read when it is used. (Not
 * `"./" + "…"`: there it sees a folder, and reads all of it.)
 */
function withHiddenChunks(text: string): string {
  return text.replaceAll('import("./', 'import("" + "./');
}

/**
 * One library, loaded when a plugin's types are stripped, is CommonJS and asks for two modules of Node's.
 * For it every start would load `node:module` (a quarter of the start-up), and `createRequire` refuses a
 * bundle that was loaded by its URL.
 */
function withoutNodeModule(text: string): string {
  return text
    .replace('import { createRequire as __deno_internal_createRequire } from "node:module";\n', "")
    .replace(
      "__deno_internal_createRequire(import.meta.url)",
      "(name) => globalThis.process.getBuiltinModule(name)",
    );
}

if (import.meta.main) {
  const entry = await bundle();
  for (const { name } of Deno.readDirSync(entry.replace(/\/[^/]+$/, ""))) {
    console.log(`dist/${name}`);
  }
}
