/** One diagnosis as lines. */

import type { Diagnosis, DiagnosisSeverity, Frame } from "../../model.ts";
import { inlineText } from "./_annotation.ts";
import { clean, cleanLines } from "../../text/clean.ts";
import { type Look, type Styles, styles } from "./style.ts";
import { paragraph } from "./table.ts";
import { cut, displayWidth, wrap } from "./width.ts";

const colors: Readonly<Record<DiagnosisSeverity, "red" | "yellow" | "dim">> = {
  blocker: "red",
  critical: "red",
  warning: "yellow",
  info: "dim",
};

const indent = 3;

/** How much of a diagnosis is shown. */
export interface DiagnosisLook extends Look {
  /** Frames shown. */
  readonly frames: number;
  /** Lines of the excerpt shown. */
  readonly excerptLines: number;
  /** Annotations shown. */
  readonly annotations: number;
}

/** A diagnosis with its number, ended by a newline. */
export function diagnosisText(diagnosis: Diagnosis, number: number, look: DiagnosisLook): string {
  const style = styles(look.color);
  return [
    headLine(diagnosis, number, look, style),
    paragraph(clean(diagnosis.title), look, { indent, paint: style.bold }),
    ...excerptText(diagnosis.excerpt, look, style),
    ...diagnosis.frames.slice(0, look.frames).map((frame) => frameLine(frame, look, style)),
    ...inlineText(diagnosis.annotations ?? [], { ...look, indent: indent + 2 }),
    taskText(diagnosis.task, look),
    // Whole lines, however long: a part of it cannot be pasted.
    ...cleanLines(diagnosis.paste ?? "").filter((line) => line !== "").map((line) => `${line}\n`),
  ].join("");
}

function headLine(
  { severity, category, refs, count, ...place }: Diagnosis,
  number: number,
  { columns }: Look,
  style: Styles,
): string {
  const label = `${String(number).padEnd(2)} ${severity}`;
  const where = placeText(place);
  const more = count > 1 ? ` and ${count - 1} more` : "";
  const refText = refs[0] === undefined ? "" : `  (${clean(refs[0])}${more})`;
  const rest = ` ${category.replaceAll("_", " ")}${where === "" ? "" : `  ${where}`}`;
  const fits = displayWidth(label + rest + refText) <= columns;
  const shown = cut(rest + (fits ? refText : ""), columns - label.length);
  return `${style[colors[severity]](label)}${shown}\n`;
}

/** `file:line:column`, as far as it is known. */
export function placeText(
  { file, line, column }: Pick<Diagnosis, "file" | "line" | "column">,
): string {
  if (file === undefined) return "";
  return [clean(file), line, line === undefined ? undefined : column]
    .filter((part) => part !== undefined).join(":");
}

function excerptText(
  excerpt: string | null,
  { columns, excerptLines }: DiagnosisLook,
  style: Styles,
): string[] {
  if (excerpt === null) return [];
  return cleanLines(excerpt).slice(0, excerptLines).map((line) => {
    const shown = cut(line, columns - indent - 2);
    const painted = shown.startsWith(">") ? style.yellow(shown) : style.dim(shown);
    return `${" ".repeat(indent + 2)}${painted}`.trimEnd() + "\n";
  });
}

function frameLine(frame: Frame, { columns }: Look, style: Styles): string {
  const name = frame.function === undefined ? "" : ` in ${clean(frame.function)}`;
  const text = `at ${placeText(frame)}${name}`;
  return `${" ".repeat(indent + 2)}${style.dim(cut(text, columns - indent - 2))}\n`;
}

function taskText(task: string, look: Look): string {
  const [first = "", ...rest] = wrap(clean(task), look.columns - indent - 2);
  const more = rest.map((line) => paragraph(line, look, { indent: indent + 2 })).join("");
  return `${" ".repeat(indent)}→ ${first}\n${more}`;
}
