/** The table of reporters. Each one's dependencies are loaded on demand. */

import type { Reporter } from "./types.ts";

export type { Render, Reporter, RunReport } from "./types.ts";

export const reporters: readonly Reporter[] = [
  {
    name: "terminal",
    description: "the summary printed on a terminal, without colours in a file (the default)",
    ending: "txt",
    async load() {
      const { runSummary } = await import("../terminal/run_summary.ts");
      return {
        render: ({ run, diagnoses, annotations }, look) => [
          runSummary(run, diagnoses, look, annotations),
        ],
      };
    },
  },
  {
    name: "json",
    description: "the run's record, as `--json` prints it: `assay schema run`",
    ending: "json",
    async load() {
      const { jsonText } = await import("../../text/clean.ts");
      return { render: ({ run }) => [`${jsonText(run, 2)}\n`] };
    },
  },
  {
    name: "jsonl",
    description: "run events as they happen, one JSON object per line: `assay schema journal`",
    ending: "jsonl",
    streams: true,
    load: () => import("./jsonl.ts"),
  },
  {
    name: "markdown",
    description: "a comment or a summary page: verdict, gates, issues; at most 64 KiB",
    ending: "md",
    load: () => import("./markdown.ts"),
  },
  {
    name: "sarif",
    description: "SARIF 2.1.0: GitHub code scanning, editors",
    ending: "sarif",
    load: () => import("./sarif.ts"),
  },
  {
    name: "junit",
    description: "JUnit XML: GitLab, Jenkins and nearly every other CI",
    ending: "xml",
    load: () => import("./junit.ts"),
  },
  {
    name: "ctrf",
    description: "CTRF, the Common Test Report Format",
    ending: "json",
    load: () => import("./ctrf.ts"),
  },
  {
    name: "rdjsonl",
    description: "reviewdog's diagnostics, one per line: `reviewdog -f=rdjsonl`",
    ending: "jsonl",
    load: () => import("./rdjsonl.ts"),
  },
  {
    name: "github",
    description:
      "workflow commands that annotate a change; `markdown` is appended to `$GITHUB_STEP_SUMMARY`",
    ending: "txt",
    appends: { variable: "GITHUB_STEP_SUMMARY", reporter: "markdown" },
    load: () => import("./github.ts"),
  },
  {
    name: "gitlab",
    description: "GitLab Code Quality",
    ending: "json",
    load: () => import("./gitlab.ts"),
  },
];
