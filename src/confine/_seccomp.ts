import { addressOf, checked, type Libc } from "./_libc.ts";

const setSeccomp = 22;
const filterMode = 2n;

/**
 * Has the kernel ask a filter before every system call of this thread and of all that it starts, for good.
 *
 * @see seccomp(2)
 */
export function installFilter(libc: Libc, filter: Uint8Array<ArrayBuffer>): void {
  const program = new DataView(new ArrayBuffer(16));
  program.setUint16(0, filter.length / 8, true);
  program.setBigUint64(8, addressOf(filter), true);
  const installed = libc.call.prctlBuffer(setSeccomp, filterMode, program.buffer, 0n, 0n);
  checked(libc, "the kernel does not take the filter of system calls", installed);
}
