/** `assay help [VERB|TOPIC]`, made from the table of verbs, as wide as the terminal. */

import { paragraph, table } from "../report/terminal/table.ts";
import { wrap } from "../report/terminal/width.ts";
import { type Topic, topicsOf } from "./topics.ts";
import type { Builtins, Flag, Part, Verb } from "../commands/types.ts";

/** Text is no easier to read when its lines are longer. */
const widest = 120;

/** The help of one verb or topic, or of all. */
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

/** The exit codes a verb may end with. */
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

/** A part as it is typed. */
export function usageOf({ name, usage }: Part): string {
  return usage === undefined ? name : `${name} ${usage}`;
}

/** An option as it is typed. */
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

/** A text whose further lines stand under its first. */
function hanging(head: string, text: string, columns: number): string {
  const lines = wrap(text, columns - head.length);
  return lines.map((line, index) => `${index === 0 ? head : " ".repeat(head.length)}${line}\n`)
    .join("");
}
