/** Stage "plan": leaves out what the changed files do not need, and fills in the files where a command takes them. */

import { join } from "@std/path";
import { chooseFiles } from "../config/paths.ts";
import { usedPlaceholders } from "../config/placeholders.ts";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { gitIn } from "../git/git.ts";
import { shellQuote } from "../text/shell.ts";
import type { CommandDef } from "../config/types.ts";
import type { Unneeded } from "../model.ts";
import type { Plan } from "./plan.ts";

/** What a run is about. */
export interface Scope {
  /** The paths that changed, relative to the root; absent: the whole project. */
  readonly changed?: readonly { readonly path: string; readonly deleted: boolean }[];
  /** What such a change is called: `staged`. */
  readonly word?: string;
  /** All files of the project, relative to the root; asked for only when a command takes them. */
  files(): Promise<readonly string[]>;
}

/**
 * One argument of a program may have 128 KiB on Linux, and the shell line is one. What extensions and quoting
 * in a sandbox add must also fit.
 */
const lineLimit = 90 * 1024;

/** The plan for this scope. A runner without `files` stays as it is. */
export async function narrowed(plan: Plan, root: string, scope: Scope): Promise<Plan> {
  const commands: CommandDef[] = [];
  const unneeded: Unneeded[] = [];
  for (const def of plan.commands) {
    const { id, kind, required } = def;
    const found = def.files ? await needOf({ ...def, files: def.files }, scope) : {};
    if ("why" in found) unneeded.push({ name: id, kind, required, reason: found.why });
    else if (found.chosen) {
      const isNarrowed = scope.changed !== undefined;
      commands.push(...batchesOf({ ...def, isNarrowed }, found.chosen, root));
    } else commands.push(def);
  }
  const isNarrower = unneeded.length > 0 || commands.some(({ chosen }) => chosen !== undefined);
  const partial = plan.partial || scope.changed !== undefined && isNarrower;
  if (unneeded.length === 0) return { ...plan, commands, partial };
  const present = plan.present.filter((kind) =>
    plan.skipped.includes(kind) || commands.some((def) => def.kind === kind) ||
    !unneeded.some((each) => each.kind === kind)
  );
  return { ...plan, commands, partial, present, unneeded };
}

type Need = { readonly why: string } | { readonly chosen?: readonly string[] };

async function needOf(
  def: CommandDef & Required<Pick<CommandDef, "files">>,
  { changed, word, files }: Scope,
): Promise<Need> {
  const takesFiles = usedPlaceholders(def.command).includes("files");
  const isChosen = await chooseFiles(def.files);
  const globs = def.files.map((glob) => JSON.stringify(glob)).join(", ");
  if (changed === undefined) {
    if (!takesFiles) return {};
    const chosen = (await files()).filter(isChosen);
    return chosen.length > 0 ? { chosen } : { why: `no file matches ${globs}` };
  }
  const matching = changed.filter(({ path }) => isChosen(path));
  if (matching.length === 0) return { why: `no ${word} change matches ${globs}` };
  if (!takesFiles) return {};
  const chosen = matching.filter(({ deleted }) => !deleted).map(({ path }) => path);
  return chosen.length > 0 ? { chosen } : { why: `all files that match ${globs} are deleted` };
}

/** The command once for as many of the files as one line can hold, until all were covered. */
function batchesOf(def: CommandDef, chosen: readonly string[], root: string): CommandDef[] {
  const uses = usedPlaceholders(def.command).filter((name) => name === "files").length;
  const size = (text: string) => new TextEncoder().encode(text).length;
  const room = lineLimit - size(def.command);
  const batches: string[][] = [];
  let left = 0;
  for (const path of chosen) {
    // The longest form: an extension that moves the command makes it absolute.
    const length = uses * (size(shellQuote(join(root, path))) + 3);
    if (left < length || batches.length === 0) {
      batches.push([]);
      left = room;
    }
    batches.at(-1)!.push(path);
    left -= length;
  }
  return batches.map((files, index) => ({
    ...def,
    chosen: files,
    ...(batches.length > 1 ? { batch: { number: index + 1, of: batches.length } } : {}),
  }));
}

// The project's own files: tracked, or neither tracked nor ignored.

/** Lists them, relative to the root and sorted; files and links to files that are there. */
export async function listFiles(io: Io, root: string): Promise<readonly string[]> {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { code, stdout, why } = await gitIn(io, root)(args);
  if (code !== 0) {
    throw new UserError(`Cannot list the files for {{files}}: ${why}`, {
      code: "files_unknown",
      hint: "git lists the files: run this in a git repository",
    });
  }
  const paths = [...new Set(stdout.split("\0"))].filter((path) => path !== "").toSorted();
  return await existing(io, root, paths);
}

/**
 * Those that exist as files.
 *
 * @throws {UserError} for a name that is not UTF-8: it cannot be passed to a command
 */
export async function existing(
  io: Io,
  root: string,
  paths: readonly string[],
): Promise<readonly string[]> {
  const there: string[] = [];
  for (const path of paths) {
    if (path.includes("\ufffd")) {
      throw new UserError(
        `Cannot hand ${JSON.stringify(path)} to a command: its name is not UTF-8`,
        {
          code: "path_not_utf8",
          hint: "rename it, or leave it out of `files` by a glob that begins with !",
        },
      );
    }
    // Not `join`, which takes a backslash for a slash. A dangling link exists all the same.
    const full = `${root}/${path}`;
    const info = await io.fs.stat(full) ?? await io.fs.lstat(full);
    if (info?.isFile || info?.isSymlink) there.push(path);
  }
  return there;
}
