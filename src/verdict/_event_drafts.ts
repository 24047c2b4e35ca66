/** Diagnoses of what reports say: failed tests, errors outside tests, diagnostics, one per cause. */

import type { Attempt, Diagnosis, DiagnosisSeverity, Event, Frame } from "../model.ts";
import { defined } from "../text/values.ts";
import { listed, plural } from "../text/words.ts";
import { firstLine } from "./_plain_text.ts";

/** References a diagnosis carries at most. */
const refLimit = 20;
/** Frames a diagnosis carries at most. */
const frameLimit = 20;
/** Characters of a message in a title. */
const titleLimit = 140;
/** Lines a task names at most. */
const lineLimit = 5;

/** Events of one cause, represented by the first. */
interface Cause {
  readonly key: string;
  readonly severity: DiagnosisSeverity;
  readonly first: Event;
  readonly frame: Frame | undefined;
  readonly events: Event[];
}

/**
 * Groups an attempt's problems by cause: the fingerprint of the message, and the place in the project
 * where it came up. Diagnostics have no stack, so their file is the place.
 */
export function eventDrafts(attempt: Attempt, events: readonly Event[]): Draft[] {
  const causes = new Map<string, Cause>();
  for (const event of events) {
    const severity = severityOf(attempt, event);
    if (severity === undefined) continue;
    const frame = ownFrame(event.frames);
    const key = `${event.cluster}@${placeKey(event, frame)}`;
    const id = `${event.type} ${severity} ${key}`;
    const cause = causes.get(id);
    if (cause) cause.events.push(event);
    else causes.set(id, { key, severity, first: event, frame, events: [event] });
  }
  return [...causes.values()].map((cause) => draftOf(attempt, cause));
}

function placeKey(event: Event, frame: Frame | undefined): string {
  if (frame) return `${frame.file}:${frame.line ?? ""}`;
  return event.type === "test" ? "" : event.file ?? "";
}

/**
 * How blocking an event would be if its command were required; `undefined` when it is no
 * problem, or explains nothing.
 */
function severityOf(attempt: Attempt, event: Event): DiagnosisSeverity | undefined {
  const { type, status } = event;
  if (type === "suite_error") return "blocker";
  if (type === "test") {
    return status === "errored" ? "blocker" : status === "failed" ? "critical" : undefined;
  }
  if (!isOfOutput(attempt, event)) return diagnosticSeverity(attempt, status);
  return status === "error" && exitIsUnexplained(attempt) ? "critical" : undefined;
}

/**
 * Whether the event was found in the raw output of a tool assay does not know: such events are stored
 * and not counted, and their errors may explain an exit code.
 */
function isOfOutput({ diagnostics }: Attempt, { type }: Event): boolean {
  return type === "diagnostic" && diagnostics === 0;
}

/** Where diagnostics made the command fail, only the highest severity did. */
function diagnosticSeverity(
  { reasons, severities }: Attempt,
  status: Event["status"],
): DiagnosisSeverity {
  const decides = reasons.some(({ code }) => code === "diagnostics_found");
  const highest = severities.error > 0 ? "error" : severities.warning > 0 ? "warning" : "info";
  if (status === "error" || (decides && status === highest)) return "critical";
  return status === "warning" ? "warning" : "info";
}

/** Whether the command said that it failed, and its report does not say why. */
export function exitIsUnexplained({ exit_code: code, reasons }: Attempt): boolean {
  return code !== null && code !== 0 &&
    reasons.some((reason) => reason.code === "exit_nonzero" || reason.code === "disagreement");
}

function draftOf(attempt: Attempt, cause: Cause): Draft {
  const { first, frame, events, severity } = cause;
  const place = frame ?? first;
  // A message of one line is the title already.
  const isSilent = first.type === "test" && saysNothing.test(first.message ?? "");
  const text = isSilent
    ? undefined
    : first.details ?? (first.message?.includes("\n") ? first.message : undefined);
  return {
    attempt,
    category: first.type === "diagnostic" && attempt.kind === "test"
      ? "build"
      : categoryOf(attempt),
    severity: severityFor(attempt, severity),
    explains: severity === "blocker" || severity === "critical",
    title: titleOf(cause),
    task: taskOf(cause),
    ...defined({
      file: place.file,
      line: place.file === undefined ? undefined : place.line,
      column: place.file === undefined ? undefined : place.column,
      end_line: frame ? undefined : first.end_line,
      end_column: frame ? undefined : first.end_column,
    }),
    frames: (first.frames ?? []).slice(0, frameLimit),
    count: events.length,
    refs: events.slice(0, refLimit).map(({ index }) => `${attempt.ref}:${index}`),
    cluster: cause.key,
    sources: { atPlace: !isSilent, text, ofOutput: isSilent || isOfOutput(attempt, first) },
  };
}

