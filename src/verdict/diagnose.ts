/**
 * What to fix in a run: one diagnosis per cause, the most severe first. Reads sources and outputs
 * through its input; decides nothing.
 *
 * @module
 */

import {
  type Attempt,
  type Diagnosis,
  type Event,
  isNotNeeded,
  type Run,
  type Untested,
} from "../model.ts";
import { commandDrafts } from "./_command_drafts.ts";
import { type Draft, eventDrafts, severities } from "./_event_drafts.ts";
import { plainLines } from "./_plain_text.ts";
import { shellQuote } from "../text/shell.ts";

/** What a run is diagnosed from. */
export interface DiagnoseInput {
  readonly run: Pick<Run, "attempts" | "untested">;
  /** The attempt's events, at least those that are problems. */
  eventsOf(attempt: Attempt): readonly Event[];
  /** The text of a file, by its path relative to the root; `undefined` outside the root. */
  readSource(path: string): Promise<string | undefined>;
  /** The end of what the command printed. */
  readOutput(attempt: Attempt): Promise<{ readonly text: string }>;
}

/** Diagnoses that get an excerpt: each costs reading a file. */
const excerptLimit = 100;

const categories: readonly Diagnosis["category"][] = [
  "missing_tool",
  "environment",
  "crash",
  "timeout",
  "build",
  "command",
  "unreadable_report",
  "no_evidence",
  "test",
  "lint",
];

/** Diagnoses a run; a command that passed gives none, one that did not at least one. */
export async function diagnose(input: DiagnoseInput): Promise<Diagnosis[]> {
  const drafts = input.run.attempts
    .filter((attempt) => attempt.verdict !== "pass" || attempt.state !== "finished")
    .filter((attempt) => !isNotNeeded(attempt))
    .flatMap((attempt) => draftsOf(attempt, input.eventsOf(attempt)))
    .toSorted(byWeight);
  const read = excerptReader(input);
  const diagnoses: Diagnosis[] = [];
  for (const [index, draft] of drafts.entries()) {
    const { attempt: _attempt, explains: _explains, sources, ...rest } = draft;
    const excerpt = index < excerptLimit ? await read(draft) : undefined;
    const said = [rest.title, sources.atPlace ? "" : excerpt, sources.text].join("\n");
    const untested = input.run.untested?.find(({ path }) => names(said.slice(0, 16_384), path));
    const isUnknownOption = /unrecognized arguments:.*--json-report/.test(excerpt ?? "");
    const task = untested
      ? stage(untested)
      : isUnknownOption
      ? "Install what gives pytest that option: python3 -m pip install pytest-json-report"
      : rest.task;
    diagnoses.push({ ...rest, task, excerpt: excerpt ?? null });
  }
  return diagnoses;
}

/** Whether a failure names a file, or a module by the file's name, as import errors do. */
function names(text: string, path: string): boolean {
  const file = path.slice(path.lastIndexOf("/") + 1);
  const [name, stem] = [file, file.replace(/(.)\.\w+$/, "$1")].map(RegExp.escape);
  return new RegExp(`(?<![\\w.-])${name}(?![\\w-])|(?:['"\`/.]|-- )${stem}(?![\\w.-])`).test(text);
}

/** What to do where the change that was not tested may be all that is missing. */
function stage({ path, state }: Untested): string {
  // Git takes some paths for options, and some for patterns.
  const literal = /^:|[*?[\\]/.test(path) ? `:(literal)${path}` : path;
  const add = `git add ${path.startsWith("-") ? "-- " : ""}${shellQuote(literal)}`;
  if (state === "untracked") return `${path} is untracked, so it was not tested: ${add}?`;
  return `${path} has ${state} changes, which were not tested: ` +
    (state === "unstaged" ? `${add}?` : "commit them?");
}

function draftsOf(attempt: Attempt, events: readonly Event[]): Draft[] {
  const found = eventDrafts(attempt, events);
  return [...found, ...commandDrafts(attempt, found.some(({ explains }) => explains))];
}

function byWeight(one: Draft, other: Draft): number {
  return severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
    categories.indexOf(one.category) - categories.indexOf(other.category) ||
    other.count - one.count;
}

/** Reads excerpts; each source file is read once. */
function excerptReader(input: DiagnoseInput): (draft: Draft) => Promise<string | undefined> {
  const files = new Map<string, string | undefined>();
  async function source(file: string): Promise<string | undefined> {
    if (!files.has(file)) files.set(file, await input.readSource(file));
    return files.get(file);
  }
  return async ({ file, line, sources, attempt }) => {
    if (sources.atPlace && file !== undefined && line !== undefined) {
      const text = await source(file);
      const excerpt = text === undefined ? undefined : sourceExcerpt(text, line);
      if (excerpt !== undefined) return excerpt;
    }
    const given = headExcerpt(sources.text);
    if (given !== undefined || !sources.ofOutput) return given;
    const { text } = await input.readOutput(attempt);
    return (sources.atPlace ? undefined : errorExcerpt(text)) ?? tailExcerpt(text);
  };
}

// Excerpts: the lines around a place in a source file, or the end of an output.

/** Lines shown before and after the one that is marked. */
const around = 3;

/** Lines shown of the end of an output, and of a text. */
const tailLines = 12;

/**
 * The lines around `line`, numbered, with `>` before the one in question; `undefined` when the text has no
 * such line: the file is not the one that was reported on.
 */
function sourceExcerpt(source: string, line: number): string | undefined {
  const lines = source.split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (!Number.isInteger(line) || line < 1 || line > lines.length) return undefined;
  const from = Math.max(1, line - around);
  const to = Math.min(lines.length, line + around);
  const width = String(to).length;
  return plainLines(lines.slice(from - 1, to).join("\n")).map((text, index) => {
    const number = from + index;
    return `${number === line ? ">" : " "} ${String(number).padStart(width)} | ${text}`.trimEnd();
  }).join("\n");
}

/** The last lines of an output that say something; `undefined` when there are none. */
function tailExcerpt(text: string): string | undefined {
  const lines = plainLines(text).filter((line) => line !== "").slice(-tailLines);
  return lines.length > 0 ? lines.join("\n") : undefined;
}

/** The first error of an output, as runtimes print it, with what follows. */
function errorExcerpt(text: string): string | undefined {
  const lines = plainLines(text).filter((line) => line !== "");
  const at = lines.findIndex((line) => /^\s*(?:Uncaught )?\w*Error\b.*: /.test(line));
  return at < 0 ? undefined : lines.slice(at, at + tailLines).join("\n");
}

/** The first lines of a text, such as the details of a test's failure. */
function headExcerpt(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const lines = plainLines(text.slice(0, 16_384)).filter((line) => line !== "");
  return lines.length > 0 ? lines.slice(0, tailLines).join("\n") : undefined;
}
