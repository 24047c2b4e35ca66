/**
 * The levels of TAP: the stream itself and the subtests in it.
 *
 * @module
 */

import type { ReportEvent, TestStatus } from "../../src/plugin.ts";
import type { TapPoint } from "./_tap_lines.ts";

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

/** The status of a point. `not ok # SKIP` is a failure, as it is to Perl's Test::Harness; a TODO proves nothing either way. */
export function statusOf(point: TapPoint, children: Level | undefined): TestStatus {
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