/** What node:test says of a file that ended before its tests: the error itself is in the output. */
const saysNothing = /^test failed$/;

function titleOf({ first, events }: Cause): string {
  const message = firstLine(first.message, titleLimit) ??
    firstLine(first.details, titleLimit) ??
    (first.status === "errored" ? "errored" : "failed");
  if (first.type === "diagnostic") {
    const rule = first.rule === undefined ? "" : `${first.rule}: `;
    return `${rule}${message}${events.length > 1 ? ` (${events.length} times)` : ""}`;
  }
  if (events.length > 1) {
    const what = first.type === "test" ? "test" : "error";
    return `${plural(events.length, what)}: ${message}`;
  }
  const name = firstLine(first.name);
  return name === undefined ? message : `${name}: ${message}`;
}

function taskOf({ first, events, frame }: Cause): string {
  const at = placeText(frame ?? first);
  if (first.type === "diagnostic") return diagnosticTask(first, events);
  if (first.type === "suite_error") {
    return `Fix the error outside any test${at && ` at ${at}`}: the tests there did not run.`;
  }
  const isOne = events.length === 1;
  const tests = isOne
    ? first.name === "(unnamed)"
      ? "the test that the report does not name"
      : `the test "${firstLine(first.name, 80) ?? "without a name"}"`
    : `these ${events.length} tests`;
  if (first.message === "the test did not end") {
    return `Find what ended the process while ${tests} ran.`;
  }
  // The place of a test's failure is not the place to fix, unless it lies outside the test's file.
  if (frame !== undefined && first.file !== undefined && frame.file !== first.file) {
    return `Fix ${at} so that ${tests} ${isOne ? "passes" : "pass"}.`;
  }
  return `Make ${tests} pass${at && `: ${isOne ? "it fails" : "they fail"} at ${at}`}.`;
}

function diagnosticTask(first: Event, events: readonly Event[]): string {
  const what = first.rule ?? first.tool ?? "the tool";
  const lines = [...new Set(events.map(({ line }) => line).filter((line) => line !== undefined))];
  if (first.file === undefined) return `Fix what ${what} reports.`;
  if (lines.length < 2) return `Fix what ${what} reports at ${placeText(first)}.`;
  const named = lines.slice(0, lineLimit).map(String);
  const more = lines.length > lineLimit ? [`${lines.length - lineLimit} more`] : [];
  return `Fix what ${what} reports in ${first.file}, lines ${listed([...named, ...more])}.`;
}

function placeText({ file, line }: { readonly file?: string; readonly line?: number }): string {
  if (file === undefined) return "";
  return line === undefined ? file : `${file}:${line}`;
}

// A diagnosis before its excerpt is read.

/** Where the excerpt comes from: the first of these that yields one. */
interface ExcerptSources {
  /** The file of the diagnosis around its line. */
  readonly atPlace: boolean;
  /** A text that came with the events. */
  readonly text?: string | undefined;
  /** The command's output, from its first error on; without one its end. */
  readonly ofOutput: boolean;
}

/** A diagnosis without its excerpt. */
export interface Draft extends Omit<Diagnosis, "excerpt"> {
  readonly attempt: Attempt;
  /** Whether it says why the command did not pass, not just what else was found. */
  readonly explains: boolean;
  readonly sources: ExcerptSources;
}

/** Severities, the most severe first. */
export const severities: readonly DiagnosisSeverity[] = ["blocker", "critical", "warning", "info"];

/** Problems of a command that is not required block nothing. */
export function severityFor(
  { required }: Attempt,
  severity: DiagnosisSeverity,
): DiagnosisSeverity {
  return required || severity === "info" ? severity : "warning";
}

/** What a problem of a command of this kind is called when nothing more is known of it. */
export function categoryOf({ kind }: Attempt): "build" | "test" | "lint" | "command" {
  return kind ?? "command";
}

/** Code of a tool or a library, which is not the place for a fix. */
const foreign =
  /^(?:\/|[a-z][a-z0-9+.-]*:|\.\.(?:\/|$)|<)|(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|\.venv|venv|\.tox|\.cargo|\.bundle)\//i;

/** The innermost frame inside the project; frames are listed innermost first. */
function ownFrame(frames: readonly Frame[] | undefined): Frame | undefined {
  return frames?.find(({ file }) => !foreign.test(file));
}
