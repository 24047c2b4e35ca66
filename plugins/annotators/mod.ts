/**
 * The annotators that come with assay. All are deferred: they read files, call git, or search the history,
 * and a run that is never inspected should not pay for it. (What a run itself shows of a problem's source is
 * the excerpt of its diagnosis.) Each is loaded when called, to keep start-up fast.
 */

import type { Annotator } from "../../src/plugin.ts";

const loaders = {
  source_context: () => import("./source_context.ts"),
  blame: () => import("./blame.ts"),
  first_seen: () => import("./first_seen.ts"),
};

const descriptions: Readonly<Record<keyof typeof loaders, string>> = {
  source_context:
    "the lines around a problem as they are now, and the function they are in (detail)",
  blame: "the last commit of a problem's line (inline)",
  first_seen: "the run in which a problem first appeared (inline)",
};

export const annotators: readonly Annotator[] = Object.entries(loaders).map(([name, load]) => ({
  name,
  description: descriptions[name as keyof typeof loaders],
  eager: false,
  shouldAnnotate: async (context) => (await load()).shouldAnnotate(context),
  annotate: async (context) => (await load()).annotate(context),
}));
