/**
 * Stage "annotate": annotators enrich what is stored of an attempt whose outcome is known. They add to the
 * record and never change it; one that fails loses only what it had not said yet.
 */

import type { Project } from "../config/types.ts";
import { PluginError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Attempt, Event, Run } from "../model.ts";
import type { Annotator, ConfigTable, NewAnnotation, RunContext, Services } from "../plugin.ts";
import type { EventPages, PutAnnotation, Store } from "../store/types.ts";
import { defined } from "../text/values.ts";
import { callPlugin, sayTo } from "./call.ts";
import type { Owned, Plugins } from "./plugins.ts";
import type { CallHost } from "./types.ts";

/** Where annotators run. */
export interface AnnotateHost {
  readonly io: Io;
  readonly project: Pick<Project, "root" | "extensions">;
  readonly store: Pick<Store, "eventPages" | "lastEvent" | "query" | "putAnnotations">;
  readonly plugins: Pick<Plugins, "annotators">;
  /** Aborts them early. */
  readonly signal?: AbortSignal | undefined;
}

/** What one annotator did with one attempt. */
export interface Annotated {
  readonly annotator: string;
  /** Annotations it wrote. */
  readonly written: number;
  /** Those of an earlier call that it did not write again, and that are gone. */
  readonly removed: number;
  /** It threw or timed out: what it had said by then is kept. */
  readonly failed: boolean;
}

/** The result of annotating one attempt. */
export interface AnnotateResult {
  readonly results: readonly Annotated[];
  /** For people: who failed and why, and what annotators say to them. */
  readonly warnings: readonly string[];
}

/** Someone asked for a deferred annotator and is waiting for it; an eager one holds up every run. */
const deferredTimeoutMs = 60_000;

/** Runs the eager annotators over an attempt of this run, and returns the warnings. */
export async function annotateEagerly(
  subject: Subject,
  host: AnnotateHost,
): Promise<readonly string[]> {
  const eager = host.plugins.annotators.filter(({ value }) => value.eager);
  const { callTimeoutMs } = host.project.extensions;
  return (await annotate(eager, subject, host, callTimeoutMs)).warnings;
}

/** Runs annotators (by default the deferred ones) over an attempt that is stored. */
export async function annotateStored(
  subject: Subject,
  host: AnnotateHost,
  wanted: (annotator: Annotator) => boolean = ({ eager }) => !eager,
): Promise<AnnotateResult> {
  const annotators = host.plugins.annotators.filter(({ value }) => wanted(value));
  const timeoutMs = Math.max(host.project.extensions.callTimeoutMs, deferredTimeoutMs);
  return await annotate(annotators, subject, host, timeoutMs);
}

/** One after the other, in the order of the plugins. */
async function annotate(
  annotators: readonly Owned<Annotator>[],
  subject: Subject,
  host: AnnotateHost,
  timeoutMs: number,
): Promise<AnnotateResult> {
  const results: Annotated[] = [];
  const warnings: string[] = [];
  for (const annotator of annotators) {
    const said: string[] = [];
    const call: CallHost = {
      io: host.io,
      root: host.project.root,
      timeoutMs,
      warn: sayTo(said),
      signal: host.signal,
    };
    results.push(await annotateWith(annotator, subject, host.store, call, warnings));
    warnings.push(...said.map((message) => `annotator "${annotator.value.name}": ${message}`));
  }
  return { results, warnings };
}

async function annotateWith(
  annotator: Owned<Annotator>,
  subject: Subject,
  store: AnnotateHost["store"],
  call: CallHost,
  warnings: string[],
): Promise<Annotated> {
  const { name } = annotator.value;
  const { said, failure } = await ask(annotator, subject, store, call);
  const { attempt_id } = subject.attempt;
  const failed = failure !== undefined;
  const kept = store.putAnnotations(attempt_id, name, said, { keepOthers: failed });
  if (failed) {
    const stays = kept.written > 0 ? ` (annotations kept: ${kept.written})` : "";
    warnings.push(failure.message + stays);
  }
  return { annotator: name, ...kept, failed };
}

/** What an annotator says of an attempt, up to where it failed. */
async function ask(
  { owner, value: annotator }: Owned<Annotator>,
  subject: Subject,
  store: AnnotateHost["store"],
  call: CallHost,
): Promise<{ readonly said: readonly PutAnnotation[]; readonly failure?: PluginError }> {
  const what = (part: string) => `annotator "${annotator.name}", ${part}`;
  let last: number | undefined;
  const buffer = new AnnotationBuffer(
    what("annotate"),
    () => last ??= store.lastEvent(subject.attempt.attempt_id),
  );
  const place = { io: call.io, store, buffer };
  try {
    const wants = await callPlugin(
      owner,
      what("shouldAnnotate"),
      call,
      (services) => annotator.shouldAnnotate(runContextOf(services, subject, place)),
    );
    if (wants) {
      await callPlugin(
        owner,
        what("annotate"),
        call,
        (services) => annotator.annotate(runContextOf(services, subject, place)),
      );
    }
    return { said: buffer.close() };
  } catch (failure) {
    if (!(failure instanceof PluginError)) throw failure;
    return { said: buffer.close(), failure };
  }
}

// What an annotator receives: one attempt, its events, and everything before it.

