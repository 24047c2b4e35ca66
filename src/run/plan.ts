/** Stage "plan": which commands a run starts, checked before anything runs. */

import { join } from "@std/path";
import type { CommandDef, Detection, Project } from "../config/types.ts";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Kind, Unneeded } from "../model.ts";
import { isWithin } from "../text/paths.ts";

/** What a verb asks for. */
export interface Selection {
  /** Kinds that are left out; their gates become unknown. */
  readonly skip: readonly Kind[];
  /** Only these ids, when given; the gates of what is left out become unknown. */
  readonly only?: readonly string[];
}

/** The commands of one run. */
export interface Plan {
  readonly commands: readonly CommandDef[];
  /** Kinds that have at least one applicable runner, selected or not. */
  readonly present: readonly Kind[];
  /** Kinds of which something required was left out on request. */
  readonly skipped: readonly Kind[];
  /** Those that apply and are not needed, and why; absent: none. */
  readonly unneeded?: readonly Unneeded[];
  /** Whether something was left out, so that the run says nothing about the whole. */
  readonly partial: boolean;
  /** The commands judge no gate: their results stand alone. */
  readonly isUngated?: boolean;
}

/** Chooses among the detected runners. */
export function planVerify(detections: readonly Detection[], selection: Selection): Plan {
  const applicable = detections.filter(({ detected }) => detected).map(({ def }) => def);
  const { skip, only } = selection;
  checkOnly(only, detections);
  const selected = (def: CommandDef) =>
    !skip.includes(def.kind) && (only === undefined || only.includes(def.id));
  const chosen = kindsOf(applicable.filter(selected));
  const leftOut = applicable.filter((def) =>
    !selected(def) && (def.required || !chosen.includes(def.kind))
  );
  return {
    commands: applicable.filter(selected),
    present: kindsOf(applicable),
    skipped: [...new Set([...skip, ...kindsOf(leftOut)])],
    partial: skip.length > 0 || only !== undefined,
  };
}

/** A run of the given commands and nothing else. */
export function planCommands(commands: readonly CommandDef[]): Plan {
  const isUngated = commands.every(({ hasNoKind }) => hasNoKind);
  return { commands, present: kindsOf(commands), skipped: [], partial: true, isUngated };
}

function kindsOf(defs: readonly CommandDef[]): Kind[] {
  return [...new Set(defs.map((def) => def.kind))];
}

function checkOnly(only: readonly string[] | undefined, detections: readonly Detection[]): void {
  for (const id of only ?? []) {
    const detection = detections.find(({ def }) => def.id === id);
    if (detection?.detected) continue;
    const why = detection ? `it does not apply here: ${detection.why}` : "there is no such runner";
    throw new UserError(`Cannot run "${id}": ${why}`, {
      code: "unknown_runner",
      hint: "assay plugin list --all shows every runner and why it applies or not",
    });
  }
}

/** What must hold before the first command starts: its folder exists. */
export async function checkPlan(io: Io, project: Project, plan: Plan): Promise<void> {
  for (const def of plan.commands) {
    if (def.cwd !== "." && def.cwd !== "") await checkCwd(io, project.root, def);
  }
}

async function checkCwd(io: Io, root: string, def: CommandDef): Promise<void> {
  const path = join(root, def.cwd);
  const info = await io.fs.stat(path);
  const real = info?.isDirectory ? await io.fs.realPath(path) : undefined;
  if (real !== undefined && isWithin(real, root)) return;
  const why = !info
    ? "there is no such folder"
    : real === undefined
    ? "it is not a folder"
    : `it leads outside the project (${real})`;
  throw new UserError(`Cannot run "${def.id}": cwd "${def.cwd}": ${why}`, {
    code: "cwd_invalid",
    file: def.origin.file,
    line: def.origin.line,
    key: "cwd",
    hint: "name a folder inside the project, relative to its root",
  });
}

// Runs jobs in parallel, up to a limit, starting them in order.

/** Runs `work` for every item and returns the results in the items' order. */
export async function schedule<T, R>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
  return results;
}

/** Runs work with the same key one after the other, in order of arrival; `""`: no key. */
export async function inTurn<R>(
  turns: Map<string, Promise<unknown>>,
  key: string,
  work: () => Promise<R>,
): Promise<R> {
  if (key === "") return await work();
  const mine = (turns.get(key) ?? Promise.resolve()).then(work);
  turns.set(key, mine.catch(() => {}));
  return await mine;
}
