/** Signals by number, as a shell reports them in its exit code: 128 + the signal's number. */

/** Linux numbers on x86 and ARM, from signal(7); index 0 is signal 1. */
const names = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD " +
  "CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";

/** The signal a shell's exit code stands for, such as `SIGSEGV` for 139; `undefined` for others. */
export function signalOfExitCode(exitCode: number): string | undefined {
  const name = names.split(" ")[exitCode - 129];
  return name === undefined ? undefined : `SIG${name}`;
}
