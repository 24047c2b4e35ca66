/** How one command is held to its sandbox, for people. */

import type { SandboxFact } from "../../model.ts";
import type { SandboxExplainOutput } from "../../schema/outputs.ts";
import { shellQuote } from "../../text/shell.ts";
import { clean } from "../../text/clean.ts";
import { type Look, styles } from "./style.ts";
import { type Cell, paragraph, table } from "./table.ts";
import { displayWidth } from "./width.ts";

/** What is declared and what became of it, the engines in their order, and what is executed. */
export function sandboxExplanation(output: SandboxExplainOutput, look: Look): string {
  const style = styles(look.color);
  const title = `${output.name} · ${output.kind} ${output.source} · ${sandboxName(output)}`;
  const rows = rowsOf(output).map(([name, text]) => [
    { text: name, paint: style.dim },
    clean(text),
  ]);
  return [
    `${paragraph(clean(title), look, { paint: style.bold })}${dimensionTable(output, look)}`,
    table(rows, { ...look, indent: 2 }),
    argvText(output, look),
  ].filter((part) => part !== "").join("\n");
}

function sandboxName({ preset, on_uncovered }: SandboxExplainOutput): string {
  if (on_uncovered === null) return "no sandbox";
  return preset === null ? "a sandbox of its own" : `sandbox from preset ${preset}`;
}

function dimensionTable({ dimensions }: SandboxExplainOutput, look: Look): string {
  const style = styles(look.color);
  const rows = dimensions.map((fact): readonly Cell[] => [
    fact.enforced_by === undefined
      ? { text: "✗", paint: style.red }
      : fact.caveat === undefined
      ? { text: "✓", paint: style.green }
      : { text: "~", paint: style.yellow },
    clean(`${fact.dimension} = ${fact.declared}`),
    clean(fateText(fact)),
  ]);
  return table(rows, { ...look, indent: 2 });
}

function rowsOf(output: SandboxExplainOutput): (readonly [string, string])[] {
  const { grade, engines, refused, failed, on_uncovered, files, warnings } = output;
  const nested = engines.map(({ name, holds }) =>
    `${name} (${holds.join(", ") || "enforces nothing"})`
  );
  const open = output.dimensions.some((fact) => fact.enforced_by === undefined);
  return [
    ...grade === null ? [] : [["grade", grade] as const],
    ...on_uncovered === null ? [] : [["engines", nested.join(" → ") || "none"] as const],
    ...refused.map(({ engine, why }) => ["not taken", `${engine}: ${why}`] as const),
    ...open && failed === null
      ? [["policy", "what is not enforced is warned of, and the command runs"] as const]
      : [],
    ...failed === null ? [] : [["does not run", failed] as const],
    ...files.map(({ path, bytes }) =>
      ["file", `${path}, ${bytes} bytes, written for as long as the command runs`] as const
    ),
    ...warnings.map((warning) => ["warning", warning] as const),
    ["in", output.cwd],
  ];
}

/** Not cleaned but quoted, so that it can be copied. */
function argvText({ argv, failed }: SandboxExplainOutput, look: Look): string {
  const title = failed === null ? "Runs as" : "Would run as";
  const lines = shellWords(argv, look.columns - 2).map((line) => `  ${line}\n`);
  return `${styles(look.color).bold(title)}\n${lines.join("")}`;
}

// A program and its arguments, exactly, to be pasted into a shell.

/** Controls, marks that hide or turn text, and blanks that are no blank. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/**
 * The words in lines of at most `columns`, each but the last ended by a backslash; a word is never broken, so a
 * long one stands in a line of its own that is as long as it must be.
 */
export function shellWords(argv: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of argv.map(shellWord)) {
    const joined = line === "" ? word : `${line} ${word}`;
    if (line !== "" && displayWidth(joined) > columns - 2) {
      lines.push(`${line} \\`);
      line = word;
    } else line = joined;
  }
  return [...lines, line];
}

/** What a person cannot see is written as bash and zsh read it in `$'…'`; the rest as every shell does. */
function shellWord(word: string): string {
  if (!unseen.test(word)) return shellQuote(word);
  return `$'${[...word].map(escaped).join("")}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  if (!unseen.test(character)) return character;
  const code = character.codePointAt(0)!.toString(16);
  // As many digits as there can be: fewer would be read on into what follows.
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
}

// What became of one dimension of a sandbox, in a line.

/** Such as `network = none, enforced by bwrap`. */
export function sandboxText(fact: SandboxFact): string {
  return `${fact.dimension} = ${fact.declared}, ${fateText(fact)}`;
}

/** Such as `enforced by bwrap`, with what is left out. */
function fateText({ enforced_by: engine, caveat, why }: SandboxFact): string {
  const [how, more] = engine === undefined
    ? ["not enforced", why]
    : [`enforced by ${engine}`, caveat];
  return more === undefined ? how : `${how}: ${more}`;
}
