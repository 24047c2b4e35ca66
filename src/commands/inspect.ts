/** `assay inspect`: one event or attempt with everything that is known of it. */

import { type ExitCode, UserError } from "../errors.ts";
import type { Annotation, Attempt, Event } from "../model.ts";
import type { AnnotateHost } from "../run/annotate.ts";
import type { InspectOutput } from "../schema/outputs.ts";
import { isReadOnly } from "../failure.ts";
import type { Store } from "../store/types.ts";
import {
  annotateAttempt,
  type Found,
  hasEnded,
  storedAttempt,
  tellWarnings,
} from "./_annotating.ts";
import { openProject } from "./_plugins.ts";
import { openStored, recoveredRoot, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

const shownProblems = 20;

/** What annotators that ran just now have to tell besides what the store keeps. */
interface Now extends Unkept {
  readonly warnings: readonly string[];
}

const nothingNow: Now = { annotators: new Set(), annotations: [], warnings: [] };

/** Runs the verb. It answers what was asked, so it succeeds whatever the attempt was. */
export async function run(call: Call): Promise<ExitCode> {
  const root = await recoveredRoot(call);
  const store = await openStored(call, root);
  const found = storedAttempt(store, call.args[0]!);
  const event = found.event === undefined ? null : storedEvent(store, found, found.event);
  const now = call.flag("full") ? await annotateNow(call, root, found, store) : nothingNow;
  const output = outputOf(found, event, store, now);
  await tellWarnings(call, output.warnings);
  return await tell(call, output, ({ inspection }) => inspection(output, call));
}

function storedEvent(store: Store, { attempt }: Found, index: number): Event {
  const [event] = store.events(attempt.attempt_id, { index });
  if (event) return event;
  const last = store.lastEvent(attempt.attempt_id);
  throw new UserError(`${attempt.ref} has no event ${index}`, {
    code: "no_event",
    hint: last === 0 ? "it has none at all" : `its events are 1 to ${last}`,
  });
}

/** Runs the deferred annotators first, over the whole attempt. */
async function annotateNow(
  call: Call,
  root: string,
  found: Found,
  store: Store,
): Promise<Now> {
  const { attempt } = found;
  if (!hasEnded(found)) {
    const warning = `${attempt.ref} has not ended yet: annotators wait for its end`;
    return { ...nothingNow, warnings: [warning] };
  }
  const opened = await openProject(call, root);
  const { view, unkept } = keepingWherePossible(store, attempt.ref);
  const { warnings } = await annotateAttempt(call, found, view, opened);
  const isKept = store.writable && unkept.annotators.size === 0;
  return {
    ...unkept,
    warnings: isKept
      ? warnings
      : [...warnings, "what annotators say is not kept: nothing can be written here"],
  };
}

function outputOf(
  { run, attempt }: Found,
  event: Event | null,
  store: Store,
  now: Now,
): InspectOutput {
  const { attempt_id, ref } = attempt;
  const { run_id, verb, state, started_at, commit, branch, dirty, tree } = run;
  return {
    ref: event === null ? ref : `${ref}:${event.index}`,
    run: { run_id, verb, state, started_at, commit, branch, dirty, tree },
    attempt,
    event,
    problems: event === null
      ? store.events(attempt_id, { problems: true, limit: shownProblems })
      : [],
    annotations: annotationsOf(store, attempt, event, now),
    warnings: [...store.warnings, ...now.warnings],
  };
}

/** Those of the event, or of the attempt and all its events. */
function annotationsOf(
  store: Store,
  { attempt_id, ref }: Attempt,
  event: Event | null,
  { annotators, annotations }: Now,
): readonly Annotation[] {
  const kept = store.annotations(attempt_id, event === null ? {} : { index: event.index });
  if (annotators.size === 0) return kept;
  const wanted = (each: Annotation) => event === null || each.ref === `${ref}:${event.index}`;
  return [
    ...kept.filter(({ annotator }) => !annotators.has(annotator)),
    ...annotations.filter(wanted),
  ];
}

// Annotations where nothing can be written: shown, and forgotten when the verb ends.

interface Unkept {
  /** What these say now stands in place of what is stored of them. */
  readonly annotators: ReadonlySet<string>;
  readonly annotations: readonly Annotation[];
}

/** The store, save that what cannot be written goes to `unkept`; `ref` is the attempt's. */
function keepingWherePossible(
  store: Store,
  ref: string,
): { readonly view: AnnotateHost["store"]; readonly unkept: Unkept } {
  const annotators = new Set<string>();
  const annotations: Annotation[] = [];
  const view: AnnotateHost["store"] = {
    eventPages: store.eventPages,
    lastEvent: store.lastEvent,
    query: store.query,
    putAnnotations(attemptId, annotator, put, options) {
      try {
        return store.putAnnotations(attemptId, annotator, put, options);
      } catch (error) {
        if (!isReadOnly(error)) throw error;
        annotators.add(annotator);
        for (const { index, ...rest } of put) {
          annotations.push({ ref: index === 0 ? ref : `${ref}:${index}`, annotator, ...rest });
        }
        return { written: put.length, removed: 0 };
      }
    },
  };
  return { view, unkept: { annotators, annotations } };
}
