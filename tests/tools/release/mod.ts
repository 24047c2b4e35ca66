/**
 * `deno task release`: everything that is released, in `dist/release`, all of one commit's sources.
 *
 * | option | what |
 * |---|---|
 * | `--target TRIPLE` | only this machine's program, more than one may be given; it fails when one is not made |
 * | `--all-targets` | every machine's, and it fails when one is not made |
 * | `--no-binaries` | none |
 *
 * Without these it tries them all, and says at the end which could not be made and why.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { projectRoot, removeFolder } from "../../support.ts";
import { bundle } from "../bundle.ts";
import { compilingDeno } from "../compile.ts";
import { bundleSingle } from "../single.ts";
import { type Binary, makeBinaries } from "./_binaries.ts";
import { checksums } from "./_checksums.ts";
import { type BundledPackage, bundledPackages } from "./_contents.ts";
import { notices } from "./_notices.ts";
import { writeNpmPackage } from "./_npm_package.ts";
import { sbom } from "./_sbom.ts";
import { type Target, targets } from "./_targets.ts";
import { commitTime, readVersionSources, tagsOfCommit, versionProblems } from "./_version.ts";

/** What a release is made with. */
export interface ReleaseOptions {
  /** Where everything is written; it is removed before. */
  readonly folder: string;
  /** The machines to make programs for. */
  readonly targets: readonly Target[];
  readonly version: string;
}

/** What a release is. */
export interface Release {
  /** The files' names, `SHA256SUMS` the last. */
  readonly files: readonly string[];
  readonly binaries: readonly Binary[];
}

/** Makes everything. */
export async function release({ folder, targets, version }: ReleaseOptions): Promise<Release> {
  await removeFolder(folder);
  await Deno.mkdir(folder, { recursive: true });
  // The program knows the last part of its bundle's folder, so that is always the same.
  const work = await Deno.realPath(await Deno.makeTempDir({ prefix: "assay-release-" }));
  try {
    const entry = await bundle(`${work}/dist`);
    await bundleSingle(`${folder}/assay.js`);
    const packages = await bundledPackages(entry);
    await Deno.writeTextFile(`${folder}/THIRD_PARTY_NOTICES.txt`, notices(packages));
    await writeNpmPackage(`${work}/package`, { entry, packages });
    await npmPack(`${work}/package`, folder);
    const binaries = await makeBinaries(entry, folder, targets);
    await writeSboms(folder, version, packages, binaries);
    return { files: await withChecksums(folder), binaries };
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Packs a package's folder into `to`. */
export async function npmPack(folder: string, to: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["pack", "--silent", "--ignore-scripts", "--pack-destination", to],
    cwd: folder,
    stdout: "null",
  }).output();
  if (!success) throw new Error(`npm pack failed: ${new TextDecoder().decode(stderr)}`);
}

async function writeSboms(
  folder: string,
  version: string,
  packages: readonly BundledPackage[],
  binaries: readonly Binary[],
): Promise<void> {
  const subject = { version, packages, time: await commitTime() };
  await Deno.writeTextFile(`${folder}/assay.cdx.json`, sbom(subject));
  if (binaries.every(({ missing }) => missing !== undefined)) return;
  const deno = await compilingVersion();
  await Deno.writeTextFile(`${folder}/assay-programs.cdx.json`, sbom({ ...subject, deno }));
}

async function compilingVersion(): Promise<string> {
  const { stdout } = await new Deno.Command(compilingDeno(), { args: ["--version"] }).output();
  const version = /^deno (\S+)/.exec(new TextDecoder().decode(stdout))?.[1];
  if (version === undefined) throw new Error(`${compilingDeno()} does not say its version`);
  return version;
}

async function withChecksums(folder: string): Promise<string[]> {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).toSorted();
  await Deno.writeTextFile(`${folder}/SHA256SUMS`, await checksums(folder, names));
  return [...names, "SHA256SUMS"];
}

/** What the options say: the machines, and whether each of them must be made. */
export function chosenTargets(args: readonly string[]): { targets: Target[]; must: boolean } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: "string", multiple: true, default: [] },
      "all-targets": { type: "boolean", default: false },
      "no-binaries": { type: "boolean", default: false },
    },
  });
  if (values["no-binaries"]) return { targets: [], must: false };
  if (values.target.length === 0) return { targets: [...targets], must: values["all-targets"] };
  const chosen = values.target.map((triple) => {
    const target = targets.find((each) => each.triple === triple);
    if (target) return target;
    const known = targets.map((each) => each.triple).join(", ");
    throw new Error(`--target ${triple}: there is no such machine; known are ${known}`);
  });
  return { targets: chosen, must: true };
}

/** One line for each file that was made and each that was not. */
export function summary({ files, binaries }: Release, folder: string): string {
  const missing = binaries.filter((binary) => binary.missing !== undefined);
  const sizes = files.map((name) => [name, Deno.statSync(`${folder}/${name}`).size] as const);
  const width = Math.max(...[...files, ...missing.map(({ name }) => name)].map((n) => n.length));
  return [
    ...sizes.map(([name, size]) =>
      `made      ${name.padEnd(width)}  ${(size / 1e6).toFixed(size < 1e5 ? 3 : 1)} MB`
    ),
    ...missing.map(({ name, missing }) => `not made  ${name.padEnd(width)}  ${missing}`),
  ].join("\n");
}

async function main(): Promise<number> {
  const { targets, must } = chosenTargets(Deno.args);
  const sources = await readVersionSources(await tagsOfCommit(Deno.env.toObject()));
  const problems = versionProblems(sources);
  if (problems.length > 0) {
    console.error(problems.map((each) => `error: ${each}`).join("\n"));
    return 1;
  }
  const folder = `${projectRoot}dist/release`;
  const made = await release({ folder, targets, version: sources.version });
  console.log(summary(made, folder));
  return must && made.binaries.some(({ missing }) => missing !== undefined) ? 1 : 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
