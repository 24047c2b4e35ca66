/** `assay help [VERB|TOPIC]`, generated from the table of verbs, as wide as the terminal. */

import { paragraph, table } from "../report/terminal/table.ts";
import { wrap } from "../report/terminal/width.ts";
import { reporters } from "../report/reporters/mod.ts";
import type { Builtins, Flag, Part, Verb } from "../commands/types.ts";

/** Longer lines would not be easier to read. */
const widest = 120;

export function help(
  asked: Verb | Topic | undefined,
  verbs: readonly Verb[],
  builtins: Builtins,
  terminalColumns: number,
): string {
  const columns = Math.min(terminalColumns, widest);
  if (!asked) return overview(verbs, builtins, columns);
  return "usage" in asked ? verbHelp(asked, builtins, columns) : topicHelp(asked, columns);
}

type Rows = readonly (readonly [string, string])[];

function overview(verbs: readonly Verb[], builtins: Builtins, columns: number): string {
  const helps: Rows = [["help", "show this text, or help on a verb or topic: assay help VERB"]];
  return [
    paragraph(
      `assay ${builtins.version}: run a project's own checks and decide whether a change is done`,
      { columns },
    ),
    "usage: assay VERB [OPTIONS]\n",
    aligned([...verbs.map(({ name, summary }) => [name, summary] as const), ...helps], columns),
    section(
      "topics",
      topicsOf(builtins).map(({ name, summary }) => [name, summary] as const),
      columns,
    ),
    paragraph(
      "Every verb takes --help and --no-color; most take --json.",
      { columns },
    ),
  ].join("\n");
}

function verbHelp(verb: Verb, builtins: Builtins, columns: number): string {
  const { name, summary, usage, flags, parts = [], examples, topic } = verb;
  const shown = topicsOf(builtins).find((each) => each.name === topic);
  return [
    paragraph(`assay ${name}: ${summary}`, { columns }),
    hanging("usage: ", usage, columns),
    section("subcommands", parts.map((part) => [usageOf(part), part.text] as const), columns),
    section("options", flags.map((flag) => [optionOf(flag), flag.text] as const), columns),
    shown ? section(shown.name, shown.rows, columns) : "",
    examplesText(examples, columns),
    paragraph(`exit codes: ${exitsOf(verb).join(", ")} (assay help exit-codes)`, { columns }),
  ].filter((part) => part !== "").join("\n");
}

export function exitsOf({ exits = [] }: Verb): readonly number[] {
  return [0, 2, 70, 130, ...exits].sort((a, b) => a - b);
}

function topicHelp({ intro, rows, more }: Topic, columns: number): string {
  return [
    paragraph(intro, { columns }),
    aligned(rows, columns),
    ...more === undefined ? [] : [paragraph(more, { columns })],
  ].join("\n");
}

export function usageOf({ name, usage }: Part): string {
  return usage === undefined ? name : `${name} ${usage}`;
}

export function optionOf({ name, type, value }: Flag): string {
  if (value === undefined) return `--${name}`;
  return type === "optional" ? `--${name}[=${value}]` : `--${name} ${value}`;
}

function section(title: string, rows: Rows, columns: number): string {
  return rows.length === 0 ? "" : `${title}:\n${aligned(rows, columns)}`;
}

/** Examples are for copying: where one is too long for a column, each is printed on a line above its description. */
function examplesText(examples: Rows, columns: number): string {
  if (examples.length === 0) return "";
  const longest = Math.max(...examples.map(([line]) => line.length));
  if (longest <= columns * 0.6) return section("examples", examples, columns);
  return `examples:\n${
    examples.map(([line, text]) => `  ${line}\n${paragraph(text, { columns }, { indent: 6 })}`)
      .join("")
  }`;
}

function aligned(rows: Rows, columns: number): string {
  return table(rows, { columns, indent: 2, whole: [0] });
}

function hanging(head: string, text: string, columns: number): string {
  const lines = wrap(text, columns - head.length);
  return lines.map((line, index) => `${index === 0 ? head : " ".repeat(head.length)}${line}\n`)
    .join("");
}

export interface Topic {
  readonly name: string;
  readonly summary: string;
  readonly intro: string;
  readonly rows: readonly (readonly [string, string])[];
  readonly more?: string;
}

const references: Topic = {
  name: "references",
  summary: "how to name runs, attempts and events",
  intro:
    "A reference names a stored run, an attempt (one command of it) or an event in its report:",
  rows: [
    ["test:12", "attempt 12 of test; this number never changes"],
    ["test:12:3", "the third event of that attempt; :3 may follow any but a run's id"],
    ["test", "the newest attempt of test; test:~2 is the one before it"],
    ["~1", "the newest run, of any verb; ~2 is the one before it; ~1:3: of the newest attempt"],
    ["@failed", "the newest attempt that failed"],
    ["01M82V1RCHBH3VYWKVWRDA7D0X", "a run, by its id or at least its first 6 characters"],
  ],
  more: "In zsh, quote it: '~1'. assay history lists the runs.",
};

const exitCodes: Topic = {
  name: "exit-codes",
  summary: "what each exit code means",
  intro: "Every verb exits with one of these:",
  rows: [
    ["0", "ready for review, or the verb succeeded"],
    ["1", "the checks ran and failed"],
    ["2", "invalid input: usage, configuration, a plugin, or a folder that is not writable"],
    ["3", "blocked: assay could not tell, so a person must look"],
    ["70", "a bug in assay"],
    ["130", "interrupted"],
  ],
  more:
    "Unknown is never a pass: if a report is missing, stale, truncated or empty, the exit code is 3.",
};

export function topicsOf({ parsers }: Builtins): readonly Topic[] {
  return [
    references,
    exitCodes,
    {
      name: "formats",
      summary: "report formats that assay reads",
      intro: "For result_format of a runner and --format of assay run:",
      rows: parsers.map(({ format, description }) => [format, description] as const),
      more: "exit-code: no report, the exit code decides (the default; for tests, only if " +
        'result_format = "exit-code" is written)',
    },
    {
      name: "reporters",
      summary: "report formats that assay writes",
      intro: "--reporter NAME writes to standard output, --reporter NAME=FILE to a file:",
      rows: reporters.map(({ name, description }) => [name, description] as const),
    },
  ];
}
