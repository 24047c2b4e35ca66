/** What the calls of plugins share in one attempt. */

import type { CallHost } from "./call.ts";
import type { AttemptContext } from "./types.ts";

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
