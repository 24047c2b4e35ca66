/** The version is written once, in `deno.json`; everything else that says it must say the same. */

import { version as ofProgram } from "../../../src/version.ts";
import { projectRoot } from "../../support.ts";

/** What a release is compared with. */
export interface VersionSources {
  /** The version in `deno.json`. */
  readonly version: string;
  /** The one the program prints. */
  readonly program: string;
  readonly changelog: string;
  /** Tags that the release is made for, such as `v1.2.3`; none for a trial. */
  readonly tags: readonly string[];
}

/** What does not fit together; empty when a release may be made. */
export function versionProblems(
  { version, program, changelog, tags }: VersionSources,
): string[] {
  const heading = changelog.match(new RegExp(`^## ${RegExp.escape(version)}( .*)?$`, "m"));
  return [
    ...(program === version
      ? []
      : [`src/version.ts says ${program}, deno.json ${version}: write deno.json's`]),
    ...(heading ? [] : [`CHANGELOG.md has no heading "## ${version}"`]),
    ...tags.filter((tag) => tag !== `v${version}`).map((tag) =>
      `the tag ${tag} is not of the version ${version} in deno.json`
    ),
    ...(tags.length > 0 && heading?.[1]?.includes("unreleased")
      ? [`CHANGELOG.md calls ${version} unreleased`]
      : []),
  ];
}

/** The version in `deno.json`. */
export async function versionOfProject(): Promise<string> {
  const config = await Deno.readTextFile(`${projectRoot}deno.json`);
  const version = /^ {2}"version": "([^"]+)"/m.exec(config)?.[1];
  if (version === undefined) throw new Error("deno.json has no version");
  return version;
}

/** Reads what the project says, for a release of the given tags. */
export async function readVersionSources(tags: readonly string[]): Promise<VersionSources> {
  return {
    version: await versionOfProject(),
    program: ofProgram,
    changelog: await Deno.readTextFile(`${projectRoot}CHANGELOG.md`),
    tags,
  };
}

/** The tag a workflow of GitHub runs on, and those of the checked-out commit that name a version. */
export async function tagsOfCommit(env: Readonly<Record<string, string>>): Promise<string[]> {
  const ofWorkflow = env.GITHUB_REF_TYPE === "tag" && env.GITHUB_REF_NAME !== undefined
    ? [env.GITHUB_REF_NAME]
    : [];
  const said = await git("tag", "--points-at", "HEAD", "--list", "v[0-9]*");
  return [...new Set([...ofWorkflow, ...(said ?? "").split("\n").filter((tag) => tag !== "")])];
}

/** When the commit was made, so that two releases of it say the same; nothing outside of a repository. */
export async function commitTime(): Promise<Date | undefined> {
  const said = await git("log", "-1", "--format=%cI");
  return said === undefined ? undefined : new Date(said.trim());
}

async function git(...args: string[]): Promise<string | undefined> {
  const { success, stdout } = await new Deno.Command("git", {
    args,
    cwd: projectRoot,
    stderr: "null",
  }).output();
  return success ? new TextDecoder().decode(stdout) : undefined;
}
