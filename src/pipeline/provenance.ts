/** What an extension changed of a command, as it is recorded. */

import { relative } from "@std/path";
import type { Change, SpecChanges } from "../model.ts";
import type { SpecData } from "./spec.ts";

/** The differences; of variables the names alone, for values may be secrets. */
export function changesOf(before: SpecData, after: SpecData, collectors: number): SpecChanges {
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
