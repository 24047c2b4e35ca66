/** `assay help [VERB|TOPIC]`, made from the table of verbs, as wide as the terminal. */

import { paragraph, table } from "../report/terminal/table.ts";
import { wrap } from "../report/terminal/width.ts";
import { reporters } from "../report/reporters/mod.ts";
import type { Builtins, Flag, Part, Verb } from "../commands/types.ts";

/** Text is no easier to read when its lines are longer. */
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
  const helps: Rows = [["help", "this text; assay help VERB, assay help TOPIC"]];
  return [
    paragraph(
      `assay ${builtins.version}: tells the truth about whether a change is done`,
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
      "Every verb takes --help and --no-color, and what answers a question takes --json.",
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
    section("parts", parts.map((part) => [usageOf(part), part.text] as const), columns),
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

/** Examples are for copying: where one is too long for a column, all stand above what they do. */
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
