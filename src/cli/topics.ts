/** What `assay help` can be asked besides verbs. */

import { reporters } from "../report/reporters/mod.ts";
import type { Builtins } from "../commands/types.ts";

/** A text that belongs to no verb. */
export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly intro: string;
  readonly rows: readonly (readonly [string, string])[];
  readonly more?: string;
}

const references: Topic = {
  name: "references",
  summary: "how runs, attempts and events are named",
  intro:
    "A reference names a stored run, an attempt (one command in it) or an event of its report:",
  rows: [
    ["test:12", "attempt 12 of test; a serial never changes"],
    ["test:12:3", "the third event of that attempt; the others may end in :3, too"],
    ["test", "the newest attempt of test; test:~2 is the one before"],
    ["~1", "the newest run or attempt of all; ~2 the one before"],
    ["@failed", "the newest attempt that failed"],
    ["01M82V1RCHBH3VYWKVWRDA7D0X", "a run by its id, or by its first 6 characters or more"],
  ],
  more: "zsh takes ~1 for a folder: write '~1' there. assay history lists the runs.",
};

const exitCodes: Topic = {
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
  more: "Unknown is never a pass: a report that is missing, stale, cut off or empty ends with 3.",
};

/** The topics that are no verbs. */
export function topicsOf({ parsers }: Builtins): readonly Topic[] {
  return [
    references,
    exitCodes,
    {
      name: "formats",
      summary: "the report formats that assay reads",
      intro: "A runner's result_format, and --format of assay exec, is one of these:",
      rows: [
        ...parsers.map(({ format, description }) => [format, description] as const),
        [
          "exit-code",
          "no report: the exit code decides (the default; a test must say so in words)",
        ],
      ],
    },
    {
      name: "reporters",
      summary: "what --reporter can write",
      intro: "--reporter NAME writes to standard output, --reporter NAME=FILE into a file:",
      rows: reporters.map(({ name, description }) => [name, description] as const),
    },
  ];
}
