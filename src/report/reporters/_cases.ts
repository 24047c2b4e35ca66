/**
 * A run as test cases, from which test result formats are made. A run that is not ready has at least one
 * case that failed or errored; one that is ready has none, and at least one that passed.
 *
 * @module
 */

import type { Attempt, Event, Place, TestStatus } from "../../model.ts";
import {
  commandFindings,
  decides,
  type Finding,
  gateFindings,
  isGreen,
  isSpared,
  levelOf,
  messageOf,
  placeIn,
  verdictFinding,
} from "./_findings.ts";
import { fileName, line } from "./_text.ts";
import type { RunReport } from "./types.ts";

/** One case. Texts are not cleaned, except those that assay wrote. */
export interface Case {
  readonly name: string;
  readonly status: TestStatus;
  /** Its status before it was downgraded because it does not block the run. */
  readonly was?: TestStatus;
  readonly suite?: string;
  readonly flaky?: boolean;
  readonly message?: string;
  readonly details?: string;
  readonly file?: string;
  readonly line?: number;
  /** Milliseconds. */
  readonly duration?: number;
  readonly ref?: string;
}

/** Cases that belong together: those of a command, or assay's own. */
export interface CaseSuite {
  readonly name: string;
  readonly attempt?: Attempt;
  /** May be called again; each call starts over. */
  cases(): Iterable<Case>;
}

export interface CaseCounts extends Record<TestStatus, number> {
  total: number;
  flaky: number;
}

/** The suites of a run, each with its cases counted. Reads all events once. */
export function* countedSuites(
  report: RunReport,
): Generator<CaseSuite & { readonly counts: CaseCounts }> {
  const seen = { problems: 0, passed: 0 };
  for (const attempt of report.run.attempts) {
    const suite = { name: attempt.name, attempt, cases: () => attemptCases(report, attempt) };
    const counts = countCases(suite.cases());
    seen.problems += counts.failed + counts.errored;
    seen.passed += counts.passed;
    yield { ...suite, counts };
  }
  const own = ownCases(report, seen);
  if (own.length > 0) yield { name: "assay", cases: () => own, counts: countCases(own) };
}

export function noCases(): CaseCounts {
  return { total: 0, passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0 };
}

export function countCase(counts: CaseCounts, { status, flaky }: Case): void {
  counts.total++;
  counts[status]++;
  if (flaky && status === "passed") counts.flaky++;
}

function countCases(cases: Iterable<Case>): CaseCounts {
  const counts = noCases();
  for (const each of cases) countCase(counts, each);
  return counts;
}

/**
 * Cases for the run itself: commands that were not needed, gates that no command accounts for, and its verdict
 * if nothing else shows it.
 */
export function ownCases(
  report: RunReport,
  { problems, passed }: { readonly problems: number; readonly passed: number },
): readonly Case[] {
  const notNeeded = (report.run.unneeded ?? []).map(({ name: id, reason }): Case => ({
    name: id,
    suite: "assay",
    status: "skipped",
    message: line(`not needed: ${reason}`),
  }));
  if (isGreen(report.run)) {
    const verdict: Case = { name: "assay/verdict", suite: "assay", status: "passed" };
    return passed > 0 ? notNeeded : [...notNeeded, verdict];
  }
  const gates = Array.from(gateFindings(report));
  const shown = problems + gates.length > 0 ? gates : [verdictFinding(report)];
  return [...notNeeded, ...shown.map((finding) => findingCase(finding, finding.rule))];
}

/** The cases of one attempt: its tests, its problems, and the command itself if it adds something. */
export function* attemptCases(report: RunReport, attempt: Attempt): Generator<Case> {
  let passed = 0;
  for (const page of report.events(attempt)) {
    for (const event of page) {
      const found = eventCase(report, attempt, event);
      if (found?.status === "passed") passed++;
      if (found) yield found;
    }
  }
  for (const finding of commandFindings(report, attempt)) {
    // A warning of a blocking command is not a test, and was not waived.
    const isTold = finding.level === "error" || !decides(attempt, report.run);
    if (isTold) yield findingCase(finding, attempt.name);
  }
  if (isSpared(attempt, report.run)) {
    const message = line(`not needed: ${attempt.reasons[0]?.message}`);
    yield {
      name: attempt.name,
      suite: `assay ${attempt.kind ?? "run"}`,
      status: "skipped",
      message,
    };
  }
  // A command that passed and shows no test is itself a case.
  if (attempt.verdict === "pass" && passed === 0) {
    const { name: id, ref, duration_ms: duration } = attempt;
    yield { name: id, suite: `assay ${attempt.kind ?? "run"}`, status: "passed", duration, ref };
  }
}

function eventCase(report: RunReport, attempt: Attempt, event: Event): Case | undefined {
  const { type, suite, duration_ms: duration, flaky, details } = event;
  const level = levelOf(event, attempt, report.run);
  // Warnings are not failed tests, and these formats have no other word for them.
  if (type === "diagnostic" && level !== "error") return undefined;
  const file = fileName(event.file ?? "");
  const about = {
    ...(file === "" ? {} : { file }),
    ...lineIn(event),
    ref: `${attempt.ref}:${event.index}`,
  };
  if (type === "test") {
    const status = event.status as TestStatus;
    return {
      name: event.name ?? "",
      ...(suite === undefined ? {} : { suite }),
      ...(duration === undefined ? {} : { duration }),
      ...(event.message === undefined ? {} : { message: event.message }),
      ...(details === undefined ? {} : { details }),
      ...about,
      ...statusAt(status, level !== "warning"),
      ...(flaky && status === "passed" ? { flaky } : {}),
    };
  }
  const { line: from, column } = placeIn(event);
  const at = [file || undefined, from, column].filter((part) => part !== undefined).join(":");
  const subject = type === "suite_error"
    ? event.name ?? "outside any test"
    : event.rule ?? event.tool;
  return {
    name: [subject ?? attempt.name, at].filter((part) => part !== "").join(" "),
    suite: `assay ${attempt.kind ?? "run"}`,
    message: messageOf(event),
    ...(details === undefined ? {} : { details }),
    ...about,
    ...statusAt(type === "suite_error" ? "errored" : "failed", level === "error"),
  };
}

function findingCase(
  { message, details, place, isUnplaced, level, ref }: Finding,
  name: string,
): Case {
  return {
    name,
    suite: "assay",
    message,
    ...(details === undefined ? {} : { details }),
    ...(isUnplaced ? {} : { file: place.file }),
    ...(isUnplaced ? {} : lineIn(place)),
    ...(ref === undefined ? {} : { ref }),
    ...statusAt("errored", level === "error"),
  };
}

function lineIn(place: Place): { readonly line?: number } {
  const { line } = placeIn(place);
  return line === undefined ? {} : { line };
}

/** What does not block is counted as skipped, and says what it was. */
function statusAt(status: TestStatus, counts: boolean): Pick<Case, "status" | "was"> {
  return counts || status === "passed" || status === "skipped"
    ? { status }
    : { status: "skipped", was: status };
}

/** A case's message on one line, with its former status if it does not block. */
export function caseMessage({ message, details, was }: Case): string {
  const said = line(message) || line(details?.split("\n").find((each) => each.trim() !== ""));
  return was === undefined ? said : `not required: ${was}${said === "" ? "" : `: ${said}`}`;
}
