/** `assay annotate`: runs annotators over a stored attempt, or over each attempt of a run. */

import { didYouMean } from "../text/did_you_mean.ts";
import { type ExitCode, UserError } from "../errors.ts";
import type { Annotator } from "../plugin.ts";
import type { AnnotateOutput } from "../schema/outputs.ts";
import { openStore } from "../store/mod.ts";
import { parseReference } from "../store/reference.ts";
import type { Store } from "../store/types.ts";
import {
  annotateAttempt,
  type Found,
  hasEnded,
  nothingCalled,
  storedAttempt,
  tellWarnings,
} from "./_annotating.ts";
import { openProject } from "./_plugins.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import type { Call, OpenedProject } from "./types.ts";

/** Runs the verb. An annotator that fails is a warning: what the others say is kept. */
export async function run(call: Call): Promise<ExitCode> {
  const [reference = ""] = call.args;
  const root = await recoveredRoot(call);
  const opened = await openProject(call, root);
  const wanted = wantedOf(call.list("annotator"), opened);
  const store = await openStore(call.io, root, { readOnly: true });
  call.atEnd(() => store.close());
  const named = attemptsOf(store, reference);
  if (!store.writable) {
    throw new UserError(`Cannot keep annotations: ${root}/.assay/assay.db cannot be written`, {
      code: "store_read_only",
      hint:
        "make .assay writable; assay inspect REF --full shows what annotators say without keeping it",
    });
  }
  const output = await annotateAll(call, named, store, opened, wanted);
  await tellWarnings(call, output.warnings);
  return await tell(call, output, ({ annotateTable }) => annotateTable(output, call));
}

/** Which annotators are asked for: those named, or all there are. */
function wantedOf(
  names: readonly string[],
  { plugins }: OpenedProject,
): (annotator: Annotator) => boolean {
  const known = plugins.annotators.map(({ value }) => value.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UserError(`There is no annotator "${unknown}"${didYouMean(unknown, known)}`, {
      code: "annotator_unknown",
      hint: `the annotators are ${known.join(", ")}`,
    });
  }
  return ({ name }) => names.length === 0 || names.includes(name);
}

interface Named {
  readonly run_id: string;
  readonly found: readonly Found[];
}

/** A single attempt must have ended. */
function attemptsOf(store: Store, text: string): Named {
  const reference = parseReference(text);
  if (reference.form === "run") {
    const run = store.run(reference.runId);
    if (!run) throw nothingCalled(text);
    return { run_id: run.run_id, found: run.attempts.map((attempt) => ({ run, attempt })) };
  }
  const found = storedAttempt(store, text);
  if (hasEnded(found)) return { run_id: found.run.run_id, found: [found] };
  throw new UserError(`Cannot annotate ${found.attempt.ref}: it has not ended yet`, {
    code: "not_ended",
    hint: "wait for the end of its run",
  });
}

async function annotateAll(
  call: Call,
  { run_id, found }: Named,
  store: Store,
  opened: OpenedProject,
  wanted: (annotator: Annotator) => boolean,
): Promise<AnnotateOutput> {
  const attempts: AnnotateOutput["attempts"][number][] = [];
  const warnings = [...store.warnings];
  for (const each of found) {
    const { ref } = each.attempt;
    if (!hasEnded(each)) {
      warnings.push(`${ref} is left out: it has not ended yet`);
      continue;
    }
    const result = await annotateAttempt(call, each, store, opened, wanted);
    attempts.push({ ref, annotators: result.results });
    warnings.push(...result.warnings.map((text) => found.length > 1 ? `${ref}: ${text}` : text));
  }
  return { run_id, attempts, warnings };
}
