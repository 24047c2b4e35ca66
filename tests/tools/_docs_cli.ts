/** The reference of the command line: what `assay help VERB` says, as a document. */

import { exitsOf, optionOf, usageOf } from "../../src/cli/help.ts";
import type { Builtins, Verb } from "../../src/commands/types.ts";
import { code, table } from "./_markdown.ts";

/** Makes the document. */
export function cliReference(
  verbs: readonly Verb[],
  builtins: Pick<Builtins, "parsers">,
): string {
  return [
    "# Verbs",
    "Made by `deno task docs`; `assay help VERB` says the same.",
    table(
      ["verb", "what it does"],
      verbs.map(({ name, summary }) => [`[${code(name)}](#${name})`, summary]),
    ),
    "Every verb takes `--help` and `--no-color`, and what answers a question takes `--json`. " +
    "Exit codes: 0 ready or success, 1 checks failed, 2 wrong input, 3 blocked: could not tell, " +
    "70 a bug in assay, 130 interrupted.",
    ...verbs.map((verb) => verbText(verb, builtins)),
  ].join("\n\n") + "\n";
}

function verbText(
  verb: Verb,
  { parsers }: Pick<Builtins, "parsers">,
): string {
  const { name, summary, usage, flags, parts = [], examples } = verb;
  const formats = parsers.map(({ format, description }) => [code(format), description]);
  return [
    `## ${name}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    block(usage),
    ...parts.length > 0
      ? [table(["part", "what it does"], parts.map((part) => [code(usageOf(part)), part.text]))]
      : [],
    ...flags.length === 0
      ? []
      : [table(["option", "meaning"], flags.map((flag) => [code(optionOf(flag)), flag.text]))],
    `Exit codes: ${exitsOf(verb).join(", ")}.`,
    block(examplesText(examples)),
    ...name === "parse" ? [table(["format", "what it reads"], formats)] : [],
  ].join("\n\n");
}

function examplesText(examples: Verb["examples"]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  return examples.map(([line, text]) => `${line.padEnd(width)}   # ${text}`).join("\n");
}

function block(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}
