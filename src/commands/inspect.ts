/** `assay inspect`: one event or attempt, or each attempt of a run, with everything known about it. */

import { didYouMean } from "../text/did_you_mean.ts";
import { type ExitCode, UserError } from "../errors.ts";
import { isReadOnly } from "../failure.ts";
import type { Annotation, Attempt, Event, Run } from "../model.ts";
import type { Annotator } from "../plugin.ts";
import { type AnnotateHost, annotateStored } from "../run/annotate.ts";
import type { InspectOutput } from "../schema/outputs.ts";
import { parseReference } from "../store/reference.ts";
import type { Store } from "../store/types.ts";
import { openProject } from "./_plugins.ts";
import { storedRun } from "./_stored.ts";
import { openStored, recoveredRoot, tell } from "./_workspace.ts";
import { type Call, everything, type OpenedProject } from "./types.ts";

const shownProblems = 20;

interface Found {
  readonly run: Run;
  readonly attempt: Attempt;
}

/** What annotators that ran just now add to what the store keeps. */
interface Now extends Unsaved {
  readonly annotated?: InspectOutput["annotated"] & object;
  readonly warnings: readonly string[];
}

const noneNow: Now = { annotators: new Set(), annotations: [], warnings: [] };

/** Runs the verb. It answers what was asked, so it succeeds whatever the attempt was. */
export async function run(call: Call): Promise<ExitCode> {
  const [text] = call.args;
  const root = await recoveredRoot(call);
  const store = await openStored(call, root);
  const reference = text === undefined ? undefined : parseReference(text);
  // `~1` is a run, as in every verb; `~1:3` an event of the newest attempt.
  const isEvent = reference && "event" in reference;
  const isNewest = reference?.form === "newest" && reference.name === undefined && !isEvent;
  const isRun = reference === undefined || reference.form === "run" || isNewest;
  const whole = isRun ? await storedRun(store, text) : undefined;
  const one = isRun ? undefined : store.attempt(reference);
  const all: readonly Found[] = whole?.attempts.map((attempt) => ({ run: whole, attempt })) ??
    (one ? [one] : []);
  if (!whole && all.length === 0) {
    throw new UserError(`Unknown reference "${text}"`, {
      code: "no_attempt",
      hint: "assay history --json lists the runs and their attempts, such as test:12",
    });
  }
  const index = isEvent ? reference.event : undefined;
  const event = index === undefined ? null : await storedEvent(store, all[0]!.attempt, index);
  const annotate = call.flag("annotate") ? await annotatorsOf(call, root) : undefined;
  const outputs: InspectOutput[] = [];
  for (const found of all) {
    const now = annotate ? await annotateNow(call, found, store, annotate) : noneNow;
    await printWarnings(call, now.warnings);
    outputs.push(await outputOf(found, event, store, now));
  }
  return await tell(
    call,
    whole ? { run_id: whole.run_id, attempts: outputs } : outputs[0]!,
    ({ inspection }) => outputs.map((output) => inspection(output, call)).join("\n"),
  );
}

async function storedEvent(store: Store, attempt: Attempt, index: number): Promise<Event> {
  const [event] = await store.events(attempt.attempt_id, { index });
  if (event) return event;
  const last = store.lastEvent(attempt.attempt_id);
  throw new UserError(`${attempt.ref} has no event ${index}`, {
    code: "no_event",
    hint: last === 0
      ? `it has no events: assay inspect ${attempt.ref} shows all of it`
      : `its events are 1 to ${last}`,
  });
}

/** The project with its plugins, and which of their annotators are requested. */
interface Annotators extends Pick<OpenedProject, "project" | "plugins"> {
  wanted(annotator: Annotator): boolean;
}

async function annotatorsOf(call: Call, root: string): Promise<Annotators> {
  const { project, plugins } = await openProject(call, root);
  const names = call.list("annotate").filter((name) => name !== everything);
  const known = plugins.annotators.map(({ value }) => value.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UserError(`Unknown annotator "${unknown}"${didYouMean(unknown, known)}`, {
      code: "annotator_unknown",
      hint: `the annotators are ${known.join(", ")}`,
    });
  }
  return { project, plugins, wanted: ({ name }) => names.length === 0 || names.includes(name) };
}

/** Runs annotators over the whole attempt. One that fails is a warning: the others' annotations are kept. */
async function annotateNow(
  { io }: Call,
  { run, attempt }: Found,
  store: Store,
  { project, plugins, wanted }: Annotators,
): Promise<Now> {
  if (attempt.state !== "finished" && attempt.state !== "interrupted") {
    return { ...noneNow, warnings: [`${attempt.ref} is still running: it is not annotated`] };
  }
  const { view, unsaved } = keepingWherePossible(store, attempt.ref);
  const definitions = [...project.runners, ...project.commands];
  const definition = definitions.find(({ id }) => id === attempt.name);
  // The tables as configured now: those of the time are not kept.
  const subject = { run, attempt, extensionData: definition?.extensionData ?? {} };
  const host = { io, project, store: view, plugins };
  const { results, warnings } = await annotateStored(subject, host, wanted);
  const isKept = store.writable && unsaved.annotators.size === 0;
  return {
    ...unsaved,
    annotated: results,
    warnings: isKept ? warnings : [...warnings, "annotations are not kept: the store is read-only"],
  };
}

async function outputOf(
  { run, attempt }: Found,
  event: Event | null,
  store: Store,
  now: Now,
): Promise<InspectOutput> {
  const { attempt_id, ref } = attempt;
  const { run_id, verb, state, started_at, commit, branch, dirty, tree, untested } = run;
  return {
    ref: event === null ? ref : `${ref}:${event.index}`,
    run: {
      ...{ run_id, verb, state, started_at, commit, branch, dirty, tree },
      ...untested ? { untested } : {},
    },
    attempt,
    event,
    problems: event === null
      ? await store.events(attempt_id, { problems: true, limit: shownProblems })
      : [],
    annotations: annotationsOf(store, attempt, event, now),
    ...now.annotated ? { annotated: now.annotated } : {},
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

/** What went wrong, for people, next to the answer. With `--json` it is in the answer. */
async function printWarnings(call: Call, warnings: readonly string[]): Promise<void> {
  const { io: { stderr }, json, color, columns } = call;
  if (json || warnings.length === 0) return;
  const { warningLines } = await import("../report/terminal/mod.ts");
  stderr.write(warningLines(warnings, { columns, color: color && stderr.isTerminal }));
}

// Annotations where nothing can be written: shown, and lost when the verb ends.

interface Unsaved {
  /** What these say now replaces what they had stored. */
  readonly annotators: ReadonlySet<string>;
  readonly annotations: readonly Annotation[];
}

/** The store, except that what cannot be written goes to `unsaved`; `ref` is the attempt's. */
function keepingWherePossible(
  store: Store,
  ref: string,
): { readonly view: AnnotateHost["store"]; readonly unsaved: Unsaved } {
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
  return { view, unsaved: { annotators, annotations } };
}
