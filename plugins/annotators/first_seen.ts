/** Annotator `first_seen`: the run in which a problem first appeared. */

import type { Event, Json, JsonObject, NewAnnotation, RunContext } from "../../src/plugin.ts";
import { firstProblems } from "./_problems.ts";

/** Different problems per call: each is a search of the history. */
const identityLimit = 200;

/** Whether there is a problem at all. */
export async function shouldAnnotate(context: RunContext): Promise<boolean> {
  for await (const _ of context.events({ problems: true })) return true;
  return false;
}

/** Adds to each problem when one with its identity and status first appeared. */
export async function annotate(context: RunContext): Promise<void> {
  const known = new Map<string, NewAnnotation | undefined>();
  for (const event of await firstProblems(context)) {
    const key = `${event.identity} ${event.status}`;
    if (!known.has(key)) {
      if (known.size === identityLimit) {
        context.warn(`only the first ${identityLimit} different problems were looked for`);
        return;
      }
      known.set(key, await firstSeen(context, event));
    }
    const annotation = known.get(key);
    if (annotation) context.addAnnotation(event, annotation);
  }
}

/**
 * A test that passed is not a problem yet, and one that fails without a message has the same identity, so the
 * status counts too.
 */
async function firstSeen(
  context: RunContext,
  { identity, status }: Event,
): Promise<NewAnnotation | undefined> {
  const [first] = await context.query({
    from: "events",
    where: { identity, status },
    order: "oldest",
    limit: 1,
  });
  if (first === undefined) return undefined;
  const run_id = text(first.run_id);
  const [run] = await context.query({ from: "runs", where: { run_id }, limit: 1 });
  return annotationOf(first, run ?? {}, run_id === context.runId);
}

function annotationOf(first: JsonObject, run: JsonObject, isNew: boolean): NewAnnotation {
  const [ref, startedAt, commit] = [text(first.ref), text(run.started_at), text(run.commit)];
  const at = startedAt === "" ? "" : ` on ${startedAt.slice(0, 16).replace("T", " ")}`;
  const of = commit === "" ? "" : `, commit ${commit.slice(0, 7)}`;
  return {
    type: "first_seen",
    display: "inline",
    text: isNew ? "new in this run" : `first seen in ${ref}${at}${of}`,
    data: {
      new: isNew,
      ref,
      run_id: text(first.run_id),
      started_at: startedAt || null,
      commit: commit || null,
    },
  };
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