/** An attempt whose outcome is known, to be annotated. */
export interface Subject {
  readonly run: Pick<Run, "run_id" | "seq" | "commit">;
  readonly attempt: Attempt;
  /** The tables of extensions, as configured. */
  readonly extensionData: Readonly<Record<string, ConfigTable>>;
}

/** Where one call of an annotator happens. */
interface CallPlace {
  readonly io: Pick<Io, "monotonic" | "sleep">;
  readonly store: Pick<Store, "eventPages" | "query">;
  readonly buffer: AnnotationBuffer;
}

/**
 * The context of one call. Everything in it is the plugin's own copy: whatever it does with it, the attempt
 * stays as it is.
 */
function runContextOf(
  services: Services,
  { run, attempt, extensionData }: Subject,
  { io, store, buffer }: CallPlace,
): RunContext {
  const yieldIfDue = fairly(io);
  return {
    ...services,
    runId: run.run_id,
    attemptId: attempt.attempt_id,
    ref: attempt.ref,
    sourceRoot: services.root,
    metadata: {
      name: attempt.name,
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
      eachEvent(store.eventPages(attempt.attempt_id), problems, services.signal, yieldIfDue),
    async query(query) {
      await yieldIfDue();
      services.signal.throwIfAborted();
      return await store.query(query, run);
    },
    addAnnotation: (event, annotation) => buffer.add(event, annotation),
  };
}

/** Event by event; a call that timed out gets no more. */
async function* eachEvent(
  pages: Promise<EventPages>,
  problems: boolean,
  signal: AbortSignal,
  yieldIfDue: () => Promise<void>,
): AsyncIterable<Event> {
  for (const page of (await pages)({ problems })) {
    await yieldIfDue();
    for (const event of page) {
      signal.throwIfAborted();
      yield event;
    }
  }
}

/** Longest time in milliseconds that reading keeps timers from firing. */
const turnMs = 50;

/** The store answers at once: without a pause now and then no timeout would ever fire. */
function fairly(io: CallPlace["io"]): () => Promise<void> {
  let last = io.monotonic();
  return async () => {
    if (io.monotonic() - last < turnMs) return;
    await io.sleep(0);
    last = io.monotonic();
  };
}

// What one call of an annotator says, checked and held back until the call has ended.

/** Annotations of one call. */
const maxCount = 10_000;
/** Bytes of all of them together. */
const maxTotal = 64 * 1024 * 1024;
/** Characters of a type and of a key. */
const maxName = 200;
/** Bytes of a text, and of the data as JSON. */
const maxText = 16 * 1024;
const maxData = 64 * 1024;

const encoder = new TextEncoder();

/** Annotations by event and key: the last one counts. */
class AnnotationBuffer {
  readonly #call: string;
  readonly #lastEvent: () => number;
  readonly #annotations = new Map<string, PutAnnotation>();
  #total = 0;
  #closed = false;

  /** `call` names the call for people; `lastEvent` is the highest index an event has. */
  constructor(call: string, lastEvent: () => number) {
    this.#call = call;
    this.#lastEvent = lastEvent;
  }

  /**
   * Takes an annotation of an event, by itself or its index.
   *
   * @throws {PluginError} when there is no such event, or when it is too large.
   */
  add(event: Parameters<RunContext["addAnnotation"]>[0], annotation: NewAnnotation): void {
    if (this.#closed) throw this.#wrong("its call has ended");
    const index = this.#indexOf(event);
    const put = this.#checked(index, annotation);
    this.#annotations.set(`${index} ${put.key}`, put);
    if (this.#annotations.size > maxCount) throw this.#wrong(`more than ${maxCount} annotations`);
  }

  /** Takes no more, and returns what there is. */
  close(): readonly PutAnnotation[] {
    this.#closed = true;
    return [...this.#annotations.values()].slice(0, maxCount);
  }

  #indexOf(event: Parameters<RunContext["addAnnotation"]>[0]): number {
    const index = typeof event === "number" ? event : event.index;
    if (index === 0) return 0;
    const last = this.#lastEvent();
    if (Number.isInteger(index) && index >= 1 && index <= last) return index;
    throw this.#wrong(`there is no event ${String(index).slice(0, 40)}; there are ${last}`);
  }

  #checked(index: number, annotation: NewAnnotation): PutAnnotation {
    const { type, display, text, data, key = type } = annotation;
    for (const [what, name] of [["type", type], ["key", key]] as const) {
      if (name !== "" && name.length <= maxName) continue;
      throw this.#wrong(`an annotation's ${what} is not a text of 1 to ${maxName} characters`);
    }
    const json = data && JSON.stringify(data);
    if (text !== undefined) this.#count("text", text, maxText);
    if (json !== undefined) this.#count("data", json, maxData);
    // A copy of the data, which is no longer in the plugin's hands.
    const copy: NewAnnotation["data"] = json === undefined ? undefined : JSON.parse(json);
    return defined({ index, key: key.toWellFormed(), type, display, text, data: copy });
  }

  #count(what: string, text: string, limit: number): void {
    // No character takes more than three bytes for each of its code units.
    const bytes = text.length > limit ? text.length : encoder.encode(text).length;
    if (bytes > limit) throw this.#wrong(`an annotation's ${what} is larger than ${limit} bytes`);
    this.#total += bytes;
    if (this.#total > maxTotal) {
      throw this.#wrong(`its annotations are larger than ${maxTotal} bytes`);
    }
  }

  #wrong(why: string): PluginError {
    return new PluginError(`${this.#call}: ${why}`);
  }
}
