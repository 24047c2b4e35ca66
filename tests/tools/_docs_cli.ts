/** The reference of the command line: what `assay help VERB` says, as a document. */

import type { Builtins, Flag, Verb } from "../../src/commands/types.ts";
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
    "Every verb takes `--help`, `--no-color` and `--json`. " +
    "Exit codes: 0 ready or success, 1 checks failed, 2 wrong input, 3 blocked: could not tell, " +
    "70 a bug in assay, 130 interrupted.",
    ...verbs.map((verb) => verbText(verb, builtins)),
  ].join("\n\n") + "\n";
}

function verbText(
  { name, summary, usage, flags, examples }: Verb,
  { parsers }: Pick<Builtins, "parsers">,
): string {
  const formats = parsers.map(({ format, description }) => [code(format), description]);
  return [
    `## ${name}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    block(usage),
    table(["option", "meaning"], flags.map((flag) => [code(optionOf(flag)), flag.text])),
    block(examples.map(([line, text]) => `${line}   # ${text}`).join("\n")),
    ...name === "parse" ? [table(["format", "what it reads"], formats)] : [],
  ].join("\n\n");
}

function optionOf({ name, type, value }: Flag): string {
  if (value === undefined) return `--${name}`;
  return type === "optional" ? `--${name}[=${value}]` : `--${name} ${value}`;
}

function block(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}
