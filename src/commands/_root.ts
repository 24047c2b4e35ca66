/** Which project a call is about. */

import { resolve } from "@std/path";
import { findRoot } from "../config/find_root.ts";
import { UserError } from "../errors.ts";
import type { Call } from "./types.ts";

/** The root of the project the call is about, an absolute real path. */
export async function rootOf({ io, value }: Call): Promise<string> {
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
