/** Reasons that come of the process: how it ended, or why it never ran. */

import type { Reason } from "../model.ts";
import { explainsSignal, isOutOfMemory, telling } from "./_denied.ts";
import { signalOfExitCode } from "./_signals.ts";
import { limitText, listed } from "./_text.ts";
import { denialTexts } from "./denial_text.ts";
import type { SettleInput } from "./types.ts";

/**
 * How the command ended. `exited`: by itself, with an exit code that is its own word. `stopped`: by a
 * signal, a limit, or us. `not_run`: its program, or the command as declared, could not be run.
 */
export type End = "exited" | "stopped" | "not_run";

/** How the command ended. */
export function endOf(input: SettleInput): End {
  if (input.timedOut || input.cancelled || input.signal !== null) return "stopped";
  if (isOutOfMemory(input)) return "stopped";
  if (couldNotRun(input)) return "not_run";
  if (input.exitCode === null || exitSignal(input) !== undefined) return "stopped";
  return "exited";
}

/** Every reason the process gives. */
export function processReasons(input: SettleInput): readonly Reason[] {
  return [...notRunReasons(input), ...stopReasons(input), ...deniedReasons(input)];
}

function notRunReasons(input: SettleInput): readonly Reason[] {
  const reasons: Reason[] = [];
  if (input.prepareFailed !== undefined) {
    reasons.push({
      code: "prepare_failed",
      message: `could not be prepared: ${input.prepareFailed}`,
    });
  }
  if (input.lockTimeout !== undefined) {
    reasons.push({
      code: "lock_timeout",
      message: `the lock "${input.lockTimeout}" was not free in time`,
    });
  }
  if (isUnenforced(input)) {
    const dimensions = listed(input.sandboxUnenforced ?? []);
    reasons.push({
      code: "sandbox_unenforced",
      message: `not run: no engine enforces the sandbox's ${dimensions}`,
    });
  }
  if (isToolMissing(input)) {
    reasons.push({ code: "tool_missing", message: toolMissingMessage(input) });
  }
  return reasons;
}

function stopReasons(input: SettleInput): readonly Reason[] {
  const reasons: Reason[] = [];
  if (input.cancelled) {
    reasons.push({ code: "cancelled", message: "cancelled before it ended" });
  }
  if (input.timedOut) {
    const limit = input.timeoutMs === undefined
      ? "at its time limit"
      : `after ${limitText(input.timeoutMs)}, its time limit`;
    reasons.push({ code: "timeout", message: `stopped ${limit}` });
  }
  if (isOutOfMemory(input)) {
    reasons.push({ code: "oom", message: "the kernel killed it: out of memory" });
  }
  // Signals of a command that was cancelled, timed out or ran out of memory are what stopped it.
  if (reasons.length > 0 || endOf(input) !== "stopped") return reasons;
  if (explainsSignal(input, input.signal ?? exitSignal(input))) return reasons;
  return [{ code: "killed", message: killedMessage(input) }];
}

function deniedReasons(input: SettleInput): readonly Reason[] {
  const denials = telling(input);
  if (denials.length === 0) return [];
  const signal = input.signal ?? exitSignal(input);
  const ended = signal !== undefined && explainsSignal(input, signal) ? `, ended by ${signal}` : "";
  const message = `its sandbox kept it from this: ${denialTexts(denials)}${ended}`;
  return [{ code: "sandbox_denied", message }];
}

function killedMessage(input: SettleInput): string {
  if (input.signal !== null) return `killed by ${input.signal}`;
  const signal = exitSignal(input);
  if (signal === undefined) return "ended without an exit code and without a signal";
  return `killed by ${signal} (exit code ${input.exitCode})`;
}

function couldNotRun(input: SettleInput): boolean {
  return input.prepareFailed !== undefined || input.lockTimeout !== undefined ||
    isUnenforced(input) || isToolMissing(input);
}

function isUnenforced({ sandboxUnenforced }: SettleInput): boolean {
  return sandboxUnenforced !== undefined && sandboxUnenforced.length > 0;
}

/** 127: not found; 126: found, and not executable (POSIX, 2.8.2 "Exit Status for Commands"). */
function isToolMissing(input: SettleInput): boolean {
  if (isShellsCode(input) && reportExplains(input)) return false;
  return input.toolMissing !== undefined || isShellsCode(input);
}

function isShellsCode({ exitCode }: SettleInput): boolean {
  return exitCode === 126 || exitCode === 127;
}

function toolMissingMessage({ toolMissing, exitCode }: SettleInput): string {
  const name = toolMissing === undefined ? "a program of the command" : `"${toolMissing}"`;
  return exitCode === 126 ? `${name} may not be executed` : `${name} was not found`;
}

function exitSignal(input: SettleInput): string | undefined {
  if (input.exitCode === null || reportExplains(input)) return undefined;
  return signalOfExitCode(input.exitCode);
}

/**
 * Some tools exit with the number of failures. A report that came to its end and shows failures
 * explains any exit code; a process that was killed, or never ran, would not have written it.
 */
function reportExplains({ report }: SettleInput): boolean {
  if (report?.state !== "read") return false;
  return report.tests.failed + report.tests.errored + report.suiteErrors > 0;
}
