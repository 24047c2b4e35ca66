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

const blame = () => import("./blame.ts");
const firstSeen = () => import("./first_seen.ts");
const sourceContext = () => import("./source_context.ts");

const all: readonly (readonly [string, () => Promise<AnnotatorModule>, string])[] = [
  [
    "source_context",
    sourceContext,
    "the lines around a problem as they are now, and the function they are in (detail)",
  ],
  ["blame", blame, "the last commit of a problem's line (inline)"],
  ["first_seen", firstSeen, "the run in which a problem first appeared (inline)"],
];

/** Every built-in annotator. */
export const annotators: readonly Annotator[] = all.map(([name, load, description]) => ({
  name,
  description,
  eager: false,
  shouldAnnotate: async (context) => (await load()).shouldAnnotate(context),
  annotate: async (context) => (await load()).annotate(context),
}));
