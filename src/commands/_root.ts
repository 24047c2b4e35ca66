/** Which project a call is about. */

import { resolve } from "@std/path";
import { findRoot } from "../config/find_root.ts";
import { UserError } from "../errors.ts";
import { closeProject } from "../programs.ts";
import { recoverFirst } from "./_recovery.ts";
import type { Call } from "./types.ts";

/**
 * The root of the project the call is about, an absolute real path. What a hook run that died set aside is put
 * back first: until then the project is not what its user knows.
 */
export async function rootOf(call: Call): Promise<string> {
  const root = await givenRoot(call);
  await recoverFirst(call, root);
  return root;
}

/** The root, and nothing else. From now on no program of assay's own is taken from it. */
export async function givenRoot(call: Call): Promise<string> {
  const root = await namedRoot(call);
  await closeProject(call.io, root, () => configured(call, root));
  return root;
}

/** What commands may write, for a verb that starts programs before it opens the project. No plugin is loaded. */
async function configured({ io }: Call, root: string): Promise<void> {
  const { loadProject } = await import("../config/load.ts");
  const nothing = { keys: [], validate: () => Promise.resolve([]) };
  const loadModules = () => Promise.resolve({ ...nothing, formats: [], runners: [] });
  const options = { builtins: [], knownFormats: [], extensions: nothing, loadModules };
  // What is wrong is told by the verbs that need it; what could be read is known.
  await loadProject(io, root, options).catch(() => {});
}

async function namedRoot({ io, value }: Pick<Call, "io" | "value">): Promise<string> {
  const given = value("root");
  if (given === undefined) return await findRoot(io, io.cwd);
  const path = resolve(io.cwd, given);
  const info = await io.fs.stat(path);
  if (info?.isDirectory) return await io.fs.realPath(path);
  throw new UserError(
    `--root ${given}: ${info ? "it is not a folder" : "there is no such folder"}`,
    {
      code: "usage",
      hint: "name the folder of a project",
    },
  );
}
