/** Part of stage "prepare": each extension of a command changes it in turn. */

import { PluginError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { AppliedExtension, Change, SpecChanges } from "../model.ts";
import type { Collector, CommandSpec, Extension } from "../plugin.ts";
import { isWithin } from "../text/paths.ts";
import { callPlugin, hostFor } from "./call.ts";
import type { Owned } from "./plugins.ts";
import type { CallHost, Extended, SpecData } from "./types.ts";
import { isAbsolute, relative } from "@std/path";

/** A command that no extension changed. */
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
    const { collectors, ...data } = await value.prepare(copyOf(spec), services);
    const problem = await problemOf(host.io, data);
    if (problem !== undefined) throw new Error(problem);
    // A copy: what the extension does with its own copy later changes nothing.
    return { data: structuredClone(data), collectors: [...collectors] };
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

/** The differences; of variables only the names, as values may be secrets. */
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

/** What an extension returned: plain data, and the collectors it registered. */
interface Returned {
  readonly data: SpecData;
  readonly collectors: readonly Collector[];
}

/** A copy that its holder may change freely. */
export function copyOf(spec: SpecData): CommandSpec {
  return { ...structuredClone(spec), collectors: [] };
}

/**
 * What is wrong with a returned spec; `undefined` when nothing is. Makes sure that nothing is executed outside the
 * workspace, and nothing that no system could execute.
 */
async function problemOf(io: Io, spec: SpecData): Promise<string | undefined> {
  const { command, env, timeoutMs, shell, wrappers } = spec;
  if (command.trim() === "" || command.includes("\0")) return "it left no command";
  if (!(timeoutMs > 0)) return "it left a timeoutMs that is not a positive number";
  if (!isArgv(shell)) return "it left a shell that is not a program with arguments";
  if (!wrappers.every(isArgv)) return "it left wrappers that are not programs with arguments";
  for (const [name, value] of Object.entries(env)) {
    if (!/^[^=\0]+$/.test(name)) return `it set a variable with the name ${JSON.stringify(name)}`;
    if (value.includes("\0")) return `it set the variable ${name} to a string with a NUL character`;
  }
  return await cwdProblem(io, spec);
}

function isArgv([program = "", ...rest]: readonly string[]): boolean {
  return program !== "" && ![program, ...rest].some((each) => each.includes("\0"));
}

async function cwdProblem(io: Io, { cwd, workspace }: SpecData): Promise<string | undefined> {
  if (cwd.includes("\0") || !isAbsolute(cwd)) return "it left a cwd that is not an absolute path";
  const shown = cwd.startsWith(`${workspace}/`) ? relative(workspace, cwd) : cwd;
  const info = await io.fs.stat(cwd);
  if (!info) return `its cwd ${shown} does not exist`;
  if (!info.isDirectory) return `its cwd ${shown} is not a folder`;
  const isInside = isWithin(await io.fs.realPath(cwd), workspace);
  return isInside ? undefined : `its cwd ${shown} is outside the project`;
}
