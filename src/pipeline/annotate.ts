/**
 * Stage "annotate": annotators enrich what is stored of an attempt whose outcome is known. They add to the
 * record and never change it; one that fails costs what it had not said yet.
 */

import type { Project } from "../config/types.ts";
import { PluginError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Annotator } from "../plugin.ts";
import type { PutAnnotation, Store } from "../store/types.ts";
import { AnnotationBuffer } from "./_annotation_buffer.ts";
import { runContextOf, type Subject } from "./_run_context.ts";
import { type CallHost, callPlugin } from "./call.ts";
import { sayTo } from "./host.ts";
import type { Owned, Plugins } from "./plugins.ts";

export type { Subject };

/** Where annotators run. */
export interface AnnotateHost {
  readonly io: Io;
  readonly project: Pick<Project, "root" | "extensions">;
  readonly store: Pick<Store, "eventPages" | "lastEvent" | "query" | "putAnnotations">;
  readonly plugins: Pick<Plugins, "annotators">;
  /** Gives them up before their time. */
  readonly signal?: AbortSignal;
}

/** What one annotator did with one attempt. */
export interface Annotated {
  readonly annotator: string;
  /** Annotations it wrote. */
  readonly written: number;
  /** Those of an earlier call that it did not write again, and that are gone. */
  readonly removed: number;
  /** It threw or its time was up: what it had said by then is kept. */
  readonly failed: boolean;
}

/** What came of annotating one attempt. */
export interface AnnotateResult {
  readonly results: readonly Annotated[];
  /** For people: who failed and why, and what annotators say to them. */
  readonly warnings: readonly string[];
}

/** Somebody asked for a deferred annotator and waits for it; an eager one holds up every run. */
const deferredTimeoutMs = 60_000;

/** Runs the eager annotators over an attempt of this run, and returns what to warn of. */
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
      ...host.signal ? { signal: host.signal } : {},
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
    const stays = kept.written > 0 ? ` (what it had said is kept: ${kept.written})` : "";
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
    const wants: unknown = await callPlugin(
      owner,
      what("shouldAnnotate"),
      call,
      (services) => annotator.shouldAnnotate(runContextOf(services, subject, place)),
    );
    if (typeof wants !== "boolean") {
      throw new PluginError(`${what("shouldAnnotate")}: it answers neither true nor false`);
    }
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
