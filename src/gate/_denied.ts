/** What denials of its sandbox say of how a command ended. */

import type { Denial } from "../model.ts";
import type { SettleInput } from "./types.ts";

/** Whether its memory limit, or the machine's, ended it or a part of it, and it did not succeed. */
export function isOutOfMemory(input: SettleInput): boolean {
  return input.oom === true || (input.denials ?? []).some(isMemoryKill);
}

/**
 * The denials that stand beside a failure. A command that succeeded, was stopped by us, or never ran did not
 * fail of them, save when a process of it was killed for one: what had to be stopped never passes, whatever a
 * shell around it says. A kill for memory has a reason of its own.
 */
export function telling(input: SettleInput): readonly Denial[] {
  if (input.cancelled) return [];
  const counts = (denial: Denial) => hasFailed(input) || denial.killed === true;
  return (input.denials ?? []).filter((denial) => !isMemoryKill(denial) && counts(denial));
}

/** Signals an engine or the kernel ends a command with, for its sandbox. */
const endings = ["SIGKILL", "SIGTERM", "SIGXCPU", "SIGSYS"];

/** Whether a denial says what the signal that ended the command was for. */
export function explainsSignal(input: SettleInput, signal: string | undefined): boolean {
  return endings.includes(signal ?? "") && telling(input).some(({ killed }) => killed);
}

function isMemoryKill({ dimension, killed }: Denial): boolean {
  return dimension === "memory" && killed === true;
}

function hasFailed({ exitCode, timedOut }: SettleInput): boolean {
  return exitCode !== 0 || timedOut;
}
