/** The counts a JUnit report claims for itself, made comparable with the test cases it shows. */

import type { DeclaredReportEvent } from "../../src/plugin.ts";
import { type ClaimedCounts, most, sum } from "./_claimed_counts.ts";
import { declaredEvent as eventOf } from "./_events.ts";
import type { Attributes } from "./_xml_scan.ts";

/** What one suite claims; a field is absent if neither it nor a suite inside it claims it. */
export interface Claims {
  /** The fewest and the most tests that it and the suites inside it claim: they may contradict each other. */
  readonly fewest: number;
  readonly tests: number;
  /** Whether any of them claims a number of tests; if not, the two are the number shown. */
  readonly claimsTests: boolean;
  readonly failed?: number | undefined;
  readonly errored?: number | undefined;
  readonly skipped?: number | undefined;
  /** Skipped tests that may be claimed but not shown. */
  readonly hidden?: number | undefined;
  /** The tests that the outermost suites that claim a number claim, as they stand there. */
  readonly written: number;
  /** Skipped and passed tests that are claimed, but shown as something else. */
  readonly misplaced: number;
}

const none = { fewest: 0, tests: 0, written: 0, misplaced: 0 };
/** No claims. */
export const noClaims: Claims = { ...none, claimsTests: false };

type Dialect = "pytest" | "boost" | "node";

export interface OwnClaims {
  readonly tests?: number | undefined;
  readonly passed?: number | undefined;
  readonly failed?: number | undefined;
  readonly errored?: number | undefined;
  readonly skipped?: number | undefined;
  readonly hidden?: number | undefined;
  readonly dialect: Dialect | undefined;
}

/** What was found in a suite and in the suites inside it. */
export class Seen {
  cases = 0;
  /** Failed or errored cases, and errors directly under a suite. */
  failing = 0;
  failed = 0;
  errored = 0;
  passed = 0;
  skipped = 0;
  /** Runs of one test before its last, that Surefire shows inside the test case. */
  reruns = 0;
  /** Failures of TODO tests. */
  todos = 0;
}

/** Names of counts of tests that did not pass, next to JUnit's own: `failed="1"`, `aborted="2"`. */
const failingNames =
  /^(?:fail(?:ed|ure|ures)?|err(?:or|ors|ored)|abort(?:ed|s)|cancell?ed|crash(?:ed|es)|broken|time(?:outs|d_?out))$/i;

/** Whether an attribute of a suite counts tests that did not pass. */
export const isClaim = (name: string): boolean => failingNames.test(name);

const skippedNames = ["skipped", "skip", "skips", "ignored"];

export function ownClaims(
  attributes: Attributes,
  counts: ClaimedCounts,
  insidePytest: boolean,
): OwnClaims {
  const read = (name: string) => counts.read(attributes, name);
  let failed: number | undefined;
  for (const name in attributes) {
    if (name !== "errors" && isClaim(name)) failed = most(failed, read(name));
  }
  const tests = read("tests");
  const hidden = read(skippedNames.find((name) => attributes[name] !== undefined) ?? "skipped");
  return {
    tests: countsAssertions(attributes) ? undefined : tests,
    passed: read("passed"),
    failed,
    errored: read("errors"),
    // Tools that count disabled tests show them.
    skipped: sum(hidden, read("disabled")),
    hidden,
    dialect: insidePytest ? "pytest" : dialectOf(attributes),
  };
}

/** Whether `tests` counts assertions: Catch2 (known by its host name "tbd") and doctest. */
function countsAssertions({ hostname, doctest_version }: Attributes): boolean {
  return hostname === "tbd" || doctest_version !== undefined;
}

/** Boost.Test numbers its suites and reports neither time nor place, node:test reports the place. */
function dialectOf({ id, timestamp, hostname, disabled }: Attributes): Dialect | undefined {
  if (timestamp !== undefined) return undefined;
  if (hostname === undefined) return id === undefined ? undefined : "boost";
  return disabled === undefined ? undefined : "node";
}

