/** What engines can hold a command to on this machine, for people. */

import type {
  DoctorCheck,
  EngineGuarantee,
  EngineRecord,
  SandboxDoctorOutput,
} from "../../schema/outputs.ts";
import { plural } from "../../text/words.ts";
import { clean } from "../../text/clean.ts";
import { type Look, type Styles, styles } from "./style.ts";
import { type Cell, paragraph, table } from "./table.ts";
import { cut, displayWidth } from "./width.ts";

const alone =
  "Each was asked for alone: assay sandbox explain NAME tells of a command's own sandbox.";

/** Each engine with what it lacks, then all that can be asked and which engine gives it. */
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
  const said = (standing: EngineGuarantee["standing"]) =>
    guarantees.filter((each) => each.standing === standing);
  const missing = works ? said("missing") : [];
  const rows: (readonly [string, string])[] = [
    ["probe", detail],
    ...together("not here", missing),
    ...together("in part", said("in_part")),
    ...obtain === null || works ? [] : [["to get it", obtain] as const],
    ...source === "built-in" ? [] : [["from", source] as const],
    ["priority", String(priority)],
  ];
  const head = works
    ? `${style.bold(clean(name))} ${style.green("✓ works")}`
    : `${style.bold(clean(name))} ${style.red("✗ does not work")}`;
  const cells = rows.map(([key, text]): readonly Cell[] => [
    { text: key, paint: style.dim },
    clean(text),
  ]);
  return `${head}\n${table(cells, { ...look, indent: 2 })}`;
}

/** A row a reason, which several guarantees may share. */
function together(
  key: string,
  guarantees: readonly EngineGuarantee[],
): (readonly [string, string])[] {
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
      const standing = guarantees[index]?.standing;
      return standing === "given" || standing === "in_part";
    })
  );
  if (open.length === 0) {
    return paragraph("Every guarantee can be given here.", look, { paint: style.green });
  }
  const names = open.map(guaranteeName).join(", ");
  const count = plural(all.length - open.length, "guarantee");
  return paragraph(`${count} of ${all.length} can be given here; no engine gives ${names}`, look, {
    paint: style.yellow,
  });
}

// Which engine gives which guarantee: as many tables beside one column as the width allows.

const gap = 2;
/** Longer names of engines are cut. */
const maxName = 14;

/** How each standing is written. */
const marks = {
  given: { text: "✓ yes", color: "green" },
  in_part: { text: "~ part", color: "yellow" },
  missing: { text: "✗ no", color: "red" },
  not_offered: { text: "-", color: "dim" },
} as const satisfies Readonly<
  Record<EngineGuarantee["standing"], { readonly text: string; readonly color: keyof Styles }>
>;

/** The key, with its value where that matters. */
function guaranteeName({ dimension, value }: EngineGuarantee): string {
  return value === null ? dimension : `${dimension} = ${value}`;
}

/** A row a guarantee, a column an engine. */
function engineMatrix(engines: readonly EngineRecord[], look: Look): string {
  const style = styles(look.color);
  const first = Math.max(...engines[0]!.guarantees.map((each) => guaranteeName(each).length));
  const widths = engines.map(({ name }) =>
    Math.max(6, Math.min(maxName, displayWidth(clean(name))))
  );
  return blocksOf(widths, look.columns - first).map((indexes) => {
    const block = indexes.map((index) => engines[index]!);
    return table([headOf(block, style), ...rowsOf(block, style)], look);
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

function headOf(engines: readonly EngineRecord[], style: Styles): Cell[] {
  const names = engines.map(({ name }) => ({ text: cut(clean(name), maxName), paint: style.bold }));
  return [{ text: "guarantee", paint: style.bold }, ...names];
}

function rowsOf(engines: readonly EngineRecord[], style: Styles): Cell[][] {
  return engines[0]!.guarantees.map((guarantee, index) => [
    guaranteeName(guarantee),
    ...engines.map(({ guarantees }) => {
      const { text, color } = marks[guarantees[index]!.standing];
      return { text, paint: style[color] };
    }),
  ]);
}

// What `assay doctor` found, for people.

/** A row a check, with what to do where something lacks. */
export function doctorTable(checks: readonly DoctorCheck[], look: Look): string {
  const style = styles(look.color);
  const rows = checks.map(({ name, ok, found, hint, optional }) => [
    ok
      ? { text: "✓ ok", paint: style.green }
      : optional
      ? { text: "? lacks", paint: style.yellow }
      : { text: "✗ lacks", paint: style.red },
    clean(name),
    clean(ok || hint === undefined ? found : `${found}; ${hint}`),
  ]);
  const bad = checks.filter(({ ok, optional }) => !ok && !optional);
  const names = bad.map(({ name }) => clean(name)).join(", ");
  const verdict = bad.length === 0
    ? paragraph("Everything assay needs is here.", look, { paint: style.green })
    : paragraph(`What assay needs is not all here: ${names}`, look, { paint: style.red });
  return `${table(rows, look)}\n${verdict}`;
}
