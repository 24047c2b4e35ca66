/**
 * The annotators that come with assay. All are deferred: they read files, call git, or search the history,
 * and a run that nobody inspects should not pay for it. (What a run itself shows of a problem's source is
 * the excerpt of its diagnosis.) Each is loaded when it is called, because start-up is a budget.
 */

import type { Annotator, RunContext } from "../../src/plugin.ts";

/** A module of this folder that is one annotator. */
interface AnnotatorModule {
  shouldAnnotate(context: RunContext): Promise<boolean>;
  annotate(context: RunContext): Promise<void>;
}

function deferred(
  name: string,
  description: string,
  load: () => Promise<AnnotatorModule>,
): Annotator {
  return {
    name,
    description,
    eager: false,
    shouldAnnotate: async (context) => (await load()).shouldAnnotate(context),
    annotate: async (context) => (await load()).annotate(context),
  };
}

/** Every built-in annotator. */
export const annotators: readonly Annotator[] = [
  deferred(
    "source_context",
    "the lines around a problem as they are now, and the function they are in (detail)",
    () => import("./source_context.ts"),
  ),
  deferred(
    "blame",
    "the last commit of a problem's line (inline)",
    () => import("./blame.ts"),
  ),
  deferred(
    "first_seen",
    "the run in which a problem first appeared (inline)",
    () => import("./first_seen.ts"),
  ),
];