/**
 * A suite's claims with those of the suites inside it, made comparable with what both show. A failure
 * claimed anywhere still counts if a sum leaves it out. These legitimate ways of counting are undone,
 * so that any remainder is missing or contradictory:
 *
 * - Surefire with reruns counts every run of a test (`tests="3" failures="2"` for one flaky test). When
 *   the failures claimed are exactly the failing cases and the reruns shown, both are taken off.
 * - node:test counts the failure of a TODO test.
 * - Some tools count skipped tests without showing them. If the tests not shown are no more than the
 * skipped ones claimed and not shown, they are taken off.
 * - Boost.Test shows skipped tests without counting them; pytest from version 9 on counts passed subtests
 * without showing them; node:test counts what is directly inside a suite, suites and cases alike.
 *
 * @param direct how many cases and suites are directly inside it
 */
export function suiteClaims(
  own: OwnClaims,
  inner: Claims,
  seen: Seen,
  direct: { readonly cases: number; readonly suites: number },
): Claims {
  const skipped = own.skipped ?? inner.skipped;
  const hidden = own.hidden ?? inner.hidden;
  const failing = (own.failed ?? 0) + (own.errored ?? 0);
  const reruns = failing === seen.failing + seen.reruns ? seen.reruns : 0;
  const areShown = reruns > 0 || (seen.todos > 0 && failing <= seen.failing + seen.todos);
  const inside = { fewest: inner.fewest + direct.cases, tests: inner.tests + direct.cases };
  const counted = own.dialect === "node" && own.tests === direct.cases + direct.suites
    ? undefined
    : comparable(own, skipped, reruns + Math.max(0, (hidden ?? 0) - seen.skipped), reruns, seen);
  // Suites inside may claim more than the one around them, if they show it.
  const more = own.tests !== undefined && inner.written > Math.max(own.tests, seen.cases)
    ? inner.written
    : 0;
  return {
    fewest: Math.min(counted ?? Infinity, inside.fewest),
    tests: Math.max(counted ?? 0, inside.tests, more),
    claimsTests: own.tests !== undefined || inner.claimsTests,
    failed: most(areShown && own.failed !== undefined ? seen.failed : own.failed, inner.failed),
    errored: most(
      areShown && own.errored !== undefined ? seen.errored : own.errored,
      inner.errored,
    ),
    skipped,
    hidden,
    written: own.tests ?? inner.written,
    misplaced: Math.max(inner.misplaced, misplaced(own, seen)),
  };
}

function misplaced({ tests, passed, skipped }: OwnClaims, seen: Seen): number {
  if (passed !== undefined && passed !== seen.passed) return Math.abs(passed - seen.passed);
  if (tests === undefined || skipped === undefined) return 0;
  return Math.max(0, skipped - seen.skipped - Math.max(0, tests - seen.cases));
}

/** The tests that a suite claims itself, as far as they should be shown. */
function comparable(
  { tests, dialect }: OwnClaims,
  skipped: number | undefined,
  hidden: number,
  reruns: number,
  { cases, skipped: shownSkipped }: Seen,
): number | undefined {
  if (tests === undefined) return undefined;
  if (dialect === "pytest" && tests > cases) return undefined;
  if (dialect === "boost" && tests + shownSkipped === cases && skipped === shownSkipped) {
    return cases;
  }
  const excess = tests - cases;
  return excess > 0 && excess <= hidden ? cases : excess > 0 ? tests - reruns : tests;
}

export function addedClaims(one: Claims, other: Claims): Claims {
  return {
    fewest: one.fewest + other.fewest,
    tests: one.tests + other.tests,
    claimsTests: one.claimsTests || other.claimsTests,
    failed: sum(one.failed, other.failed),
    errored: sum(one.errored, other.errored),
    skipped: sum(one.skipped, other.skipped),
    hidden: sum(one.hidden, other.hidden),
    written: one.written + other.written,
    misplaced: one.misplaced + other.misplaced,
  };
}

export function addSeen(outer: Seen, inner: Seen): void {
  for (const name in inner) outer[name as keyof Seen] += inner[name as keyof Seen];
}

/** The report's claims as a `declared` event, or nothing if it claims nothing. */
export function declaredEvent(claims: Claims, seen: Seen): DeclaredReportEvent | undefined {
  const { fewest, claimsTests, failed, errored, skipped, misplaced } = claims;
  if (!claimsTests && failed === undefined && errored === undefined && misplaced === 0) {
    return undefined;
  }
  const tests = fewest < seen.cases ? fewest : claims.tests;
  return eventOf({
    tests: claimsTests ? tests : undefined,
    passed: misplaced > 0 ? Math.max(0, seen.passed - misplaced) : undefined,
    failed,
    errored,
    skipped,
  });
}
