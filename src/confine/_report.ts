import { landlockAbi } from "./_landlock.ts";
import type { Libc } from "./_libc.ts";

/** Families of stream sockets that are tried, by `AF_*`. */
const families = { unix: 1, inet: 2 } as const;

/** What a probe wants to know, seen from where the program will run. */
export interface Report {
  /** Version of the kernel's Landlock; 0 when there is none. */
  readonly abi: number;
  /** Whether a socket of a family can be made: 0, or the error's number. */
  readonly sockets: Readonly<Record<keyof typeof families, number>>;
}

/** Tries what no program that is on every machine can try. */
export function report(libc: Libc): Report {
  return {
    abi: landlockAbi(libc),
    sockets: { unix: trySocket(libc, families.unix), inet: trySocket(libc, families.inet) },
  };
}

function trySocket({ call, errno }: Libc, family: number): number {
  const descriptor = call.socket(family, 1, 0);
  if (descriptor < 0) return errno();
  call.close(descriptor);
  return 0;
}
