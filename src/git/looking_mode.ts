/**
 * Git that starts no program named in a repository's own configuration, which an unpacked folder may contain.
 * Programs that the user's or the machine's configuration names are started as usual.
 *
 * @module
 */

import { dirname, resolve } from "@std/path";
import type { Io } from "../io.ts";
import { gitIn, type GitMode, watchfulWith } from "./git.ts";
import type { IndexPlace } from "./private_index.ts";

/** Where git will find a repository, as far as that is plain; git's own answer decides. */
export interface LikelyFolders extends IndexPlace {
  readonly gitDir: string;
  /** Whether its configuration names no filter, and includes nothing that might. */
  readonly isPlain: boolean;
}

/** Looks for the repository around `root`; `undefined` where git has to be asked. */
export async function likelyFolders(io: Io, root: string): Promise<LikelyFolders | undefined> {
  let top = root;
  while (!await io.fs.lstat(`${top}/.git`)) {
    if (top === dirname(top)) return undefined;
    top = dirname(top);
  }
  try {
    const isFolder = (await io.fs.lstat(`${top}/.git`))?.isDirectory;
    const link = isFolder ? ".git" : /^gitdir: (.*)/.exec(await io.fs.readText(`${top}/.git`))?.[1];
    if (link === undefined) return undefined;
    const gitDir = resolve(top, link);
    const [config, common, own] = await Promise.all([
      io.fs.readText(`${gitDir}/config`),
      io.fs.lstat(`${gitDir}/commondir`),
      io.fs.lstat(`${gitDir}/config.worktree`),
    ]);
    if (common) return undefined;
    return {
      top,
      gitDir,
      index: `${gitDir}/index`,
      hashBytes: /objectformat\s*=\s*"?sha256/i.test(config) ? 32 : 20,
      isPlain: !own && !/filter|include/i.test(config),
    };
  } catch {
    return undefined;
  }
}

/** What git's configuration says that looking depends on. */
interface Setting {
  /** Where it is from: `local` and `worktree` are the repository's own. */
  readonly scope: string;
  readonly key: string;
  readonly value: string;
}

/** Settings under which git stores other than what is on disk. */
export interface Conversions {
  readonly convertsLines: boolean;
  readonly trustsModes: boolean;
  readonly hasAttributesFile: boolean;
  /** Filters that name the content they replace by its hash. */
  readonly naming: ReadonlySet<string>;
}

export async function settingsOf(io: Io, folder: string): Promise<readonly Setting[]> {
  const { code, stdout, why } = await gitIn(io, folder)([
    ...["config", "--includes", "--show-scope", "-z", "--get-regexp"],
    "^(filter\\.|core\\.(autocrlf|filemode|attributesfile)$)",
  ]);
  // Exit code 1: there are none.
  if (code > 1) throw new Error(why);
  const entries = stdout.matchAll(/([^\0]*)\0([^\n\0]*)(?:\n([^\0]*))?\0/g);
  return Array.from(entries, ([, scope, key, value = "true"]) => ({
    scope: scope!,
    key: key!,
    value,
  }));
}

export function conversionsOf(settings: readonly Setting[]): Conversions {
  const values = new Map(settings.map(({ key, value }) => [key, value]));
  const isFalse = (value = "") => /^(false|no|off|0|)$/i.test(value);
  const naming = new Set<string>();
  for (const [key, value] of values) {
    const name = /^filter\.(.*)\.clean$/s.exec(key)?.[1];
    const driver = values.get(`filter.${name}.process`) ?? "git-lfs filter-process";
    if (name !== undefined && /^git-lfs clean\b/.test(value) && /^git-lfs /.test(driver)) {
      naming.add(name);
    }
  }
  return {
    convertsLines: !isFalse(values.get("core.autocrlf")),
    trustsModes: !values.has("core.filemode") || !isFalse(values.get("core.filemode")),
    hasAttributesFile: values.has("core.attributesfile"),
    naming,
  };
}

/** How to start git in the repository around `root`. It must not be made to look into submodules. */
export async function lookingMode(
  io: Io,
  root: string,
  likely?: LikelyFolders,
  asked?: Promise<readonly Setting[]>,
): Promise<GitMode> {
  const found = likely ?? await likelyFolders(io, root);
  const settings = found?.isPlain ? [] : withoutFilters(await (asked ?? settingsOf(io, root)));
  // What was looked into is what git must use: a repository further up has another configuration.
  const ceilings = [found && dirname(found.top), io.env("GIT_CEILING_DIRECTORIES")]
    .filter((folder) => folder !== undefined);
  // Nothing is fetched: in a partial clone that could start what `remote` or `core.sshCommand` names.
  return watchfulWith({
    settings,
    env: {
      ...{ GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "none" },
      GIT_CEILING_DIRECTORIES: ceilings.join(":"),
    },
  });
}

/** Scopes of git's configuration that belong to the repository. */
const own: readonly string[] = ["local", "worktree"];

/** Settings that reset filters configured by the repository to what other scopes say, or to nothing. */
function withoutFilters(settings: readonly Setting[]): string[] {
  const said = new Set<string>();
  const others: Record<string, string> = {};
  for (const { scope, key, value } of settings) {
    if (!key.startsWith("filter.")) continue;
    if (own.includes(scope)) said.add(readable(key));
    else others[key] = value;
  }
  // An empty `process` would keep git from using `clean`, so only keys that the repository sets are reset.
  const keys = [...said].flatMap((key) => [key, key.replace(/[^.]*$/, "required")]);
  return keys.flatMap((key) => {
    const without = key.endsWith(".required") ? "false" : "";
    return ["-c", `${key}=${others[key] ?? without}`];
  });
}

/** A name that is safe to pass to git as it is. */
function readable(name: string): string {
  if (/[=\ufffd]/.test(name)) {
    const why = `${JSON.stringify(name)} cannot be named to it`;
    throw new Error(`git cannot be kept from starting the repository's filters: ${why}`);
  }
  return name;
}
