/** The problems an annotator looks at, and where in the project they are. */

import type { Event, RunContext } from "../../src/plugin.ts";

/** Problems examined per attempt: more are never inspected, and each has a cost. */
export const problemLimit = 1_000;

/** A line of a file of the project. */
export interface SourceLine {
  /** Relative to the root. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Code that came with a tool or a library, and paths that lead out of the project. */
const foreign =
  /^(?:\/|[A-Za-z]:|[a-z][a-z0-9+.-]*:|<)|(?:^|\/)\.\.(?:\/|$)|(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|\.venv|venv|\.tox|\.cargo|\.bundle)\//;

/** Where a problem occurred: the innermost frame in the project's own code, else where the event points. */
export function sourceLine({ file, line, frames = [] }: Event): SourceLine | undefined {
  const places = [...frames, { file, line }];
  const own = places.find((place) => place.file !== undefined && !foreign.test(place.file));
  return own?.file === undefined || own.line === undefined
    ? undefined
    : { file: own.file, line: own.line };
}

/** The first problems of the attempt; notes if there are more. */
export async function firstProblems(context: RunContext): Promise<readonly Event[]> {
  const problems: Event[] = [];
  for await (const event of context.events({ problems: true })) {
    if (problems.length === problemLimit) {
      context.warn(`only the first ${problemLimit} problems were looked at`);
      break;
    }
    problems.push(event);
  }
  return problems;
}

/** Whether any of the first problems is known to be on a line of the project. */
export async function hasSourceLine(context: RunContext): Promise<boolean> {
  let looked = 0;
  for await (const event of context.events({ problems: true })) {
    if (sourceLine(event)) return true;
    if (++looked === problemLimit) return false;
  }
  return false;
}

/**
 * The text of a source of the project, or nothing: it does not exist, is outside the root, is too
 * large to read for a few lines, or is not text.
 */
export async function readSource(context: RunContext, file: string): Promise<string | undefined> {
  try {
    const text = await context.readText(file);
    const isSource = text !== undefined && text.length <= sourceLimit && !text.includes("\0");
    return isSource ? text.replace(/^\ufeff/, "") : undefined;
  } catch (error) {
    // An invalid file name, or a file that may not be read: there is nothing to show. If the plugin
    // has no permission to read, its caller reports that once, not for each file.
    if (context.signal.aborted) throw error;
    return undefined;
  }
}

/** Maximum size in characters of a source that is read. */
const sourceLimit = 2 * 1024 * 1024;

/** The lines of a source, with any line ends. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
