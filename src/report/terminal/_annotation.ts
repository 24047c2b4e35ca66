/** What annotators say, as lines. All of it is other people's text. */

import type { Annotation } from "../../model.ts";
import { clean, cleanLines } from "../../text/clean.ts";
import { type Look, styles } from "./style.ts";
import { paragraph } from "./table.ts";
import { cut, wrap } from "./width.ts";

/** Lines shown of one annotation beside its event, and in full. */
const inlineLines = 3;
const detailLines = 200;

/** How annotations are shown beside what they are of. */
export interface InlineLook extends Look {
  readonly indent: number;
  /** Annotations shown. */
  readonly annotations: number;
}

/** Those for all to see, each as a few lines with its annotator's name; what was said twice once. */
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

/** One annotation in full: its annotator's name and type, and what it says below. */
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
    : shown.map((line) => `  ${paintMark(cut(line, columns - 2), style)}`.trimEnd() + "\n").join(
      "",
    );
  const rest = more > 0 ? paragraph(`… and ${more} more lines: --json`, { columns }) : "";
  return `${head}\n${body}${rest}`;
}

/** A line that is meant begins with `>`, as in excerpts. */
function paintMark(line: string, { yellow }: ReturnType<typeof styles>): string {
  return line.startsWith(">") ? yellow(line) : line;
}

/** Its text, or else its data as `key: value`, one a line or joined. */
function linesOf({ text, data = {} }: Annotation, joined?: string): string[] {
  if (text !== undefined) return cleanLines(text);
  const facts = Object.entries(data).map(([key, value]) =>
    clean(`${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
  );
  return joined === undefined ? facts : [facts.join(joined)];
}
