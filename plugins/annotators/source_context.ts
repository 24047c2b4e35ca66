/** Annotator `source_context`: the lines around a problem, and the function they are in. */

import type { NewAnnotation, RunContext } from "../../src/plugin.ts";
import { enclosingIn } from "./_enclosing.ts";
import { firstProblems, linesOf, readSource, type SourceLine, sourceLine } from "./_problems.ts";

/** Lines shown before and after the problem's line. */
const around = 3;
/** Characters shown of a line: a minified file may have one of a million. */
const widest = 300;

/** A problem with a known place in the project has a source. */
export { hasSourceLine as shouldAnnotate } from "./_problems.ts";

interface Source {
  readonly lines: readonly string[];
  /** What one of its lines is in. */
  readonly enclosing: (line: number) => string | undefined;
}

export async function annotate(context: RunContext): Promise<void> {
  const sources = new Map<string, Source | undefined>();
  for (const event of await firstProblems(context)) {
    const place = sourceLine(event);
    if (place === undefined) continue;
    if (!sources.has(place.file)) sources.set(place.file, await open(context, place.file));
    const source = sources.get(place.file);
    const annotation = source && sourceContext(source, place);
    if (annotation) context.addAnnotation(event, annotation);
  }
}

async function open(context: RunContext, file: string): Promise<Source | undefined> {
  const text = await readSource(context, file);
  return text === undefined
    ? undefined
    : { lines: linesOf(text), enclosing: enclosingIn(file, text) };
}

/** Nothing if the file has no such line: it is not the reported version. */
function sourceContext(
  { lines, enclosing }: Source,
  { file, line }: SourceLine,
): NewAnnotation | undefined {
  if (line < 1 || line > lines.length) return undefined;
  const first = Math.max(1, line - around);
  const shown = lines.slice(first - 1, line + around).map((each) => each.slice(0, widest));
  const inside = enclosing(line);
  const width = String(first + shown.length - 1).length;
  const numbered = shown.map((each, index) => {
    const number = first + index;
    return `${number === line ? ">" : " "} ${String(number).padStart(width)} | ${each}`.trimEnd();
  });
  const head = `${file}:${line}${inside === undefined ? "" : ` in ${inside}`}`;
  return {
    type: "source_context",
    display: "detail",
    text: [head, ...numbered].join("\n"),
    data: {
      file,
      line,
      first_line: first,
      lines: shown,
      ...inside === undefined ? {} : { enclosing: inside },
    },
  };
}
