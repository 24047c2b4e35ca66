/** A plugin's `Deno`: only what its permissions govern and what returns plain data. */

import { filesFor } from "./files.ts";
import { requirePermission } from "./grants.ts";
import { freeze } from "./primordials.ts";
import type { WorkerSetup } from "./protocol.ts";

const { env } = Deno;

export function variable(name: string): string | undefined {
  requirePermission({ name: "env", variable: `${name}` });
  return env.get(`${name}`);
}

/**
 * Creates it. Left out although permissions govern them: what returns a resource (`open`, `connect`, `listen`,
 * `Command`), because its class can be made to name other resources of the worker, and a process could inherit
 * assay's own streams; `env.set`, because the environment belongs to the whole process; links, which lead out of
 * what was granted.
 */
export function safeDeno({ root, ffi }: WorkerSetup): object {
  const { errors, build, version } = Deno;
  return freeze({
    build,
    version: freeze({ ...version }),
    errors: freeze({ ...errors }),
    args: freeze([]),
    noColor: true,
    cwd: () => root,
    // Node's modules read it when they are loaded.
    execPath: () => "",
    env: freeze({
      // Node's modules read it when they are loaded; for a plugin it is not set.
      get: (name: string) => name === "NODE_OPTIONS" ? undefined : variable(name),
      has: (name: string) => variable(name) !== undefined,
      toObject() {
        requirePermission({ name: "env" });
        return env.toObject();
      },
    }),
    ...filesFor(root),
    ...systemInformation(),
    ...ffi ? nativeLibraries() : {},
  });
}

const kinds = [
  "hostname",
  "osRelease",
  "osUptime",
  "loadavg",
  "networkInterfaces",
  "systemMemoryInfo",
] as const;

function systemInformation(): object {
  const entries = kinds.map((kind) => {
    const tell = Deno[kind];
    const asked = () => {
      requirePermission({ name: "sys", kind });
      return tell();
    };
    return [kind, asked];
  });
  return Object.fromEntries(entries);
}

/** Native code can do everything that the process can. */
function nativeLibraries(): object {
  const { dlopen, UnsafeCallback, UnsafeFnPointer, UnsafePointer, UnsafePointerView } = Deno;
  return { dlopen, UnsafeCallback, UnsafeFnPointer, UnsafePointer, UnsafePointerView };
}
