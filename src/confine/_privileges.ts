/**
 * Gives up what a process could undo its limits with, or get round them by.
 *
 * @see capabilities(7), `linux/capability.h`
 * @module
 */

import { checked, type Libc } from "./_libc.ts";

/** Options of prctl(2). */
const option = { dropBounding: 24, readBounding: 23, noNewPrivileges: 38, ambient: 47 } as const;

const clearAllAmbient = 4n;
const capabilityVersion3 = 0x20080522;
const maySetCapabilities = 8;

/** Programs that are set-user-ID or have capabilities of their own give none from now on. */
export function forbidNewPrivileges(libc: Libc): void {
  const set = libc.call.prctl(option.noNewPrivileges, 1n, 0n, 0n, 0n);
  checked(libc, "cannot forbid new privileges", set);
}

/**
 * Drops every capability: those of root load kernel modules, write devices and trace any process. Without new
 * privileges root gets none back when it starts a program.
 */
export function dropCapabilities(libc: Libc): void {
  const held = readCapabilities(libc);
  if (held.every((word) => word === 0)) return;
  checked(
    libc,
    "cannot drop the ambient capabilities",
    libc.call.prctl(option.ambient, clearAllAmbient, 0n, 0n, 0n),
  );
  if ((held[0]! & (1 << maySetCapabilities)) !== 0) dropBoundingSet(libc);
  const dropped = libc.call.capset(header(), new Uint32Array(6));
  checked(libc, "cannot drop the capabilities", dropped);
  if (readCapabilities(libc).some((word) => word !== 0)) {
    throw new Error("the capabilities were dropped and are still there");
  }
}

/** Of the kernel's capabilities only those there are can be read: the first that cannot ends them. */
function dropBoundingSet(libc: Libc): void {
  const { prctl } = libc.call;
  for (let each = 0n; prctl(option.readBounding, each, 0n, 0n, 0n) >= 0; each++) {
    const dropped = prctl(option.dropBounding, each, 0n, 0n, 0n);
    checked(libc, `cannot drop the capability ${each} for good`, dropped);
  }
}

/** Two times effective, permitted, inheritable: 32 capabilities each. */
function readCapabilities(libc: Libc): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(6);
  checked(libc, "cannot read the capabilities", libc.call.capget(header(), words));
  return words;
}

function header(): Uint32Array<ArrayBuffer> {
  return new Uint32Array([capabilityVersion3, 0]);
}
