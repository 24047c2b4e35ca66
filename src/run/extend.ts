/** Part of stage "prepare": each extension of a command changes it in its turn. */

import { PluginError } from "../errors.ts";
import type { AppliedExtension, Change, SpecChanges } from "../model.ts";
import type { Extension } from "../plugin.ts";
import { type CallHost, callPlugin } from "./call.ts";
import { hostFor } from "./host.ts";
import type { Owned } from "./plugins.ts";
import { copyOf, problemOf, readReturned, type Returned, type SpecData } from "./spec.ts";
import type { Extended } from "./types.ts";
import { relative } from "@std/path";

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
