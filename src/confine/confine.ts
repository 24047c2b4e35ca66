/**
 * Limits this process and becomes the command. Either all of the limits hold or nothing is run: a command
 * that ran with less than it was told would pass for confined.
 *
 * @module
 */

import { become, closeInherited, restoreSignals } from "./_exec.ts";
import { landlockAbi, makeRuleset, restrictSelf } from "./_landlock.ts";
import { type Libc, openLibc } from "./_libc.ts";
import { type Order, readCall } from "./_order.ts";
import { dropCapabilities, forbidNewPrivileges } from "./_privileges.ts";
import { report } from "./_report.ts";
import { installFilter } from "./_seccomp.ts";

/** As shells and `env` have it: the limits could not be made, the program cannot be run, there is none. */
const exitCode = { unconfined: 125, notRunnable: 126, notFound: 127 } as const;

const notFound = 2;
const encoder = new TextEncoder();

/** Does `ORDER -- argv…`; never returns. Exits with 125, and a message, when a limit cannot be made. */
export function confine(args: readonly string[]): never {
  try {
    if (Deno.build.os !== "linux") throw new Error("it works on Linux alone");
    const { order, argv } = readCall(args);
    const libc = openLibc();
    applyLimits(libc, order);
    const error = become(libc, argv);
    end(error, error.errno === notFound ? exitCode.notFound : exitCode.notRunnable);
  } catch (error) {
    end(error, exitCode.unconfined);
  }
}

/** The filter comes last: it may close calls that the others need. */
function applyLimits(libc: Libc, order: Order): void {
  closeInherited(libc);
  forbidNewPrivileges(libc);
  const ruleset = order.landlock && makeLandlock(libc, order.landlock);
  dropCapabilities(libc);
  if (ruleset !== undefined) restrictSelf(libc, ruleset);
  restoreSignals(libc);
  if (order.seccomp) installFilter(libc, order.seccomp);
  if (order.report) write(Deno.stdout, `${JSON.stringify(report(libc))}\n`);
}

function makeLandlock(libc: Libc, order: NonNullable<Order["landlock"]>): number {
  if (landlockAbi(libc) === 0) throw new Error("the kernel has no Landlock, or it is switched off");
  return makeRuleset(libc, order);
}

function end(error: unknown, code: number): never {
  const message = error instanceof Error ? error.message : String(error);
  try {
    write(Deno.stderr, `assay: confine: ${message}\n`);
  } finally {
    Deno.exit(code);
  }
}

function write(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = encoder.encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
}
