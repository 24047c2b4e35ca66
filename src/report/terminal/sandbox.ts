/** What sandbox engines can enforce on this machine, and how one command is sandboxed, for people. */

import type { SandboxFact } from "../../model.ts";
import type {
  EngineGuarantee,
  EngineRecord,
  SandboxDoctorOutput,
  SandboxExplainOutput,
} from "../../schema/outputs.ts";
import { clean } from "../../text/clean.ts";
import { shellQuote } from "../../text/shell.ts";
import { plural } from "../../text/words.ts";
import { type Look, type Mark, markCell, type Styles, styles } from "./style.ts";
import { type Cell, type Fact, factTable, paragraph, sections, table } from "./table.ts";
import { cut, displayWidth } from "./width.ts";

const alone =
  '✓ enforced · ~ except for what "partial" says · ✗ not on this machine · - not offered. ' +
  "Each engine was probed on its own; for one command: assay sandbox explain NAME";

/** Each engine with what it cannot enforce, then every guarantee with the engines that give it. */
export function sandboxDoctor({ engines, warnings }: SandboxDoctorOutput, look: Look): string {
  const style = styles(look.color);
  if (engines.length === 0) return paragraph("No sandbox engine is loaded.", look);
  return [
    ...engines.map((engine) => engineText(engine, look, style)),
    engineMatrix(engines, look),
    warnings.map((warning) => paragraph(`warning: ${clean(warning)}`, look)).join("") +
    summary(engines, look) +
    paragraph(alone, look, { paint: style.dim }),
  ].join("\n");
}

function engineText(engine: EngineRecord, look: Look, style: Styles): string {
  const { name, works, detail, source, priority, obtain, guarantees } = engine;
  const said = (support: EngineGuarantee["support"]) =>
    guarantees.filter((each) => each.support === support);
  const missing = works ? said("missing") : [];
  const facts: readonly Fact[] = [
    ["probe", detail],
    ...together("missing", missing),
    ...together("partial", said("partial")),
    ["to install", works ? null : obtain],
    ["from", source === "built-in" ? null : source],
    ["priority", String(priority)],
  ];
  const mark = works ? style.green("✓ works") : style.red("✗ does not work");
  return `${style.bold(clean(name))} ${mark}\n${factTable(facts, look)}`;
}

/** A row per reason, which several guarantees may share. */
function together(
  key: string,
  guarantees: readonly EngineGuarantee[],
): Fact[] {
  const byReason = new Map<string, string[]>();
  for (const each of guarantees) {
    const why = each.why ?? "";
    byReason.set(why, [...byReason.get(why) ?? [], guaranteeName(each)]);
  }
  return [...byReason].map(([why, names]) => [key, `${names.join(", ")}: ${why}`]);
}

function summary(engines: readonly EngineRecord[], look: Look): string {
  const style = styles(look.color);
  const all = engines[0]!.guarantees;
  const open = all.filter((_, index) =>
    !engines.some(({ guarantees }) => {
      const support = guarantees[index]?.support;
      return support === "full" || support === "partial";
    })
  );
  const names = open.map(guaranteeName).join(", ");
  const full =
    all.filter((_, index) =>
      engines.some(({ guarantees }) => guarantees[index]?.support === "full")
    ).length;
  const part = all.length - open.length - full;
  const counts = `${
    plural(all.length, "guarantee")
  }: ${full} fully enforceable here, ${part} in part`;
  return paragraph(names === "" ? counts : `${counts}; missing: ${names}`, look, {
    paint: names === "" && part === 0 ? style.green : style.yellow,
  });
}

// Which engine gives which guarantee: as many tables side by side as the width allows.

const gap = 2;
const maxName = 14;

const supportMarks = {
  full: { text: "✓ yes", color: "green" },
  partial: { text: "~ part", color: "yellow" },
  missing: { text: "✗ no", color: "red" },
  not_offered: { text: "-", color: "dim" },
} as const satisfies Readonly<Record<EngineGuarantee["support"], Mark>>;

/** The key, with its value if that matters. */
function guaranteeName({ dimension, value }: EngineGuarantee): string {
  return value === null ? dimension : `${dimension} = ${value}`;
}

/** A row per guarantee, a column per engine. */
function engineMatrix(engines: readonly EngineRecord[], look: Look): string {
  const style = styles(look.color);
  const first = Math.max(...engines[0]!.guarantees.map((each) => guaranteeName(each).length));
  const widths = engines.map(({ name }) =>
    Math.max(6, Math.min(maxName, displayWidth(clean(name))))
  );
  return blocksOf(widths, look.columns - first).map((indexes) => {
    const block = indexes.map((index) => engines[index]!);
    const names = ["guarantee", ...block.map(({ name }) => cut(clean(name), maxName))];
    const head = names.map((text) => ({ text, paint: style.bold }));
    return table([head, ...guaranteeRows(block, style)], look);
  }).join("\n");
}

