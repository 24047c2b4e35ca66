/** What an annotator is handed: one attempt, its events, and everything before it. */

import type { Io } from "../io.ts";
import type { Attempt, Event, Run } from "../model.ts";
import type { ConfigTable, RunContext, Services } from "../plugin.ts";
import type { Store } from "../store/types.ts";
import type { AnnotationBuffer } from "./_annotation_buffer.ts";

/** An attempt whose outcome is known, to be annotated. */
export interface Subject {
  readonly run: Pick<Run, "run_id" | "seq" | "commit">;
  readonly attempt: Attempt;
  /** The tables of extensions, as configured. */
  readonly extensionData: Readonly<Record<string, ConfigTable>>;
}

/** Where one call of an annotator happens. */
export interface CallPlace {
  readonly io: Pick<Io, "monotonic" | "sleep">;
  readonly store: Pick<Store, "eventPages" | "query">;
  readonly buffer: AnnotationBuffer;
}

/**
 * The context of one call. Everything in it is the plugin's own copy: whatever it does to it, the attempt
 * stays as it is.
 */
export function runContextOf(
  services: Services,
  { run, attempt, extensionData }: Subject,
  { io, store, buffer }: CallPlace,
): RunContext {
  const giveWay = fairly(io);
  return {
    ...services,
    runId: run.run_id,
    attemptId: attempt.attempt_id,
    ref: attempt.ref,
    sourceRoot: services.root,
    metadata: {
      name: attempt.id,
      kind: attempt.kind,
      command: attempt.command,
      cwd: attempt.cwd,
      startedAt: attempt.started_at,
      verdict: attempt.verdict,
      reasons: structuredClone(attempt.reasons),
      commit: run.commit,
    },
    exitCode: attempt.exit_code,
    durationMs: attempt.duration_ms,
    extensionData: structuredClone(extensionData),
    events: ({ problems = false } = {}) =>
      eachEvent(store.eventPages(attempt.attempt_id, { problems }), services.signal, giveWay),
    async query(query) {
      await giveWay();
      services.signal.throwIfAborted();
      return store.query(query, run);
    },
    addAnnotation: (event, annotation) => buffer.add(event, annotation),
  };
}

/** Event by event; a call whose time is up gets no more. */
async function* eachEvent(
  pages: Iterable<readonly Event[]>,
  signal: AbortSignal,
  giveWay: () => Promise<void>,
): AsyncIterable<Event> {
  for (const page of pages) {
    await giveWay();
    for (const event of page) {
      signal.throwIfAborted();
      yield event;
    }
  }
}

/** Longest time in milliseconds that reading keeps timers from firing. */
const turnMs = 50;

/** The store answers at once: without a pause now and then no time limit would ever be up. */
function fairly(io: CallPlace["io"]): () => Promise<void> {
  let last = io.monotonic();
  return async () => {
    if (io.monotonic() - last < turnMs) return;
    await io.sleep(0);
    last = io.monotonic();
  };
}
