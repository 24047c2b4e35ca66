/**
 * `deno task npm`: the files of the npm package, in `dist/npm`. A release packs the same files; by this they
 * are made where npm builds the package out of the repository.
 *
 * @module
 */

import { projectRoot, withFolder } from "../support.ts";
import { bundle } from "./bundle.ts";
import { bundledPackages } from "./release/_contents.ts";
import { writeNpmPackage } from "./release/_npm_package.ts";

await withFolder(async (work) => {
  const entry = await bundle(`${work}/dist`);
  const packages = await bundledPackages(entry);
  await writeNpmPackage(`${projectRoot}dist/npm`, { entry, packages });
  console.log(
    "Wrote the npm package to dist/npm; next: npm install --global --install-links ./dist/npm",
  );
});
