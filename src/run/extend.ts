/** Part of stage "prepare": each extension of a command changes it in its turn. */

import { PluginError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { AppliedExtension, Change, SpecChanges } from "../model.ts";
import type { Collector, CommandSpec, Extension } from "../plugin.ts";
import { isWithin } from "../text/paths.ts";
import { isTable } from "../text/values.ts";
import { callPlugin, hostFor } from "./call.ts";
import type { Owned } from "./plugins.ts";
import type { CallHost, Extended, SpecData } from "./types.ts";
import { isAbsolute, relative } from "@std/path";

/** A command that no extension had a hand in. */
export function untouched(spec: SpecData): Extended {
  return { spec, applied: [], extensions: [], collectors: [] };
}

/** How a call of an extension is named. */
export function nameOf({ value }: Owned<Extension>): string {
  return `extension "${value.name}"`;
}

/** Lets the extensions change the command, one after the other, up to the first that fails. */
export async function extend(
  spec: SpecData,
  extensions: readonly Owned<Extension>[],
  host: CallHost,
): Promise<Extended> {
  let extended = untouched(spec);
  for (const extension of extensions) {
    const start = host.io.monotonic();
    try {
      const returned = await prepareBy(extension, extended.spec, host);
      const took = host.io.monotonic() - start;
      extended = added(extended, extension, returned, took);
    } catch (error) {
      if (error instanceof PluginError) return { ...extended, failed: error.message };
      throw error;
    }
  }
  return extended;
}

async function prepareBy(
  extension: Owned<Extension>,
  spec: SpecData,
  host: CallHost,
): Promise<Returned> {
  const { owner, value } = extension;
  const part = nameOf(extension);
  return await callPlugin(owner, `${part}, prepare`, hostFor(host, part), async (services) => {
    const returned = readReturned(await value.prepare(copyOf(spec), services));
    const problem = await problemOf(host.io, spec, returned);
    if (problem !== undefined) throw new Error(problem);
    return returned;
  });
}

function added(
  { spec, applied, extensions, collectors }: Extended,
  by: Owned<Extension>,
  { data, collectors: own }: Returned,
  took: number,
): Extended {
  const entry: AppliedExtension = {
    extension: by.value.name,
    changes: changesOf(spec, data, own.length),
    duration_ms: Math.round(took * 100) / 100,
  };
  return {
    spec: data,
    applied: [...applied, entry],
    extensions: [...extensions, by],
    collectors: [
      ...collectors,
      ...own.map((collector) => ({ owner: by.owner, part: nameOf(by), collector })),
    ],
  };
}

// What an extension changed of a command, as it is recorded.

/** The differences; of variables the names alone, for values may be secrets. */
function changesOf(before: SpecData, after: SpecData, collectors: number): SpecChanges {
  const folder = ({ cwd }: SpecData) => relative(before.workspace, cwd) || ".";
  const env = variables(before.env, after.env);
  return {
    ...changed("command", before.command, after.command),
    ...changed("cwd", folder(before), folder(after)),
    ...changed("timeout_ms", before.timeoutMs, after.timeoutMs),
    ...changed("shell", before.shell, after.shell),
    ...changed("wrappers", before.wrappers, after.wrappers),
    ...(env.set.length + env.unset.length > 0 ? { env } : {}),
    ...(collectors > 0 ? { collectors } : {}),
  };
}

function changed<Key extends string, T>(
  key: Key,
  before: T,
  after: T,
): Partial<Record<Key, Change<T>>> {
  if (JSON.stringify(before) === JSON.stringify(after)) return {};
  return { [key]: { before, after } } as Record<Key, Change<T>>;
}

type Variables = Readonly<Record<string, string>>;

function variables(before: Variables, after: Variables) {
  return {
    set: Object.keys(after).filter((name) => before[name] !== after[name]).sort(),
    unset: Object.keys(before).filter((name) => after[name] === undefined).sort(),
  };
}

/** What an extension returned, read once: its getters and proxies have no say any more. */
interface Returned {
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
function readReturned(returned: unknown): Returned {
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
async function problemOf(
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
