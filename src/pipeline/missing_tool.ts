/** Whether the shell found what it was told to run. */

import { type Io, textOf } from "../io.ts";
import type { Executed, Prepared } from "./types.ts";

/** How much of the end of standard error is looked at, in bytes. */
const tailBytes = 16 * 1024;

/**
 * The program that was not found or may not be executed, or `undefined`. The shell says so by exit
 * code 127 or 126; in a pipeline only its last command's code counts, so there the shell's own
 * message on standard error is believed as well.
 */
export async function findMissingTool(
  io: Io,
  { stderrFile, argv, spec: { command } }: Prepared,
  { exitCode, spawnError, stderr }: Executed,
): Promise<string | undefined> {
  if (spawnError) return spawnError.isMissing ? argv[0] : undefined;
  const byCode = exitCode === 127 || exitCode === 126;
  if (!byCode && !isPipeline(command)) return undefined;
  if (stderr.kept === 0) return byCode ? firstWord(command) : undefined;
  const start = Math.max(0, stderr.kept - tailBytes);
  const text = await textOf(await io.fs.openRead(stderrFile, start));
  return shellComplaint(text) ?? (byCode ? firstWord(command) : undefined);
}

/** `sh: 1: foo: not found` (dash), `sh: line 1: foo: command not found` (bash), `sh: foo: not found` (busybox). */
function shellComplaint(text: string): string | undefined {
  const pattern =
    /^(?:\/\S*\/)?(?:sh|dash|bash|ash)(?:: line \d+|: \d+)?: (\S+): (?:command )?(?:not found|Permission denied|No such file or directory)$/m;
  return pattern.exec(text)?.[1];
}

function isPipeline(command: string): boolean {
  return /[^|]\|[^|]/.test(command);
}

/** The first word that is no assignment such as `FOO=1`. */
function firstWord(command: string): string {
  return command.trim().split(/\s+/).find((word) => !/^\w+=/.test(word)) ?? command;
}
