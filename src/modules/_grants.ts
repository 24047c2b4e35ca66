/** From what a plugin was granted to what its worker may do. */

import { isAbsolute, resolve } from "@std/path";
import { UserError } from "../errors.ts";
import { type Io, isNotFound, type WorkerPermissions } from "../io.ts";
import { programOf } from "../programs.ts";
import type { PluginPermissions } from "../plugin_setting.ts";

/** Grants of one plugin, and what they are relative to. */
export interface Grants {
  /** The plugin's address, for messages. */
  readonly url: string;
  readonly permissions: PluginPermissions;
  /** The project root, an absolute real path. */
  readonly root: string;
}

/**
 * The permissions of a worker: paths become absolute, and stand beside the places they lead to, because a
 * worker asks for the place once links are followed.
 */
export async function workerPermissions(io: Io, grants: Grants): Promise<WorkerPermissions> {
  const { read, write, run, ffi, ...others } = grants.permissions;
  const paths = async (list: PluginPermissions["read"]) =>
    Array.isArray(list)
      ? [...new Set((await Promise.all(list.map((path) => places(io, grants.root, path)))).flat())]
      : list;
  const programs = Array.isArray(run)
    ? await Promise.all(run.map((program) => runnable(io, grants.root, program)))
    : run;
  const all = {
    ...others,
    read: await paths(read),
    write: await paths(write),
    run: programs,
    ffi: await paths(ffi),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => granted(value)),
  ) as WorkerPermissions;
}

/** A program by its path: what the runtime finds by a name may be one that a command put there. */
async function runnable(io: Io, root: string, program: string): Promise<string> {
  if (program.includes("/")) return resolve(root, program);
  return await programOf(io, program).catch(() => program);
}

/** An empty list grants nothing; Deno takes one for a grant of everything or nothing, by its version. */
function granted(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value === true;
}

async function places(io: Io, root: string, path: string): Promise<string[]> {
  const place = isAbsolute(path) ? resolve(path) : resolve(root, path);
  try {
    return [place, await io.fs.realPath(place)];
  } catch (error) {
    if (isNotFound(error)) return [place];
    throw error;
  }
}

/**
 * Sees that assay itself may do what a plugin was granted: a worker can have no permission that the process
 * has not.
 *
 * @throws {UserError} with the flags to start assay with.
 */
export async function checkGrants(io: Io, grants: Grants): Promise<void> {
  const missing = io.missing(await workerPermissions(io, grants));
  if (missing.length === 0) return;
  const flags = missing.map((name) => `--allow-${name}`).join(" ");
  throw new UserError(
    `${grants.url}: it was granted ${missing.join(", ")}, which assay itself may not use here`,
    {
      code: "plugin_permission",
      hint: `start assay with ${flags}, or take the grant out of its [[plugin]] table`,
    },
  );
}

/**
 * A command's environment as a plugin may see it: without those variables of assay's own environment that it
 * was not granted. What was set for the command is part of the command.
 */
export function visibleEnvironment(
  io: Io,
  { env: grant }: PluginPermissions,
  env: Readonly<Record<string, string>>,
): { readonly seen: Record<string, string>; readonly hidden: Record<string, string> } {
  const own = io.environment();
  const mayRead = (name: string) =>
    grant === true || (Array.isArray(grant) && grant.includes(name));
  const seen: Record<string, string> = {};
  const hidden: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    (own[name] === value && !mayRead(name) ? hidden : seen)[name] = value;
  }
  return { seen, hidden };
}
