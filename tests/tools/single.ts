/**
 * The program as one file: one URL to pin, one hash to compare. The same sources as the bundle's, without
 * splitting.
 *
 * @module
 */

import { denoBundle } from "./bundle.ts";
import { packagesFolder, withPackageNames } from "./_bundle_packages.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Writes the program to `path`, an absolute path. */
export async function bundleSingle(path: string): Promise<void> {
  await denoBundle(["--output", path, "src/main.ts"]);
  const text = withPackageNames(await Deno.readTextFile(path), await packagesFolder(root));
  await Deno.writeTextFile(path, text);
}
