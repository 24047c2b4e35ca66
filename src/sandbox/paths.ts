/** Paths of a sandbox as engines take them: absolute, with symbolic links followed. */

import { normalize } from "@std/path";
import { errorCode, isNotFound } from "../io.ts";
import type { SandboxSpec } from "../plugin.ts";
import { isWithin } from "../text/paths.ts";

/** What paths are resolved against. */
export interface PathBase {
  /** The project root, an absolute path; relative paths are below it. */
  readonly root: string;
  /** What `~` stands for; absent or not absolute: nothing. */
  readonly home: string | undefined;
  /**
   * Absolute paths that decide what runs outside the sandbox: no link in the project makes one of them
   * writable, only its own name does. Default none.
   */
  readonly protectedPaths?: readonly string[];
  /** `io.fs.realPath`. */
  realPath(path: string): Promise<string>;
}

/** The keys of a sandbox that hold paths. */
export const pathKeys = ["paths_writable", "paths_hidden", "paths_readable", "tmpfs"] as const;

/** One of {@linkcode pathKeys}. */
export type PathKey = (typeof pathKeys)[number];

/**
 * A path that a symbolic link widens beyond its name. An earlier command may have left the link, so the
 * command must not be run. The message is for people.
 */
export class PathProblem extends Error {
  override readonly name = "PathProblem";
}

/**
 * The sandbox with all its paths absolute, normalised and each once. Of a missing path, the part that
 * exists is resolved.
 *
 * @throws {PathProblem} when a path in the project leads out of it and would open more than its name says.
 * @throws errors of `realPath` about what assay itself may read, not about the path.
 */
export async function resolvePaths(spec: SandboxSpec, base: PathBase): Promise<SandboxSpec> {
  const resolved = await Promise.all(pathKeys.map(async (key) => {
    const paths = spec[key];
    if (paths === undefined) return [];
    const all = await Promise.all(paths.map((path) => resolveListed(key, path, base)));
    return [[key, [...new Set(all)]] as const];
  }));
  return { ...spec, ...Object.fromEntries(resolved.flat()) };
}

/** One path of a list. Hidden paths may lead anywhere; opened ones must be what was named. */
async function resolveListed(key: PathKey, path: string, base: PathBase): Promise<string> {
  const real = await resolvePath(path, base);
  if (key === "paths_hidden") return real;
  const named = await nameInProject(path, base);
  const why = named === undefined ? undefined : wideningOf(key, named, real, base);
  if (why === undefined) return real;
  throw new PathProblem(`${key}: ${path} leads ${why}; name that path itself if it is meant`);
}

/** Where a path leads, if that widens it beyond its name; else `undefined`. */
function wideningOf(
  key: PathKey,
  named: string,
  real: string,
  { root, protectedPaths = [] }: PathBase,
): string | undefined {
  if (!isWithin(real, root)) return `outside the project, to ${real}`;
  if (key === "paths_readable") return undefined;
  const isOpened = protectedPaths.some((each) => isWithin(real, each) && !isWithin(named, each));
  return isOpened ? `to ${real}, which decides what runs outside of the sandbox` : undefined;
}

/** The path from where it enters the project, with no link of the project followed; `undefined`: it never does. */
async function nameInProject(path: string, base: PathBase): Promise<string | undefined> {
  const parts = absolutePath(path, base).split("/");
  for (let count = 1; count <= parts.length; count++) {
    const reached = await resolvePath(parts.slice(0, count).join("/") || "/", base);
    const name = normalize([reached, ...parts.slice(count)].join("/")).replace(/(?<=.)\/$/, "");
    if (isWithin(name, base.root)) return name;
  }
  return undefined;
}

/** One path, see {@linkcode resolvePaths}. */
export async function resolvePath(path: string, base: PathBase): Promise<string> {
  const absolute = absolutePath(path, base);
  return await realOf(absolute, base) ?? await walk(absolute, base);
}

/** Whether a path begins with `~`, the home folder. */
export function isOfHome(path: string): boolean {
  return path === "~" || path.startsWith("~/");
}

/** Whether `~` can be expanded. */
export function isHome(home: string | undefined): home is string {
  return home?.startsWith("/") ?? false;
}

/** Not normalised: where `link/..` leads is only known once the link is followed. */
function absolutePath(path: string, { root, home }: PathBase): string {
  if (isOfHome(path) && isHome(home)) return `${home}${path.slice(1)}`;
  return path.startsWith("/") ? path : `${root}/${path}`;
}

/** Follows a path part by part as far as it exists, as the kernel does; the rest stays as it is. */
async function walk(path: string, base: PathBase): Promise<string> {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  let reached = "/";
  for (const [index, part] of parts.entries()) {
    const next = reached === "/" ? `/${part}` : `${reached}/${part}`;
    const real = await realOf(next, base);
    if (real === undefined) {
      const rest = parts.slice(index + 1);
      const path = normalize([next, ...rest].join("/"));
      // It may lead back to something that exists.
      return rest.includes("..") ? await resolvePath(path, base) : path;
    }
    reached = real;
  }
  return reached;
}

/** Kernel folders, which the runtime opens only with full permissions. */
const kernelFolders = ["/proc", "/sys", "/dev"];

/** Whether a path is one of the kernel's folders or in one. */
export function isOfKernel(path: string): boolean {
  return kernelFolders.some((folder) => isWithin(path, folder));
}

/** System error codes for: this path leads nowhere for this user. */
const unresolvableCodes = ["ENOTDIR", "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG"];

async function realOf(path: string, { realPath }: PathBase): Promise<string | undefined> {
  try {
    return await realPath(path);
  } catch (error) {
    if (isNotFound(error) || unresolvableCodes.includes(errorCode(error) ?? "")) return undefined;
    if ((error as Error).name === "NotCapable" && isOfKernel(normalize(path))) return undefined;
    throw error;
  }
}
