/** The command as extensions see it, and what is taken from what they return. */

import { isAbsolute, relative } from "@std/path";
import type { Io } from "../io.ts";
import type { Collector, CommandSpec } from "../plugin.ts";
import { isWithin } from "../text/paths.ts";
import { isTable } from "../text/values.ts";

/** A command in plain data: all of it but the collectors, which never leave their extension. */
export type SpecData = Readonly<Omit<CommandSpec, "collectors">>;

/** What an extension returned, read once: its getters and proxies have no say any more. */
export interface Returned {
  readonly data: SpecData;
  readonly collectors: readonly Collector[];
}

/** Fields that an extension may not change, with how they are compared. */
const fixed = [
  "originalCommand",
  "commandName",
  "attemptId",
  "workspace",
  "liveDir",
  "extensionData",
] as const;

/** Fields that it may change. */
const free = ["command", "cwd", "env", "timeoutMs", "shell", "wrappers"] as const;

/** A copy that its holder may do with as it likes. */
export function copyOf(spec: SpecData): CommandSpec {
  return { ...structuredClone(spec), collectors: [] };
}

/**
 * Reads what `prepare` returned.
 *
 * @throws when it is no spec of plain data with collectors.
 */
export function readReturned(returned: unknown): Returned {
  if (!isTable(returned)) throw new Error("it did not return the spec");
  const data = structuredClone(
    Object.fromEntries([...fixed, ...free].map((key) => [key, returned[key]])),
  );
  const { collectors } = returned;
  if (!Array.isArray(collectors) || !collectors.every(isCollector)) {
    throw new Error("it returned collectors that are no list of objects with a function collect");
  }
  return { data: data as unknown as SpecData, collectors: [...collectors] };
}

function isCollector(value: unknown): value is Collector {
  return isTable(value) && typeof value.collect === "function";
}

/**
 * What is wrong with a returned spec, given what was handed out; `undefined` when nothing is. Sees to it
 * that nothing is executed outside the workspace, and nothing that no system could execute.
 */
export async function problemOf(
  io: Io,
  given: SpecData,
  { data }: Returned,
): Promise<string | undefined> {
  for (const key of fixed) {
    if (JSON.stringify(data[key]) !== JSON.stringify(given[key])) return `it changed ${key}`;
  }
  const { command, env, timeoutMs, shell, wrappers } = data;
  if (!isText(command) || command.trim() === "") return "it left no command";
  if (typeof timeoutMs !== "number" || !(timeoutMs > 0 && timeoutMs < Infinity)) {
    return "it left a timeoutMs that is no positive number";
  }
  if (!isArgv(shell)) return "it left a shell that is no list of texts";
  if (!Array.isArray(wrappers) || !wrappers.every(isArgv)) {
    return "it left wrappers that are no list of lists of texts";
  }
  return envProblem(env) ?? await cwdProblem(io, data);
}

/** Text that can be handed to a program. */
function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}

function isArgv(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText) && (value[0] ?? "") !== "";
}

function envProblem(env: unknown): string | undefined {
  if (!isTable(env)) return "it left no env";
  for (const [name, value] of Object.entries(env)) {
    if (!/^[^=\0]+$/.test(name)) return `it set a variable with the name ${JSON.stringify(name)}`;
    if (!isText(value)) return `it set the variable ${name} to what is no text`;
  }
  return undefined;
}

async function cwdProblem(io: Io, { cwd, workspace }: SpecData): Promise<string | undefined> {
  if (!isText(cwd) || !isAbsolute(cwd)) return "it left a cwd that is no absolute path";
  const shown = cwd.startsWith(`${workspace}/`) ? relative(workspace, cwd) : cwd;
  const info = await io.fs.stat(cwd);
  if (!info) return `its cwd ${shown} is not there`;
  if (!info.isDirectory) return `its cwd ${shown} is no folder`;
  const real = await io.fs.realPath(cwd);
  if (isWithin(real, workspace)) return undefined;
  return `its cwd ${shown} is outside the project`;
}
