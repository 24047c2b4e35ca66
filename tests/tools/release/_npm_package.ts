/**
 * The package for npm: the bundle, a launcher, and the types a plugin is written with. It has no install
 * scripts and depends on one package, the Deno it is started on.
 *
 * @module
 */

import { permissionFlags, projectRoot, removeFolder } from "../../support.ts";
import { denoBundle, scripts } from "../bundle.ts";
import type { BundledPackage } from "./_contents.ts";
import { notices } from "./_notices.ts";
import { writePluginTypes } from "./_plugin_types.ts";
import { versionOfProject } from "./_version.ts";

/** What the package is made of. */
export interface NpmPackageParts {
  /** The bundle's entry; its chunks are next to it. */
  readonly entry: string;
  readonly packages: readonly BundledPackage[];
}

/** Removes `folder` and writes the package's files into it. */
export async function writeNpmPackage(folder: string, parts: NpmPackageParts): Promise<void> {
  await removeFolder(folder);
  await Deno.mkdir(`${folder}/bin`, { recursive: true });
  await copyBundle(parts.entry.replace(/\/[^/]+$/, ""), `${folder}/dist`);
  await denoBundle(["--output", `${folder}/dist/plugin.js`, "src/plugin.ts"]);
  await writePluginTypes(`${folder}/types`);
  await writeLauncher(`${folder}/bin/assay`);
  await Deno.writeTextFile(`${folder}/THIRD_PARTY_NOTICES.txt`, notices(parts.packages));
  for (const name of ["README.md", "LICENSE"]) {
    await Deno.copyFile(`${projectRoot}${name}`, `${folder}/${name}`);
  }
  const manifest = JSON.stringify(manifestOf(await versionOfProject()), null, 2);
  await Deno.writeTextFile(`${folder}/package.json`, `${manifest}\n`);
}

async function copyBundle(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for (const name of scripts(from)) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
}

/** The launcher has the documented permission flags, from the one place that lists them. */
async function writeLauncher(path: string): Promise<void> {
  const template = await Deno.readTextFile(new URL("npm/assay", import.meta.url));
  const flags = permissionFlags().join(" ");
  await Deno.writeTextFile(path, template.replace("@FLAGS@", flags));
  await Deno.chmod(path, 0o755);
}

function manifestOf(version: string): Record<string, unknown> {
  return {
    name: "assay",
    version,
    description:
      "Runs a project's own checks, reads what they report, and says whether it may be called done",
    license: "MIT",
    ...repository(),
    type: "module",
    bin: { assay: "bin/assay" },
    exports: {
      "./plugin": { types: "./types/plugin.d.ts", default: "./dist/plugin.js" },
      "./package.json": "./package.json",
    },
    files: ["bin", "dist", "types", "THIRD_PARTY_NOTICES.txt"],
    // The one that the tests ran on.
    dependencies: { deno: Deno.version.deno },
    publishConfig: { access: "public" },
  };
}

/** npm accepts provenance only of a package that names the repository it was built from. */
function repository(): { repository?: { type: "git"; url: string } } {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name } = Deno.env.toObject();
  if (server === undefined || name === undefined) return {};
  return { repository: { type: "git", url: `git+${server}/${name}.git` } };
}
