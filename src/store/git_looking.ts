/**
 * Git that starts no program which a repository's own configuration names: a folder that was unpacked may hold one.
 * What the configuration of the user or the machine names is started as ever.
 */

import { dirname } from "@std/path";
import type { Io } from "../io.ts";
import { gitIn, type GitMode, gitsIn, watchfulWith } from "./git.ts";

/** Scopes of git's configuration in which a repository speaks for itself. */
const own: readonly (string | undefined)[] = ["local", "worktree"];

/** How to start git in the repository around `root`. It looks into submodules of its own accord, `depth` deep. */
export async function lookingMode(io: Io, root: string, depth: number): Promise<GitMode> {
  const settings = await withoutFilters(io, root, depth, watchfulWith({ settings: [], env: {} }));
  // Nothing is fetched: what a partial clone left out could start what `remote` or `core.sshCommand` names.
  return watchfulWith({ settings, env: { GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "none" } });
}

async function withoutFilters(
  io: Io,
  folder: string,
  depth: number,
  mode: GitMode,
): Promise<string[]> {
  if (depth < 0) throw new Error("repositories are nested too deeply");
  const settings = await ownFilters(io, folder, mode);
  for (const path of await submodules(io, folder, mode)) {
    // One that is none must not be taken for the repository around it.
    const inside = watchfulWith({ settings: [], env: { GIT_CEILING_DIRECTORIES: dirname(path) } });
    settings.push(...await withoutFilters(io, path, depth - 1, inside));
  }
  return settings;
}

/** Settings by which filters that the repository itself says anything of are what others say, or nothing. */
async function ownFilters(io: Io, folder: string, mode: GitMode): Promise<string[]> {
  const { code, stdout, why } = await gitIn(io, folder, mode)([
    ...["config", "--includes", "--show-scope", "-z", "--get-regexp", "^filter\\."],
  ]);
  // 1: there are none.
  if (code > 1) throw new Error(why);
  const said = new Set<string>();
  const others: Record<string, string> = {};
  const entries = stdout.matchAll(/([^\0]*)\0([^\n\0]*)(?:\n([^\0]*))?\0/g);
  for (const [, scope, key, value = "true"] of entries) {
    if (own.includes(scope)) said.add(readable(key!));
    else others[key!] = value;
  }
  // An empty `process` would keep git from `clean`, so that nothing is said that the repository did not say.
  const keys = [...said].flatMap((key) => [key, key.replace(/[^.]*$/, "required")]);
  return keys.flatMap((key) => {
    const without = key.endsWith(".required") ? "false" : "";
    return ["-c", `${key}=${others[key] ?? without}`];
  });
}

/** Absolute paths of the submodules that are there. */
async function submodules(io: Io, folder: string, mode: GitMode): Promise<string[]> {
  const git = gitIn(io, folder, mode);
  const place = ["rev-parse", "--show-toplevel"];
  const list = ["ls-files", "--stage", "--full-name", "-z", "--", ":(top)"];
  const [top, { stdout }] = await gitsIn(io, folder, place, list, mode) ??
    await Promise.all([git(place), git(list)]);
  const links = Array.from(
    stdout.matchAll(/(?<=^|\0)160000 [^\t]*\t([^\0]*)/g),
    ([, path]) => `${top.stdout.replace(/\n$/, "")}/${readable(path!)}`,
  );
  const there = await Promise.all(links.map((path) => io.fs.lstat(`${path}/.git`)));
  return links.filter((_, index) => there[index] !== undefined);
}

/** A name that stands for itself where it is handed to git or the system. */
function readable(name: string): string {
  if (/[=\ufffd]/.test(name)) throw new Error(`${JSON.stringify(name)} cannot be named to it`);
  return name;
}
