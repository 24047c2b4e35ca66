/** The `Deno` of a plugin: what its permissions govern and what gives plain data, nothing else. */

import { filesFor } from "./files.ts";
import { freeze } from "./primordials.ts";
import type { WorkerSetup } from "./protocol.ts";

/**
 * Makes it. Left out though permissions govern them: what hands out a resource (`open`, `connect`, `listen`,
 * `Command`), for its class can be made to name other resources of the worker, and a process could inherit
 * assay's own streams; `env.set`, for the environment is the whole process's; links, which lead out of what
 * was granted.
 */
export function safeDeno({ root, ffi }: WorkerSetup): object {
  const { env, errors, build, version } = Deno;
  const { hostname, osRelease, osUptime, loadavg, networkInterfaces, systemMemoryInfo } = Deno;
  return freeze({
    build,
    version: freeze({ ...version }),
    errors: freeze({ ...errors }),
    args: freeze([]),
    noColor: true,
    cwd: () => root,
    // Node's modules ask for it when they are loaded.
    execPath: () => "",
    env: freeze({
      get: (name: string) => env.get(name),
      has: (name: string) => env.has(name),
      toObject: () => env.toObject(),
    }),
    ...filesFor(root),
    ...freeze({ hostname, osRelease, osUptime, loadavg, networkInterfaces, systemMemoryInfo }),
    ...ffi ? nativeLibraries() : {},
  });
}

/** Whoever may call native code may do all that the process may. */
function nativeLibraries(): object {
  const { dlopen, UnsafeCallback, UnsafeFnPointer, UnsafePointer, UnsafePointerView } = Deno;
  return { dlopen, UnsafeCallback, UnsafeFnPointer, UnsafePointer, UnsafePointerView };
}
