/** One diagnosis, and its annotations, as lines. All of it is foreign text. */

import type { Annotation, Diagnosis, DiagnosisSeverity, Frame } from "../../model.ts";
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

export interface DiagnosisLook extends Look {
  readonly frames: number;
  readonly excerptLines: number;
  readonly annotations: number;
  /** Text already shown above: a title contained in it is left out. */
  readonly said?: ReadonlySet<string>;
}

export function diagnosisText(diagnosis: Diagnosis, number: number, look: DiagnosisLook): string {
  const style = styles(look.color);
  return [
    headLine(diagnosis, number, look, style),
    look.said?.has(diagnosis.title)
      ? ""
      : paragraph(clean(diagnosis.title), look, { indent, paint: style.bold }),
    ...excerptText(diagnosis.excerpt, look, style),
    ...diagnosis.frames.slice(0, look.frames).map((frame) => frameLine(frame, look, style)),
    ...inlineText(diagnosis.annotations ?? [], { ...look, indent: indent + 2 }),
    taskText(diagnosis.task, look),
    // Whole lines, however long: a part of one cannot be pasted.
    ...pasteLines(diagnosis).map((line) => `${line}\n`),
  ].join("");
}

function pasteLines({ paste = "" }: Diagnosis): string[] {
  const lines = cleanLines(paste).filter((line) => line !== "");
  return lines.length === 0 ? [] : ["", ...lines.map((line) => " ".repeat(indent + 2) + line)];
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

export function frameLine(
  frame: Frame,
  { columns }: Look,
  { dim }: Styles,
  blanks = indent + 2,
): string {
  const name = frame.function === undefined ? "" : ` in ${clean(frame.function)}`;
  const text = `at ${placeText(frame)}${name}`;
  return `${" ".repeat(blanks)}${dim(cut(text, columns - blanks))}\n`;
}

function taskText(task: string, look: Look): string {
  const [first = "", ...rest] = wrap(clean(task), look.columns - indent - 2);
  const more = rest.map((line) => paragraph(line, look, { indent: indent + 2 })).join("");
  return `${" ".repeat(indent)}→ ${first}\n${more}`;
}

/** Lines shown of one annotation next to its event, and in full. */
const inlineLines = 3;
const detailLines = 200;

export interface InlineLook extends Look {
  readonly indent: number;
  readonly annotations: number;
}

/** Inline annotations, each as a few lines with its annotator's name, without repetitions. */
export function inlineText(annotations: readonly Annotation[], look: InlineLook): string[] {
  const texts = annotations
    .filter(({ display }) => display === "inline")
    .map((annotation) => shortText(annotation, look));
  const different = [...new Set(texts)];
  const rest = different.length - look.annotations;
  const more = rest > 0
    ? [paragraph(`· … and ${rest} more: assay inspect`, look, { indent: look.indent })]
    : [];
  return [...different.slice(0, look.annotations), ...more];
}

function shortText(annotation: Annotation, { columns, color, indent }: InlineLook): string {
  const room = columns - indent - 2;
  const said = `${clean(annotation.annotator)}: `;
  const [first = "", ...others] = linesOf(annotation, ", ");
  const lines = others.length === 0
    ? wrap(said + first, room)
    : [said + first, ...others].map((line) => cut(line, room));
  const shown = lines.slice(0, inlineLines);
  if (lines.length > shown.length) shown[shown.length - 1] = cut(`${shown.at(-1)} …`, room);
  const { dim } = styles(color);
  return shown.map((line, index) =>
    `${" ".repeat(indent)}${dim(`${index === 0 ? "·" : " "} ${line}`)}\n`
  ).join("");
}

/** One annotation in full: its annotator's name and type, and its content below. */
export function annotationText(annotation: Annotation, { columns, color }: Look): string {
  const { annotator, type } = annotation;
  const style = styles(color);
  const [name, what] = [clean(annotator), clean(type)];
  const head = style.bold(cut(name === what ? name : `${name} · ${what}`, columns));
  const lines = linesOf(annotation);
  const shown = lines.slice(0, detailLines);
  const more = lines.length - shown.length;
  const body = shown.length === 1
    ? paragraph(shown[0]!, { columns }, { indent: 2 })
    : shown.map((line) => {
      const text = cut(line, columns - 2);
      // A highlighted line begins with `>`, as in excerpts.
      return `  ${text.startsWith(">") ? style.yellow(text) : text}`.trimEnd() + "\n";
    }).join("");
  const rest = more > 0 ? paragraph(`… and ${more} more lines: --json`, { columns }) : "";
  return `${head}\n${body}${rest}`;
}

/** Its text, or else its data as `key: value`, one per line or joined. */
function linesOf({ text, data = {} }: Annotation, joined?: string): string[] {
  if (text !== undefined) return cleanLines(text);
  const facts = Object.entries(data).map(([key, value]) =>
    clean(`${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
  );
  return joined === undefined ? facts : [facts.join(joined)];
}
