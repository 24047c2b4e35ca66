/**
 * The C library, through which a Deno program makes the system calls that Deno does not offer.
 *
 * Everything here is called synchronously on the thread that becomes the command: Landlock, seccomp and
 * capabilities belong to a thread, and `execvp` ends all others.
 *
 * @module
 */

/**
 * The functions, under names of our own where one takes different arguments. `syscall` and `prctl` have
 * variable arguments, which Linux passes on the architectures assay runs on as it does any others.
 */
const prototypes = {
  errnoLocation: { name: "__errno_location", parameters: [], result: "pointer" },
  strerror: { parameters: ["i32"], result: "pointer" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  signal: { parameters: ["i32", "usize"], result: "usize" },
  sigprocmask: { parameters: ["i32", "buffer", "pointer"], result: "i32" },
  capget: { parameters: ["buffer", "buffer"], result: "i32" },
  capset: { parameters: ["buffer", "buffer"], result: "i32" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  prctlBuffer: {
    name: "prctl",
    parameters: ["i32", "usize", "buffer", "usize", "usize"],
    result: "i32",
  },
  closeRange: { name: "syscall", parameters: ["usize", "u32", "u32", "u32"], result: "i32" },
  landlockCreate: {
    name: "syscall",
    parameters: ["usize", "buffer", "usize", "u32"],
    result: "i32",
  },
  landlockAdd: {
    name: "syscall",
    parameters: ["usize", "i32", "u32", "buffer", "u32"],
    result: "i32",
  },
  landlockRestrict: { name: "syscall", parameters: ["usize", "i32", "u32"], result: "i32" },
  execvp: { parameters: ["buffer", "buffer"], result: "i32" },
} as const satisfies Deno.ForeignLibraryInterface;

/** glibc's name, and musl's: its file is named for the architecture. */
const names = ["libc.so.6", `libc.musl-${Deno.build.arch}.so.1`];

/** The functions, and the error of the last call. */
export interface Libc {
  readonly call: Deno.DynamicLibrary<typeof prototypes>["symbols"];
  /** `errno`, to be read right after the call. */
  errno(): number;
}

/** A system call that failed: what was tried and what the system says of it. */
export class SystemError extends Error {
  /** @param errno Its number, such as 2 for `ENOENT`. */
  constructor(what: string, readonly errno: number, why: string) {
    super(`${what}: ${why}`);
  }
}

/** Opens the C library. Throws when none has all of it, or FFI is not permitted. */
export function openLibc(): Libc {
  const call = openAny().symbols;
  const location = new Deno.UnsafePointerView(call.errnoLocation()!);
  return { call, errno: () => location.getInt32() };
}

function openAny(): Deno.DynamicLibrary<typeof prototypes> {
  const failures: string[] = [];
  for (const name of names) {
    try {
      return Deno.dlopen(name, prototypes);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`cannot open the C library: ${failures.join("; ")}`);
}

/** The error of the last call. */
export function lastError(libc: Libc, what: string): SystemError {
  const errno = libc.errno();
  const text = libc.call.strerror(errno);
  const why = text === null ? `error ${errno}` : Deno.UnsafePointerView.getCString(text);
  return new SystemError(what, errno, why);
}

/** Returns what a call returned; throws when that signals failure. */
export function checked(libc: Libc, what: string, result: number): number {
  if (result < 0) throw lastError(libc, what);
  return result;
}

const encoder = new TextEncoder();

/** Text with the zero at its end; throws when it has one inside. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) throw new Error("an argument or path contains a zero byte");
  return encoder.encode(`${text}\0`);
}

/** The address of bytes, which must be kept alive while it is used. */
export function addressOf(bytes: Uint8Array<ArrayBuffer>): bigint {
  return Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes));
}
