/** What a command used, as its launcher wrote it down. */

import { type Io, isNotFound } from "../io.ts";
import type { Usage } from "./types.ts";

/** More is not what the launcher writes. */
const maxSize = 4096;

/** The numbers it may hold. */
export const usageNames: readonly string[] = [
  "cpu_user_ms",
  "cpu_system_ms",
  "memory_peak_bytes",
  "read_bytes",
  "written_bytes",
];

/** Reads what the launcher left. A launcher that was killed left nothing, and that is no error. */
export async function readUsage(io: Io, file: string): Promise<Usage> {
  const text = await textOf(io, file);
  const entries = [...text.matchAll(/^(\w+) (\d{1,15}(?:\.\d{1,3})?)$/gm)]
    .map(([, name, value]) => [name!, Number(value)] as const);
  const valueOf = (wanted: string) => entries.find(([name]) => name === wanted)?.[1];
  const errno = valueOf("errno");
  return {
    metrics: Object.fromEntries(entries.filter(([name]) => usageNames.includes(name))),
    ...(errno === undefined ? {} : { errno }),
    left: valueOf("left") ?? 0,
    programs: Array.from(text.matchAll(/^program (.+)$/gm), ([, name]) => name!),
    changed: valueOf("changed") !== undefined,
  };
}

async function textOf(io: Io, file: string): Promise<string> {
  try {
    // A command that could write there may have put a link or a pipe in its place.
    const info = await io.fs.lstat(file);
    return info?.isFile && info.size <= maxSize ? await io.fs.readText(file) : "";
  } catch (error) {
    if (isNotFound(error)) return "";
    throw error;
  }
}
