/**
 * What is released, made once for all tests of a file, and installed by npm once.
 *
 * @module
 */

import { projectRoot, removeFolder, run, textOf } from "../../support.ts";
import { bundle } from "../../tools/bundle.ts";
import { release } from "../../tools/release/mod.ts";
import { type Target, targets } from "../../tools/release/_targets.ts";
import { versionOfProject } from "../../tools/release/_version.ts";

/** Why no program can be compiled here, or nothing. */
export const missingRuntime = Deno.env.get("ASSAY_COMPILE_DENO") && Deno.env.get("DENORT_BIN")
  ? undefined
  : "needs ASSAY_COMPILE_DENO and DENORT_BIN";

/** This machine, when a program can be compiled for it. */
export const host: readonly Target[] = missingRuntime === undefined
  ? targets.filter(({ triple }) => triple === Deno.build.target)
  : [];

/** Everything that is released, and the bundle it is of. */
export interface Made {
  /** What `deno task release` writes. */
  readonly folder: string;
  /** The bundle's entry, with its chunks next to it. */
  readonly entry: string;
  /** The npm package. */
  readonly tarball: string;
  /** The program for this machine. */
  readonly program: string;
}

let folder: string | undefined;
let making: Promise<Made> | undefined;

/**
 * Makes it, or waits for it: with a program for `targets`. A file that calls this also calls
 * {@linkcode removeMade} after its tests.
 */
export function made(targets = host): Promise<Made> {
  return making ??= (async () => {
    folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "assay-made-" }));
    const version = await versionOfProject();
    await release({ folder: `${folder}/release`, targets, version });
    return {
      folder: `${folder}/release`,
      entry: await bundle(`${folder}/bundle`),
      tarball: `${folder}/release/assay-${version}.tgz`,
      program: `${folder}/release/assay-${Deno.build.target}`,
    };
  })();
}

/** Removes what was made. */
export async function removeMade(): Promise<void> {
  if (folder !== undefined) await removeFolder(folder);
}

/** Why npm cannot install anything here, or nothing. */
export const noRegistry: string | undefined = await (async () => {
  try {
    const args = ["view", `deno@${Deno.version.deno}`, "version", "--fetch-retries=0"];
    const { success } = await new Deno.Command("npm", {
      args,
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(20_000),
    }).output();
    return success ? undefined : "npm's registry cannot be reached";
  } catch {
    return "npm is not on PATH";
  }
})();

/** Programs a machine has that has Node, npm and git; links to them in `folder`. No Deno is among them. */
export async function barePath(folder: string): Promise<string> {
  await Deno.mkdir(folder);
  const coreutils =
    "basename cat chmod cp cut date dirname env expr false head id ln ls mkdir mktemp mv nice " +
    "pwd readlink realpath rm rmdir sleep sort stat tail tee touch tr true uname wc";
  const others = "bash dash git grep node npm npx perl python3 sed setsid sh which";
  for (const name of `${coreutils} ${others}`.split(" ")) {
    const found = (Deno.env.get("PATH") ?? "").split(":").map((each) => `${each}/${name}`);
    const path = found.find((each) => {
      try {
        return Deno.statSync(each).isFile;
      } catch {
        return false;
      }
    });
    if (path !== undefined) await Deno.symlink(await Deno.realPath(path), `${folder}/${name}`);
  }
  return folder;
}

/** Installs the package into `folder`, which npm makes a project of its own; returns the folder of its programs. */
export async function npmInstall(
  folder: string,
  tarball: string,
  env: Record<string, string>,
): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/package.json`, "{}");
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  const { code, stderr } = await run(["npm", "install", ...quiet, tarball], { cwd: folder, env });
  if (code !== 0) throw new Error(`npm install: ${textOf(stderr)}`);
  return `${folder}/node_modules/.bin`;
}

/** Copies what git has of the project, as it is in the working tree. */
export async function copyProject(to: string): Promise<void> {
  const list = await new Deno.Command("git", {
    args: ["ls-files", "--cached", "--others", "--exclude-standard", "-z"],
    cwd: projectRoot,
  }).output();
  await Deno.mkdir(to, { recursive: true });
  const child = new Deno.Command("sh", {
    args: ["-c", 'tar --null --ignore-failed-read -cf - -T - | tar -xf - -C "$0"', to],
    cwd: projectRoot,
    stdin: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(list.stdout);
  await writer.close();
  await child.status;
}
