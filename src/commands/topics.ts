/** What `assay help` can be asked besides verbs. */

import { verbs } from "./mod.ts";

/** A text that belongs to no verb. */
export interface Topic {
  readonly name: string;
  readonly summary: string;
  /** Rows of a table, and a remark before them. */
  readonly intro: string;
  readonly rows: readonly (readonly [string, string])[];
  readonly more?: string;
}

/** The topics that are no verbs. */
export const ownTopics: readonly Topic[] = [
  {
    name: "references",
    summary: "how runs, attempts and events are named",
    intro:
      "A reference names a stored run, an attempt (one command in it) or an event of its report:",
    rows: [
      ["test:12", "attempt 12 of test; a serial never changes"],
      ["test:12:3", "the third event of that attempt; any of the others may end in :3, too"],
      ["test", "the newest attempt of test; test:~2 is the one before"],
      ["~1", "the newest run or attempt of all; ~2 the one before"],
      ["@failed", "the newest attempt that failed"],
      ["01M82V1RCHBH3VYWKVWRDA7D0X", "a run by its id, or by the first 6 characters or more"],
    ],
    more: "zsh reads ~1 as a folder: write '~1' there. assay history lists the runs.",
  },
  {
    name: "exit-codes",
    summary: "what each exit code says",
    intro: "Every verb ends with one of these:",
    rows: [
      ["0", "ready for review, or the verb did what was asked"],
      ["1", "the checks ran and failed"],
      ["2", "the input is wrong: usage, configuration, plugin, or a folder that cannot be written"],
      ["3", "blocked: assay could not tell, and a person must look"],
      ["70", "a bug in assay"],
      ["130", "interrupted"],
    ],
    more:
      "Unknown is never a pass: a report that is missing, stale, truncated or empty ends with 3.",
  },
];

/** Everything that `assay help` takes. */
export function topics(): readonly { readonly name: string; readonly summary: string }[] {
  return [...verbs, ...ownTopics].map(({ name, summary }) => ({ name, summary }));
}
