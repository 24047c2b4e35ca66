/** What changed in the working tree while the commands ran, and which of them changed it. */

import { join } from "@std/path";
import type { Project } from "../config/types.ts";
import type { Io } from "../io.ts";
import type { Attempt } from "../model.ts";
import { lineage as lineageOf } from "../git/lineage.ts";
import { lookingMode } from "../git/looking_mode.ts";
import { changedSince, changeTime } from "../git/work_marks.ts";
import type { TreeNow } from "./judge.ts";
import type { PipelineContext, RunRequest } from "./types.ts";

/** The working tree now, where it is to be judged: when asked for, or when it differs. */
export async function treeAfter(
  { verb, plan }: RunRequest,
  { io, project, marks, lineage }: PipelineContext,
): Promise<TreeNow | undefined> {
  const { root, gates } = project;
  const written = writtenBy(project);
  const own = writtenBy({ ...project, commands: [...project.commands, ...plan.commands] });
  // What a sandboxed command left in a repository must start nothing outside.
  const isHeld = plan.commands.some(({ sandbox }) => sandbox !== undefined);
  const mode = isHeld ? await lookingMode(io, root).catch(() => null) : undefined;
  if (mode === null) return { tree: null };
  const changed = marks ? await changedSince(io, root, marks, own, mode) : [];
  if (changed === undefined) return { tree: null };
  if (changed.length > 0) return { tree: null, changed };
  if (!gates.fresh) return undefined;
  // A hook tests what is staged or committed: other files are not part of it.
  if (verb === "hook") return lineage;
  const now = await lineageOf(io, root, { written: Promise.resolve(written) });
  // The configuration that the run was given is the one that it was read from at its start.
  return { ...now, ...lineage.definitions ? { definitions: lineage.definitions } : {} };
}

/** At most this many files are named. */
const shown = 20;

/** File systems have a coarser clock than the program, in milliseconds. */
const clockSlackMs = 20;

/** One sentence per file: the commands that ran when it changed. For a deleted file the time is unknown. */
export async function whoModified(
  io: Io,
  root: string,
  changed: readonly string[],
  attempts: readonly Attempt[],
): Promise<string[]> {
  return await Promise.all(
    changed.slice(0, shown).map(async (path) => {
      const info = await io.fs.lstat(join(root, path));
      if (!info) return `${path} was removed while the commands ran`;
      const at = changeTime(info);
      const suspects = attempts.filter((attempt) => at !== null && wasRunning(attempt, at));
      const names = [
        ...new Set((suspects.length > 0 ? suspects : attempts).map(({ name: id }) => id)),
      ];
      return names.length === 0 ? `${path} was modified` : `${names.join(" or ")} modified ${path}`;
    }),
  );
}

function wasRunning({ started_at, duration_ms }: Attempt, at: number): boolean {
  if (started_at === null) return false;
  const start = Date.parse(started_at);
  return at >= start - clockSlackMs && at <= start + duration_ms + clockSlackMs;
}

// The files of a project that its own commands write as evidence.

/** Paths of reports relative to the root; a placeholder is a `*`. Files in `.assay/` never count. */
export function writtenBy({ runners, commands }: Pick<Project, "runners" | "commands">): string[] {
  return [...runners, ...commands]
    .flatMap(({ resultFile }) => resultFile ?? [])
    .filter((path) => !path.startsWith(".assay/"))
    .map((path) => path.replaceAll(/\{\{[^}]*\}\}|<\w+>/g, "*"));
}
