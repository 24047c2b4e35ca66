/** Puts assay's script where git looks for hooks, and removes it again. */

import { join, relative, resolve } from "@std/path";
import { UserError } from "../errors.ts";
import { type Io, isNotFound } from "../io.ts";
import { gitIn, withHooks } from "../git/git.ts";
import { isSame } from "./move.ts";
import { type HookName, hookScript, keptEnding, kindOfScript, projectOf } from "./script.ts";

export interface HookFolder {
  /** Absolute. */
  readonly path: string;
  /** The project's folder from the top of the working tree; empty: the top. */
  readonly project: string;
}

export type HookState = "none" | "ours" | "edited" | "other";

export interface HookFile {
  readonly hook: HookName;
  readonly file: string;
  readonly state: HookState;
  /** Another hook was there before, is kept, and runs first. */
  readonly chained: boolean;
}

/** Finds the folder that git runs hooks from. Throws a UserError when it is not this repository's alone. */
export async function hookFolder(io: Io, root: string): Promise<HookFolder> {
  const git = gitIn(io, root, withHooks);
  const [places, configured] = await Promise.all([
    git([
      ...["rev-parse", "--path-format=absolute"],
      ...["--show-toplevel", "--git-common-dir", "--git-path", "hooks"],
    ]),
    git(["config", "--show-scope", "--get", "core.hooksPath"]),
  ]);
  const [top, common, path] = places.stdout.trimEnd().split("\n");
  if (places.code !== 0 || !top || !common || !path) {
    throw new UserError(`Not in a git working tree: ${places.why}`, {
      code: "no_repository",
      hint: "run git init first",
    });
  }
  const [scope] = configured.code === 0 ? configured.stdout.split("\t") : [];
  const own = [top, common].some((folder) => path.startsWith(`${folder}/`));
  if (!own || scope === "global" || scope === "system") {
    const setting = `core.hooksPath${scope ? ` of the ${scope} configuration` : ""}`;
    throw new UserError(`${setting} is ${path}, which other repositories use too`, {
      code: "hooks_shared",
      hint: `give this repository its own: git config --local core.hooksPath '${common}/hooks'`,
    });
  }
  if (path.endsWith("/.husky/_")) {
    throw new UserError(`husky manages the hooks of this repository (${relative(top, path)})`, {
      code: "hooks_managed",
      hint: "add the line `assay hook run pre-commit` to .husky/pre-commit",
    });
  }
  return { path: resolve(path), project: relative(top, root) };
}

export async function lookAt(io: Io, { path }: HookFolder, hook: HookName): Promise<HookFile> {
  const file = join(path, hook);
  const text = await textOf(io, file);
  const state = text === undefined ? "none" : await kindOfScript(io, text);
  const chained = await io.fs.lstat(file + keptEnding) !== undefined;
  return { hook, file, state, chained };
}

async function textOf(io: Io, file: string): Promise<string | undefined> {
  if (!await io.fs.lstat(file)) return undefined;
  try {
    return await io.fs.readText(file);
  } catch (error) {
    // A dangling link also counts as a foreign hook.
    if (isNotFound(error)) return "";
    throw error;
  }
}

export type HookAction = "installed" | "updated" | "unchanged" | "removed" | "absent";

/** Installs or updates it. An existing hook is kept next to it and runs first. */
export async function install(
  io: Io,
  folder: HookFolder,
  hook: HookName,
  { argv, force }: { readonly argv: readonly string[]; readonly force: boolean },
): Promise<HookFile & { readonly action: HookAction }> {
  const script = await hookScript(io, { hook, argv, project: folder.project });
  const before = await lookAt(io, folder, hook);
  const { file, state } = before;
  const action = state === "none" || state === "other" ? "installed" : "updated";
  if (state === "other") await keep(io, before);
  if (state === "edited") await replaceEdited(io, before, force);
  if (state === "ours") {
    const text = await io.fs.readText(file);
    if (text === script) return { ...before, action: "unchanged" };
    const other = projectOf(text);
    if (other !== folder.project && !force) {
      throw new UserError(`${file} already checks the project in ${other || "the top folder"}`, {
        code: "hook_taken",
        hint: "one hook checks one project: assay hook install --force switches it to this one",
      });
    }
  }
  await io.fs.mkdir(folder.path);
  const fresh = `${file}.new-assay`;
  await io.fs.writeText(fresh, script);
  await io.fs.chmod(fresh, 0o755);
  await io.fs.sync(fresh);
  await io.fs.rename(fresh, file);
  return { ...await lookAt(io, folder, hook), action };
}

/** Gives the existing hook a second name; the script then takes over the first. */
async function keep(io: Io, { file, chained }: HookFile): Promise<void> {
  const [own, other] = await Promise.all([io.fs.lstat(file), io.fs.lstat(file + keptEnding)]);
  // Interrupted between the two steps.
  if (isSame(own, other)) return;
  if (chained) {
    throw new UserError(`${file} is not assay's, and ${file}${keptEnding} is there as well`, {
      code: "hook_kept_twice",
      hint: "merge the two, or remove the one that is not needed",
    });
  }
  try {
    await io.fs.link(file, file + keptEnding);
  } catch {
    // No hard links here: for a moment there is no hook at all.
    await io.fs.rename(file, file + keptEnding);
  }
}

/** A script that was changed by hand is never lost. */
async function replaceEdited(io: Io, { file }: HookFile, force: boolean): Promise<void> {
  if (!force) {
    throw new UserError(`${file} was written by assay and edited since`, {
      code: "hook_edited",
      hint: `--force replaces it and keeps yours as ${file}.edited`,
    });
  }
  await io.fs.rename(file, `${file}.edited`);
}

/** Removes the script; the previous hook is restored as it was. */
export async function uninstall(
  io: Io,
  folder: HookFolder,
  hook: HookName,
  { force }: { readonly force: boolean },
): Promise<HookFile & { readonly action: HookAction }> {
  const before = await lookAt(io, folder, hook);
  const { file, state, chained } = before;
  if (state === "none" || state === "other") return { ...before, action: "absent" };
  if (state === "edited") await replaceEdited(io, before, force);
  if (chained) await io.fs.rename(file + keptEnding, file);
  else await io.fs.removeOne(file);
  return { ...await lookAt(io, folder, hook), action: "removed" };
}
