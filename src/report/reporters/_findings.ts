/**
 * What is wrong with a run, one finding at a time, from which problem list formats are made.
 * A run that is not ready has at least one finding of level `error`, one that is ready has none.
 *
 * @module
 */

import {
  type Attempt,
  type Diagnosis,
  type Event,
  type Gate,
  isNotNeeded,
  type Place,
  type Run,
} from "../../model.ts";
import { truncate } from "../../text/words.ts";
import { causeOf, shoutOf } from "../terminal/_verdict_line.ts";
import { fileName, line } from "./_text.ts";
import type { RunReport } from "./types.ts";

export type Level = "error" | "warning" | "note";

export interface Finding {
  readonly level: Level;
  /** The kind of problem: the tool's own rule, or one of assay's, which begin with `assay/`. */
  readonly rule: string;
  /** What found it: a tool, a runner, or assay. */
  readonly tool: string;
  /** One line. */
  readonly message: string;
  readonly details?: string;
  /** Where it is; possibly outside the project. */
  readonly place: Place & { readonly file: string };
  /** Whether the place is only the configuration's. */
  readonly isUnplaced: boolean;
  /** Unique within the run, and stable when lines move. */
  readonly fingerprint: string;
  /** Of the event or attempt, such as `test:12:3`. */
  readonly ref?: string;
  /** The check could not be run or read, as opposed to finding something. */
  readonly isUnknown: boolean;
}

/** All findings, in the order of the run: gates, then each command and what it reports. */
export function* findings(report: RunReport): Generator<Finding> {
  const { run } = report;
  const unique = uniqueNames();
  let errors = 0;
  for (const finding of allFindings(report)) {
    if (finding.level === "error") errors++;
    yield { ...finding, fingerprint: unique(finding.fingerprint) };
  }
  // Whatever kept the run from being ready, the report must show that something did.
  if (errors === 0 && !isGreen(run)) yield verdictFinding(report);
}

function* allFindings(report: RunReport): Generator<Finding> {
  yield* gateFindings(report);
  for (const attempt of report.run.attempts) {
    yield* commandFindings(report, attempt);
    for (const page of report.events(attempt, { problems: true })) {
      for (const event of page) {
        const level = levelOf(event, attempt, report.run);
        if (level) yield eventFinding(report, attempt, event, level);
      }
    }
  }
}

