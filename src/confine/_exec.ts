import { addressOf, checked, cString, lastError, type Libc, type SystemError } from "./_libc.ts";

const closeRangeCall = 436n;
const closeOnExec = 4;
const brokenPipe = 13;
const setMask = 2;

/** Has the program inherit standard input, output and error, and no other descriptor. */
export function closeInherited(libc: Libc): void {
  const closed = libc.call.closeRange(closeRangeCall, 3, 0xffffffff, closeOnExec);
  checked(libc, "cannot close inherited descriptors", closed);
}

/** Undoes what Deno's own start did: a program expects to be ended by a pipe that nobody reads. */
export function restoreSignals(libc: Libc): void {
  libc.call.signal(brokenPipe, 0n);
  // A set of signals is 128 bytes on every Linux; 8 of them count.
  const none = new Uint8Array(128);
  checked(libc, "cannot reset the signal mask", libc.call.sigprocmask(setMask, none, null));
}

/** Becomes the program, found by the search path. Returns only when that failed: why. */
export function become(libc: Libc, argv: readonly string[]): SystemError {
  const words = argv.map(cString);
  const addresses = new BigUint64Array([...words.map(addressOf), 0n]);
  libc.call.execvp(words[0]!, addresses);
  return lastError(libc, `cannot run ${argv[0]}`);
}
