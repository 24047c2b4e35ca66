/** What `inspect` and `annotate` share: the attempt a reference names, and annotators run over it. */

import { UserError } from "../errors.ts";
import type { Attempt, Run } from "../model.ts";
import {
  type AnnotateHost,
  type AnnotateResult,
  annotateStored,
  type Subject,
} from "../run/annotate.ts";
import type { Annotator } from "../plugin.ts";
import { parseReference } from "../store/reference.ts";
import type { Store } from "../store/types.ts";
import type { Call, OpenedProject } from "./types.ts";

export interface Found {
  readonly run: Run;
  readonly attempt: Attempt;
}

export function storedAttempt(store: Store, text: string): Found & { readonly event?: number } {
  const reference = parseReference(text);
  const found = store.attempt(reference);
  if (!found) throw nothingCalled(text);
  const event = reference.form === "run" ? undefined : reference.event;
  return { ...found, ...event === undefined ? {} : { event } };
}

export function nothingCalled(text: string): UserError {
  return new UserError(`There is nothing called "${text}"`, {
    code: "no_attempt",
    hint: "assay history --json lists the runs and their attempts, such as test:12",
  });
}

/** An attempt that has not ended cannot be annotated. */
export function hasEnded({ attempt }: Found): boolean {
  return attempt.state === "finished" || attempt.state === "interrupted";
}

/** Runs annotators (by default the deferred ones) over a stored attempt. */
export async function annotateAttempt(
  { io }: Call,
  { run, attempt }: Found,
  store: AnnotateHost["store"],
  { project, plugins }: Pick<OpenedProject, "project" | "plugins">,
  wanted?: (annotator: Annotator) => boolean,
): Promise<AnnotateResult> {
  const definitions = [...project.runners, ...project.commands];
  const definition = definitions.find(({ id }) => id === attempt.name);
  // The tables as they are configured now: what was then is not kept.
  const subject: Subject = { run, attempt, extensionData: definition?.extensionData ?? {} };
  return await annotateStored(subject, { io, project, store, plugins }, wanted);
}

/** What went wrong, for people, beside the answer. With `--json` it is in the answer. */
export async function tellWarnings(call: Call, warnings: readonly string[]): Promise<void> {
  const { io: { stderr }, json, color, columns } = call;
  if (json || warnings.length === 0) return;
  const { warningLines } = await import("../report/terminal/mod.ts");
  stderr.write(warningLines(warnings, { columns, color: color && stderr.isTerminal }));
}
