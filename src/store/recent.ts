/** The newest runs as their folders tell them: nothing is opened, made or mended. */

import { join } from "@std/path";
import type { Io } from "../io.ts";
import type { Run } from "../model.ts";
import { layoutOf } from "./_layout.ts";

/** A larger `run.json` is not read. */
const maxBytes = 4 * 1024 * 1024;

/** Newest first; runs whose record cannot be read are left out. */
export async function recentRuns(io: Io, root: string, limit: number): Promise<readonly Run[]> {
  const layout = layoutOf(root);
  if (!await io.fs.stat(layout.runs)) return [];
  const names = (await io.fs.list(layout.runs)).map(({ name }) => name);
  // A ULID begins with its time, which is near enough for a list; their order is that of `seq`.
  const newest = names.sort().reverse().slice(0, limit);
  const runs = await Promise.all(newest.map((id) => read(io, join(layout.runs, id, "run.json"))));
  return runs.filter((run) => run !== undefined).sort((a, b) => b.seq - a.seq);
}

async function read(io: Io, path: string): Promise<Run | undefined> {
  try {
    const info = await io.fs.stat(path);
    if (!info?.isFile || info.size > maxBytes) return undefined;
    const run = JSON.parse(await io.fs.readText(path));
    return Array.isArray(run?.runners) ? run : undefined;
  } catch {
    // It is being written, or is not ours: there are others.
    return undefined;
  }
}
