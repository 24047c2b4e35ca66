/** The first look at a project's working tree: git is asked while the verb that wants to know is loaded. */

import type { Io } from "../io.ts";
import { askGit, type GitAnswers } from "../store/git_answers.ts";
import { rootOf } from "./_root.ts";
import type { Call } from "./types.ts";

/** A look that was begun. */
export interface Look {
  /** The root of the project, an absolute real path. */
  readonly root: string;
  readonly answers: Promise<GitAnswers | undefined>;
}

/** Begins to ask git about the project. */
export function look(io: Io, root: string): Look {
  const answers = askGit(io, root);
  // Wrong configuration is told at once; nobody waits for the rest then.
  answers.catch(() => {});
  return { root, answers };
}

/** Begins it before the verb is loaded, where nothing must be done first: a report takes its old file away. */
export function lookEarly(call: Call): Promise<Look> | undefined {
  if (!call.verb.looksFirst || call.json || call.list("reporter").length > 0) return undefined;
  const begun = rootOf(call).then((root) => look(call.io, root));
  begun.catch(() => {});
  return begun;
}
