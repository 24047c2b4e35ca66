/** What the bundled packages are: licence, texts, where they are from. Read from the packages themselves. */

import { packagesFolder, packagesIn } from "../_bundle_packages.ts";
import type { Package } from "../_bundle_packages.ts";
import { scripts } from "../bundle.ts";
import { projectRoot } from "../../support.ts";

/** A package whose modules are in the bundle. */
export interface BundledPackage extends Package {
  /** An SPDX expression, as the package says it. */
  readonly licence: string;
  /** The text that must go with every copy. */
  readonly licenceText: string;
  /** A subresource integrity of its tarball, from `deno.lock`. */
  readonly integrity: string;
  /** Names of the bundled packages it depends on. */
  readonly dependencies: readonly string[];
}

interface Lock {
  readonly npm: Readonly<Record<string, { integrity: string; dependencies?: string[] }>>;
}

/** Reads everything about the packages of which a bundle holds modules. */
export async function bundledPackages(entry: string): Promise<BundledPackage[]> {
  const bundle = entry.replace(/\/[^/]+$/, "");
  const texts = scripts(bundle).map((name) => Deno.readTextFile(`${bundle}/${name}`));
  const found = packagesIn(await Promise.all(texts));
  const names = new Set(found.map(({ name }) => name));
  const folder = await packagesFolder(projectRoot);
  const lock: Lock = JSON.parse(await Deno.readTextFile(`${projectRoot}deno.lock`));
  return await Promise.all(found.map(async ({ name, version }) => {
    const locked = lockedAs(lock, name, version);
    const own = `${folder}/${name}/${version}`;
    const manifest = JSON.parse(await Deno.readTextFile(`${own}/package.json`));
    if (typeof manifest.license !== "string") throw new Error(`${name} does not say its licence`);
    const needed = (locked.dependencies ?? []).map((each) => each.replace(/(?<=.)@.*$/, ""));
    return {
      name,
      version,
      licence: manifest.license,
      licenceText: await licenceText(own, { name, version, licence: manifest.license }),
      integrity: locked.integrity,
      dependencies: needed.filter((each) => names.has(each)),
    };
  }));
}

/** The lock adds to a name what its peers are: `a@1.0.0_b@2.0.0`. */
function lockedAs({ npm }: Lock, name: string, version: string): Lock["npm"][string] {
  const key = Object.keys(npm).find((each) => each.split("_")[0] === `${name}@${version}`);
  if (key === undefined) throw new Error(`${name}@${version} is bundled and not in deno.lock`);
  return npm[key]!;
}

/** The file with the licence, or for a package that carries none what is known of it. */
async function licenceText(
  folder: string,
  { name, version, licence }: Package & { licence: string },
): Promise<string> {
  const files = Array.from(Deno.readDirSync(folder), (entry) => entry.name);
  const file = files.find((each) => /^licen[cs]e(\.(md|txt))?$/i.test(each));
  if (file !== undefined) return (await Deno.readTextFile(`${folder}/${file}`)).trim();
  throw new Error(`${name} ${version} (${licence}) has no file with its licence`);
}
