/**
 * Where the packages of a bundle come from. The bundler writes for each module where it lay, and for
 * packages that is in Deno's cache, a folder of this machine: `../../root/.cache/deno/npm/…`. It is replaced
 * by what names the module anywhere, `npm:name/version/file`, so that two machines make the same bytes; and
 * what these names say is what the bundle really holds, after all that is not used was dropped.
 *
 * @module
 */

import { relative } from "@std/path";

/** A package, as the lock and the registry name it. */
export interface Package {
  readonly name: string;
  readonly version: string;
}

/** One of `npmPackages` in what `deno info --json` prints. */
interface PackageInfo extends Package {
  readonly localPath: string;
}

async function packagesOfProgram(root: string): Promise<PackageInfo[]> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "src/main.ts"],
    cwd: root,
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("deno info failed");
  return Object.values(JSON.parse(new TextDecoder().decode(stdout)).npmPackages);
}

/** The folder of Deno's cache that holds `name/version` of every package; an absolute path. */
export async function packagesFolder(root: string): Promise<string> {
  const folders = (await packagesOfProgram(root)).map(({ name, version, localPath }) => {
    const own = `/${name}/${version}`;
    if (localPath.endsWith(own)) return localPath.slice(0, -own.length);
    throw new Error(`${localPath} is not where ${name} ${version} is expected`);
  });
  const [folder, ...others] = new Set(folders);
  if (folder === undefined || others.length > 0) {
    throw new Error("packages of more than one registry");
  }
  return folder;
}

/** Replaces where modules of packages lay by their names. Throws when a path of the machine is left. */
export function withPackageNames(text: string, folder: string, root = projectFolder()): string {
  const lay = `${relative(root, folder)}/`;
  const named = text.replaceAll(`// ${lay}`, "// npm:").replaceAll(`"${lay}`, '"npm:');
  const left = /^(?:\/\/ | {2}")\.\.\/.*/m.exec(named)?.[0];
  if (left === undefined) return named;
  throw new Error(`the bundle holds a path of this machine: ${left.trim()}`);
}

function projectFolder(): string {
  return new URL("../../", import.meta.url).pathname;
}

/** The packages whose modules a text of a bundle holds, by name. */
export function packagesIn(texts: Iterable<string>): Package[] {
  const found = new Map<string, Package>();
  for (const text of texts) {
    for (const [, name, version] of text.matchAll(/^\/\/ npm:((?:@[^/]+\/)?[^/]+)\/([^/]+)\//gm)) {
      found.set(`${name}@${version}`, { name: name!, version: version! });
    }
  }
  return [...found.values()].toSorted((a, b) => a.name < b.name ? -1 : 1);
}
