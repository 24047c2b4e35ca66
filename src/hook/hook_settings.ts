/** `[hook]` of the configuration that is tested: of what is staged, not of what lies there. */

import { join, relative } from "@std/path";
import { type Io, isNotFound } from "../io.ts";
import type { Target } from "./target.ts";

/** What becomes of untracked files. */
export type Untracked = "set_aside" | "keep";

const files = [".assay/config.toml", ".assay/config.json"] as const;

/** Reads it. What is wrong with the file is told when the configuration is loaded. */
export async function untrackedSetting(io: Io, root: string, target: Target): Promise<Untracked> {
  for (const file of files) {
    const text = await textOf(io, root, file, target);
    if (text === undefined) continue;
    try {
      const value = file.endsWith(".toml")
        ? (await import("@std/toml")).parse(text)
        : JSON.parse(text);
      const hook = (value as { hook?: { untracked?: unknown } }).hook;
      return hook?.untracked === "keep" ? "keep" : "set_aside";
    } catch {
      return "set_aside";
    }
  }
  return "set_aside";
}

async function textOf(
  io: Io,
  root: string,
  file: string,
  { repository: { git, top }, status }: Target,
): Promise<string | undefined> {
  const path = relative(top, join(root, file));
  if (status.entries.some((entry) => entry.path === path && entry.work !== ".")) {
    const { code, stdout } = await git(["cat-file", "blob", `:${path}`]);
    return code === 0 ? stdout : undefined;
  }
  try {
    return await io.fs.readText(join(root, file));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