/** Makes names unique: repeated ones get a number. Lines may move, the order of a report is stable. */
function uniqueNames(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}:${count}`;
  };
}

export function* gateFindings({ run, place }: RunReport): Generator<Finding> {
  for (const { id, status, reason } of unexplainedGates(run)) {
    yield {
      level: "error",
      rule: `assay/gate-${id}`,
      tool: "assay",
      message: line(`the gate ${id} is ${status}: ${reason}`),
      place,
      isUnplaced: true,
      fingerprint: `gate:${id}`,
      isUnknown: status === "unknown",
    };
  }
}

export function verdictFinding({ run, place }: RunReport): Finding {
  const cause = causeOf(run).join(", ");
  const verdict = `${shoutOf(run).text}${cause === "" ? "" : `: ${cause}`}`;
  return {
    level: "error",
    rule: "assay/verdict",
    tool: "assay",
    message: line(
      `assay ${run.verb} ${verdict}; confidence ${run.confidence} (${run.threshold} needed)`,
    ),
    place,
    isUnplaced: true,
    fingerprint: "verdict",
    isUnknown: run.recommendation === "blocked" || run.state !== "finished",
  };
}

const foundSomething: readonly Diagnosis["category"][] = ["test", "lint", "build"];

/** Findings about a command itself: its outcome, unless its report covers it. */
export function* commandFindings(report: RunReport, attempt: Attempt): Generator<Finding> {
  const { run, diagnoses } = report;
  if (attempt.verdict === "pass" && attempt.state === "finished") return;
  if (isSpared(attempt, run)) return;
  const own = diagnoses.filter(({ refs }) => refs.includes(attempt.ref));
  const isKnown = own.length > 0 ||
    diagnoses.some(({ refs }) => refs.some((ref) => ref.startsWith(`${attempt.ref}:`)));
  const about = { tool: attempt.name, ref: attempt.ref };
  const isUnknown = attempt.verdict === "unknown" || attempt.state !== "finished";
  const grave = decides(attempt, run) ? "error" : "warning";
  for (const diagnosis of own) {
    const { category, severity, title, task, excerpt } = diagnosis;
    // What only follows from something else is a warning, if that can be determined.
    const isGrave = isUnknown || severity === "blocker" || severity === "critical";
    yield {
      ...about,
      level: isGrave ? grave : "warning",
      rule: `assay/${category.replaceAll("_", "-")}`,
      message: line(
        `${title.startsWith(`${attempt.name}: `) ? "" : `${attempt.name}: `}${title}. ${task}`,
      ),
      ...(excerpt === null ? {} : { details: excerpt }),
      ...placeOf(report, attempt, diagnosis),
      fingerprint: `${attempt.name}:${category}:${diagnosis.cluster}`,
      isUnknown: isUnknown || !foundSomething.includes(category),
    };
  }
  if (isKnown) return;
  const why = attempt.reasons.map(({ message }) => message).join("; ");
  yield {
    ...about,
    level: grave,
    rule: `assay/${(attempt.reasons[0]?.code ?? "no-evidence").replaceAll("_", "-")}`,
    message: line(`${attempt.name}: ${why || `it is ${attempt.state}`}`),
    place: report.placeOf(attempt),
    isUnplaced: true,
    fingerprint: `${attempt.name}:${attempt.reasons[0]?.code ?? attempt.state}`,
    isUnknown,
  };
}

/** How severe an event is; `undefined` if it is not a problem. */
export function levelOf(
  { type, status }: Event,
  attempt: Attempt,
  run: Run,
): Level | undefined {
  const grave = decides(attempt, run) ? "error" : "warning";
  if (type === "suite_error") return grave;
  if (type === "test") return status === "failed" || status === "errored" ? grave : undefined;
  const { verdict, diagnostics, severities, reasons, exit_code } = attempt;
  // Found in a command's raw output: it explains a failure, and means nothing by itself.
  if (diagnostics === 0) {
    const explains = exit_code !== null && exit_code !== 0 &&
      reasons.some(({ code }) => code === "exit_nonzero" || code === "disagreement");
    return explains && status === "error" ? grave : undefined;
  }
  if (status === "error") return verdict === "pass" ? "warning" : grave;
  // The highest severity present made the command fail, if diagnostics did.
  const closes = verdict !== "pass" && reasons.some(({ code }) => code === "diagnostics_found") &&
    severities.error === 0;
  const gravest = severities.warning > 0 ? "warning" : "info";
  if (closes && status === gravest && grave === "error") return "error";
  return status === "warning" ? "warning" : "note";
}

function eventFinding(
  report: RunReport,
  attempt: Attempt,
  event: Event,
  level: Level,
): Finding {
  const { details, identity, index } = event;
  return {
    level,
    rule: ruleOf(event, attempt),
    tool: line(event.tool) || attempt.name,
    message: messageOf(event),
    ...(details === undefined ? {} : { details }),
    ...placeOf(report, attempt, event),
    fingerprint: `${attempt.name}:${identity}`,
    ref: `${attempt.ref}:${index}`,
    isUnknown: false,
  };
}

function ruleOf({ type, status, rule, tool }: Event, attempt: Attempt): string {
  if (type === "test") return `assay/test-${status}`;
  if (type === "suite_error") return "assay/error-outside-tests";
  return line(rule, 200) || line(tool, 200) || attempt.name;
}

/** An event's message on one line; for a test, after its name. */
export function messageOf({ type, status, suite, name, message, details }: Event): string {
  const said = line(message) || line(details?.split("\n").find((each) => each.trim() !== ""));
  if (type === "diagnostic") return said || "(no message)";
  const subject = [suite, name].map((part) => line(part, 300)).filter((part) => part).join(" > ");
  const word = type === "test" ? String(status) : "an error outside any test";
  return truncate([subject, said || word].filter((part) => part !== "").join(": "), 1_000);
}

/** The place itself, or the command's configuration if there is none. */
function placeOf(
  report: RunReport,
  attempt: Attempt,
  place: Place,
): Pick<Finding, "place" | "isUnplaced"> {
  const file = fileName(place.file ?? "");
  return file === ""
    ? { place: report.placeOf(attempt), isUnplaced: true }
    : { place: { ...placeIn(place), file }, isUnplaced: false };
}

/** The numbers of a place that are consistent with each other. */
export function placeIn({ line: from, column, end_line: to, end_column: end }: Place): Place {
  if (!isPosition(from)) return {};
  const last = isPosition(to) && to >= from ? to : undefined;
  const hasColumn = isPosition(column);
  const hasEnd = hasColumn && isPosition(end) && ((last ?? from) > from || end > column);
  return {
    line: from,
    ...(hasColumn ? { column } : {}),
    ...(last === undefined ? {} : { end_line: last }),
    ...(hasEnd ? { end_column: end } : {}),
  };
}

function isPosition(value: number | undefined): value is number {
  return value !== undefined && Number.isSafeInteger(value) && value >= 1;
}

// What blocks a run. A report must look green exactly when the run is ready.

/** Whether the run says that all is well. Nothing else is green. */
export function isGreen({ state, recommendation }: Run): boolean {
  return state === "finished" && recommendation === "ready_for_review";
}

/** Whether an attempt found nothing to do in a run of a part: that is not a problem. */
export function isSpared(attempt: Attempt, { verb }: Run): boolean {
  return verb !== "verify" && isNotNeeded(attempt);
}

/**
 * Whether an attempt's problems block its run: not if the run is ready anyway,
 * the command is not required, or its gate is waived or optional.
 */
export function decides(attempt: Attempt, run: Run): boolean {
  const { kind, required } = attempt;
  if (isSpared(attempt, run)) return false;
  const gate = run.gates.find(({ id }) => id === kind);
  return !isGreen(run) && required && gate?.status !== "waived" && gate?.required !== false;
}

/** The gates that keep a run from being ready and that no attempt accounts for. */
function unexplainedGates(run: Run): readonly Gate[] {
  if (isGreen(run)) return [];
  const blamed = run.attempts.filter((attempt) =>
    attempt.verdict !== "pass" && decides(attempt, run)
  );
  return run.gates.filter(({ id, status, required }) => {
    const closed = required && (status === "unknown" || status === "fail");
    return closed && !blamed.some(({ kind }) => kind === id);
  });
}
