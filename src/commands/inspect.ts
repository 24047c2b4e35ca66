/** `assay inspect`: one event or attempt with everything that is known of it. */

import { ExitCode, UserError } from "../errors.ts";
import type { Event } from "../model.ts";
import type { InspectOutput } from "../report/outputs.ts";
import { isReadOnly } from "../store/failure.ts";
import { openStore } from "../store/mod.ts";
import type { Store } from "../store/types.ts";
import {
  annotateAttempt,
  type Found,
  hasEnded,
  storedAttempt,
  tellWarnings,
} from "./_annotating.ts";
import { requiredArgument } from "./_arguments.ts";
import { openProject } from "./_plugins.ts";
import { tell } from "./_tell.ts";
import { rootOf } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Problems of an attempt that are shown. */
const shownProblems = 20;

/** Runs the verb. It answers what was asked, so it succeeds whatever the attempt was. */
export async function run(call: Call): Promise<ExitCode> {
  const reference = requiredArgument(call, "a reference, such as test:12:3");
  const root = await rootOf(call);
  const store = await openStore(call.io, root, { readOnly: true });
  try {
    const found = storedAttempt(store, reference);
    const event = found.event === undefined ? null : storedEvent(store, found, found.event);
    const warnings = call.flag("full") ? await annotateNow(call, root, found, store) : [];
    const output = outputOf(found, event, store, [...store.warnings, ...warnings]);
    await tellWarnings(call, output.warnings);
    await tell(call, output, ({ inspection }) => inspection(output, call));
    return ExitCode.ok;
  } finally {
    store.close();
  }
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

/** Runs the deferred annotators first; returns what to warn of. What they say is in the store then. */
async function annotateNow(
  call: Call,
  root: string,
  found: Found,
  store: Store,
): Promise<readonly string[]> {
  const { attempt } = found;
  if (!hasEnded(found)) return [`${attempt.ref} has not ended yet: annotators wait for its end`];
  const opened = await openProject(call, root);
  const unkept = "what annotators say is not kept: nothing can be written here";
  try {
    const { warnings } = await annotateAttempt(call, found, store, opened);
    return store.writable ? warnings : [...warnings, unkept];
  } catch (error) {
    // What is there already can be looked at all the same.
    if (isReadOnly(error)) return [unkept];
    throw error;
  }
}

function outputOf(
  { run, attempt }: Found,
  event: Event | null,
  store: Store,
  warnings: readonly string[],
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
    annotations: store.annotations(attempt_id, event === null ? {} : { index: event.index }),
    warnings,
  };
}