/** The columns of each table, by index; at least one. */
function blocksOf(widths: readonly number[], room: number): number[][] {
  const blocks: number[][] = [];
  let used = Infinity;
  widths.forEach((width, index) => {
    used += gap + width;
    if (used <= room) blocks.at(-1)!.push(index);
    else {
      blocks.push([index]);
      used = gap + width;
    }
  });
  return blocks;
}

function guaranteeRows(engines: readonly EngineRecord[], style: Styles): Cell[][] {
  return engines[0]!.guarantees.map((guarantee, index) => [
    guaranteeName(guarantee),
    ...engines.map(({ guarantees }) => markCell(supportMarks[guarantees[index]!.support], style)),
  ]);
}

/** What is declared and what enforces it; with `--argv` exactly what is executed. */
export function sandboxExplanation(
  output: SandboxExplainOutput,
  look: Look,
  withArgv = false,
): string {
  const style = styles(look.color);
  const title = `${output.name} · ${[output.kind ?? [], output.source].flat().join(" ")} · ${
    sandboxName(output)
  }`;
  return sections([
    `${paragraph(clean(title), look, { paint: style.bold })}${dimensionTable(output, look)}`,
    factTable(factsOf(output), look),
    withArgv ? argvText(output.argv, output.failed, look) : "",
  ]);
}

function sandboxName({ preset, on_uncovered }: SandboxExplainOutput): string {
  if (on_uncovered === null) return "no sandbox";
  return preset === null ? "custom sandbox" : `sandbox preset ${preset}`;
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

/** What each grade means. */
const gradeWords = {
  sealed: "no network, nothing written, processes isolated",
  pinhole: "only single hosts, paths or processes are open",
  scoped: "the project can be written",
  broad: "the network or the file system is open",
  open: "the network and the file system are open",
} as const;

export function gradeText(grade: keyof typeof gradeWords): string {
  return `${grade} (${gradeWords[grade]})`;
}

function factsOf(output: SandboxExplainOutput): readonly Fact[] {
  const { grade, engines, refused, failed, on_uncovered, files, warnings } = output;
  const open = output.dimensions.some((fact) => fact.enforced_by === undefined);
  return [
    ["grade", grade && gradeText(grade)],
    ["runs as", on_uncovered === null || failed !== null ? null : chainText(engines)],
    ...refused.map(({ engine, why }): Fact => ["not used", `${engine}: ${why}`]),
    ["policy", open && failed === null ? "on_uncovered = warn: runs with a warning" : null],
    ["cannot run", failed],
    ...files.map(({ path, bytes }): Fact => ["file", `${path}, ${bytes} bytes, temporary`]),
    ...warnings.map((warning): Fact => ["warning", warning]),
    ["folder", output.cwd],
  ];
}

/** `bwrap(network, filesystem) + prlimit(memory) → command`, from the outermost in. */
export function chainText(
  engines: readonly { readonly name: string; readonly holds: readonly string[] }[],
): string {
  const shown = engines.map(({ name, holds }) => `${name}(${holds.join(", ") || "nothing"})`);
  return shown.length === 0 ? "command, without a sandbox" : `${shown.join(" + ")} → command`;
}

/** Quoted instead of cleaned, so that it can be copied. */
export function argvText(argv: readonly string[], failed: string | null, look: Look): string {
  const title = failed === null ? "Runs as" : "Would run as";
  const lines = shellWords(argv, look.columns - 2).map((line) => `  ${line}\n`);
  return `${styles(look.color).bold(title)}\n${lines.join("")}`;
}

// A program and its exact arguments, to be pasted into a shell.

/** Control characters, characters that hide or reorder text, and unusual blanks. */
const unseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

/**
 * The words in lines of at most `columns`, each but the last ended by a backslash; words are never broken, so a
 * long one gets its own line, as long as necessary.
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

/** Invisible characters are written in `$'…'`, as bash and zsh read it; the rest as in any shell. */
function shellWord(word: string): string {
  if (!unseen.test(word)) return shellQuote(word);
  return `$'${[...word].map(escaped).join("")}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === "\\") return `\\${character}`;
  if (character === "\n") return "\\n";
  if (!unseen.test(character)) return character;
  const code = character.codePointAt(0)!.toString(16);
  // The maximum number of digits: with fewer, the shell would read on into the following text.
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
}

// The outcome of one dimension of a sandbox, in a line.

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
