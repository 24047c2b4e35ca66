/** What engines say of this machine, asked once in a run and remembered between runs. */

import type { Io } from "../io.ts";
import type { Probe, SandboxEngine } from "../plugin.ts";
import { openProbeCache, probeOf } from "../sandbox/probe.ts";
import { callPlugin } from "./call.ts";
import { hostFor } from "./host.ts";
import type { Probes } from "./types.ts";

/** @param fresh asks every engine in any case, and remembers what it says */
export function probesOf(
  io: Io,
  assayVersion: string,
  { fresh = false }: { readonly fresh?: boolean } = {},
): Probes {
  const cache = openProbeCache(io, assayVersion);
  const machine = { os: io.os, arch: io.arch, self: io.self };
  const asked = new Map<SandboxEngine, Promise<Probe>>();
  return {
    machine,
    of(engine, host) {
      const { owner, value } = engine;
      const part = `engine "${value.name}"`;
      const ask = value.probe && (() =>
        callPlugin(
          owner,
          `${part}, probe`,
          hostFor(host, part),
          (services) => value.probe!({ ...services, ...machine }),
        ));
      const { source, digest, plugin: { version } } = owner;
      const identity = {
        name: value.name,
        source,
        version,
        ...digest === undefined ? {} : { digest },
        ask,
      };
      const answer = asked.get(value) ?? probeOf(identity, cache, { fresh });
      asked.set(value, answer);
      return answer;
    },
  };
}
