/** What the calls of plugins share in one attempt. */

import type { Io } from "../io.ts";
import type { Probe, SandboxEngine } from "../plugin.ts";
import { openProbeCache, probeOf } from "../sandbox/probe.ts";
import { type CallHost, callPlugin } from "./call.ts";
import type { AttemptContext, Probes } from "./types.ts";

/** Characters kept of a sentence, and sentences kept of one attempt: a plugin may be chatty. */
const maxSentence = 1_000;
const maxSentences = 100;

/** Adds what a plugin says to `warnings`, within limits. */
export function sayTo(warnings: string[]): (message: string) => void {
  let said = 0;
  return (message) => {
    if (said++ < maxSentences) warnings.push(String(message).slice(0, maxSentence));
    else if (said === maxSentences + 2) warnings.push("plugins said more, which was not kept");
  };
}

/** The host of an attempt's calls; `signal` gives them up when the run is stopped. */
export function hostOf(
  { io, project }: Pick<AttemptContext, "io" | "project">,
  say: (message: string) => void,
  signal?: AbortSignal,
): CallHost {
  return {
    io,
    root: project.root,
    timeoutMs: project.extensions.callTimeoutMs,
    warn: say,
    ...(signal ? { signal } : {}),
  };
}

/** The same host for one part of a plugin, whose sentences then begin with its name. */
export function hostFor(host: CallHost, part: string): CallHost {
  return { ...host, warn: (message) => host.warn(`${part}: ${message}`) };
}

// What engines say of this machine, asked once in a run and remembered between runs.

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
