/**
 * `deno task bundle`: one ESM entry `dist/assay.js` with chunks next to it that are loaded when used.
 * The same sources give the same bytes, in whatever folder they and Deno's cache are.
 *
 * Not minified: start-up was measured to be the same within the noise, and stack traces keep their
 * names.
 *
 * @module
 */

import { withEagerFunctions } from "./_bundle_eager.ts";
import { packagesFolder, withPackageNames } from "./_bundle_packages.ts";
import { stableNames } from "./_bundle_names.ts";

const root = new URL("../../", import.meta.url).pathname;

/** A compiled program holds the times of its files, so they are always the same: what npm gives its packages. */
const madeAt = new Date("1985-10-26T08:15:00Z");

/** Bundles the program into `folder` in place of what bundle was there; returns the entry's path. */
export async function bundle(folder = `${root}dist`): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  for (const name of scripts(folder)) await Deno.remove(`${folder}/${name}`);
  await denoBundle(["--code-splitting", "--outdir", folder, "src/main.ts"]);
  const packages = await packagesFolder(root);
  const texts = new Map<string, string>();
  for (const name of scripts(folder)) {
    const text = withPackageNames(await Deno.readTextFile(`${folder}/${name}`), packages);
    texts.set(name === "main.js" ? "assay.js" : name, withEagerFunctions(text));
    await Deno.remove(`${folder}/${name}`);
  }
  for (const [name, text] of await stableNames(withEntryName(texts), ["assay.js"])) {
    await Deno.writeTextFile(`${folder}/${name}`, withHiddenChunks(text));
    await Deno.utime(`${folder}/${name}`, madeAt, madeAt);
  }
  return `${folder}/assay.js`;
}

/** The files of a bundle, by name. */
export function scripts(folder: string): string[] {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  return names.filter((name) => name.endsWith(".js")).toSorted();
}

/** Runs `deno bundle` in the project's folder, for Deno. */
export async function denoBundle(args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "deno", ...args],
    cwd: root,
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error("deno bundle failed");
}

/** Chunks that import the entry know it by its old name. */
function withEntryName(texts: ReadonlyMap<string, string>): Map<string, string> {
  const renamed = Array.from(texts, ([name, text]) =>
    [
      name,
      text.replaceAll('"./main.js"', '"./assay.js"'),
    ] as const);
  return new Map(renamed);
}

/**
 * Deno reads every module that an `import("…")` with a plain string names before it runs the first
 * line: 90 files for a verb that uses 20. A string it cannot see through is read when it is used. (Not
 * `"./" + "…"`: there it sees a folder, and reads all of it.)
 */
function withHiddenChunks(text: string): string {
  return text.replaceAll('import("./', 'import("" + "./');
}

if (import.meta.main) {
  const entry = await bundle();
  for (const name of scripts(entry.replace(/\/[^/]+$/, ""))) console.log(`dist/${name}`);
}
