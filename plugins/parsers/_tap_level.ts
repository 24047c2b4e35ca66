/**
 * The levels of TAP: the stream itself and the subtests in it.
 *
 * @module
 */

import type { ReportEvent, TestReportEvent, TestStatus } from "../../src/plugin.ts";
import { testEvent } from "./_events.ts";
import { type Places, sourceFile } from "./_source_file.ts";
import type { TapPoint } from "./_tap_lines.ts";
import { tapDiagnostics } from "./_tap_yaml.ts";

/** The stream itself, or the subtests of one test point. */
export interface Level {
  readonly name: string;
  plan: number | undefined;
  points: number;
  failures: number;
  /** A test number that was not the next one has been told. */
  disordered: boolean;
  /** Events that wait to learn whether the subtest as a whole is a TODO. */
  held: ReportEvent[];
  /** The point that ends with `{`, whose subtests follow it. */
  opened: Pending | undefined;
}

/** A test point whose diagnostics may follow. */
export interface Pending {
  readonly point: TapPoint;
  readonly depth: number;
  /** The subtests it sums up. */
  children: Level | undefined;
  readonly diagnostics: string[];
  size: number;
  hasYaml: boolean;
  /** node:test announces it, as it does every test, by the name of the file that it ran. */
  readonly isFile: boolean;
}

/** A level of which nothing is known yet but what it is called. */
export function newLevel(name: string): Level {
  return {
    name,
    plan: undefined,
    points: 0,
    failures: 0,
    disordered: false,
    held: [],
    opened: undefined,
  };
}

/** What a subtest that is over lacks. */
export function incompleteness({ plan, points }: Level): string | undefined {
  if (plan === points) return undefined;
  if (plan === undefined) return points > 0 ? "has no plan" : undefined;
  return `plans ${plan} tests and holds ${points}`;
}

/**
 * The event of a test point; nothing for one that only sums up its subtests.
 *
 * @param fallback its name when it has none
 */
export function pointEvent(
  { point, children, diagnostics, isFile }: Pending,
  suite: string,
  fallback: string,
  places: Places,
): TestReportEvent | undefined {
  const { isSuite, ...told } = tapDiagnostics(diagnostics, places);
  const status = statusOf(point, children);
  const sumsUp = children !== undefined && (children.points > 0 || children.failures > 0);
  const isTold = sumsUp && (point.ok || children.failures > 0 || status === "skipped");
  if (isTold || (isSuite && status === "passed")) return undefined;
  const isBad = status === "failed";
  return testEvent({
    ...told,
    status,
    name: nameOf(point) || fallback,
    suite,
    ...isFile ? { isFile, file: sourceFile(point.name, places) } : {},
    durationMs: told.durationMs ?? point.durationMs,
    message: isBad ? told.message : point.reason || undefined,
    details: isBad ? told.details : undefined,
    frames: isBad ? told.frames : undefined,
  });
}

/** The name of a point. A brace at its end that opens no subtests belongs to it. */
function nameOf({ name, opens }: TapPoint): string {
  return opens ? `${name} {`.trim() : name;
}

/** The status of a point. `not ok # SKIP` is a failure, as it is to Perl's Test::Harness; a TODO proves nothing either way. */
function statusOf(point: TapPoint, children: Level | undefined): TestStatus {
  if (point.directive === "todo") return "skipped";
  if (!point.ok) return "failed";
  const isEmpty = children !== undefined && children.points === 0;
  return point.directive === "skip" || isEmpty ? "skipped" : "passed";
}

/** Whether an event stands in the way of a pass. */
export function isFailure(event: ReportEvent): boolean {
  if (event.kind === "suite_error") return true;
  return event.kind === "test" && (event.status === "failed" || event.status === "errored");
}

/** How many of the events do. */
export function failuresIn(events: readonly ReportEvent[]): number {
  return events.filter(isFailure).length;
}

/** An event of a subtest that is a TODO as a whole. */
export function asTodo(event: ReportEvent): ReportEvent {
  return event.kind === "test" && event.status === "failed"
    ? { ...event, status: "skipped" }
    : event;
}
