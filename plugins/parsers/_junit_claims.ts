/**
 * The counts a JUnit report claims for itself, made comparable with the test cases it shows.
 *
 * @module
 */

import type { DeclaredReportEvent } from "../../src/plugin.ts";
import { truncateText } from "./_text_clean.ts";
import type { Attributes } from "./_xml.ts";

/** What one suite claims; a field is absent when neither it nor a suite inside it claims it. */
export interface Claims {
  readonly tests?: number | undefined;
  readonly failed?: number | undefined;
  readonly errored?: number | undefined;
  readonly skipped?: number | undefined;
}

/** What the test cases of the report were found to be. */
export interface Seen {
  /** Cases of any outcome. */
  cases: number;
  /** Failed or errored cases, and errors directly under a suite. */
  failing: number;
  failed: number;
  errored: number;
  skipped: number;
  /** Runs of one test before its last, that Surefire shows inside the test case. */
  reruns: number;
}

/** The claims in a suite's own attributes. */
export function ownClaims(attributes: Attributes, insidePytest: boolean): Claims {
  const { skipped, skip, skips, ignored, disabled } = attributes;
  return {
    tests: countsOther(attributes, insidePytest) ? undefined : count(attributes.tests),
    failed: count(attributes.failures),
    errored: count(attributes.errors),
    skipped: sum(count(skipped ?? skip ?? skips ?? ignored), count(disabled)),
  };
}

/** The claim of a suite that is no count, as it is written: nobody knows what it hides. */
export function unreadableClaim(attributes: Attributes): string | undefined {
  const name = ["tests", "failures", "errors"].find((name) => {
    const text = attributes[name]?.trim();
    return text && count(text) === undefined;
  });
  return name && `${name}="${truncateText(attributes[name]!, 40)}"`;
}

/**
 * Whether `tests` counts something that is not shown as a test case: Catch2 (known by its host name
 * "tbd") and doctest count assertions, pytest from version 9 on counts passed subtests.
 */
function countsOther(attributes: Attributes, insidePytest: boolean): boolean {
  return attributes.hostname === "tbd" || attributes.doctest_version !== undefined ||
    (insidePytest && attributes.name === "pytest");
}

/**
 * A suite's claims with those of the suites inside it. The outer ones hold, because they are what the
 * tool says of the whole; but a failure claimed anywhere is not unclaimed by a sum that leaves it out.
 */
export function joinedClaims(own: Claims, inner: Claims): Claims {
  return {
    tests: own.tests ?? inner.tests,
    failed: most(own.failed, inner.failed),
    errored: most(own.errored, inner.errored),
    skipped: own.skipped ?? inner.skipped,
  };
}

/** The claims of two suites side by side. */
export function addedClaims(one: Claims, other: Claims): Claims {
  return {
    tests: sum(one.tests, other.tests),
    failed: sum(one.failed, other.failed),
    errored: sum(one.errored, other.errored),
    skipped: sum(one.skipped, other.skipped),
  };
}

/**
 * The report's claims as a `declared` event, or nothing when it claims nothing. Two honest ways of
 * counting are undone, so that what is left over is missing or contradicted:
 *
 * - Surefire with reruns counts every run of a test (`tests="3" failures="2"` for one flaky test). When
 *   the failures claimed are exactly the failing cases and the reruns shown, both are taken off.
 * - Some tools count skipped tests and do not show them. When the tests not shown are no more than the
 *   skipped ones claimed and not shown, they are taken off.
 */
export function declaredEvent(claims: Claims, seen: Seen): DeclaredReportEvent | undefined {
  const { tests, failed, errored, skipped } = withoutHidden(withoutReruns(claims, seen), seen);
  if (tests === undefined && failed === undefined && errored === undefined) return undefined;
  return {
    kind: "declared",
    ...(tests === undefined ? {} : { tests }),
    ...(failed === undefined ? {} : { failed }),
    ...(errored === undefined ? {} : { errored }),
    ...(skipped === undefined ? {} : { skipped }),
  };
}

function withoutHidden(claims: Claims, seen: Seen): Claims {
  const missing = (claims.tests ?? 0) - seen.cases;
  const hidden = (claims.skipped ?? 0) - seen.skipped;
  // Where nothing is shown at all, the claims are all there is to tell.
  return seen.cases > 0 && missing > 0 && missing <= hidden
    ? { ...claims, tests: seen.cases }
    : claims;
}

function withoutReruns(claims: Claims, seen: Seen): Claims {
  const failing = (claims.failed ?? 0) + (claims.errored ?? 0);
  if (seen.reruns === 0 || failing !== seen.failing + seen.reruns) return claims;
  const tests = claims.tests === undefined ? undefined : claims.tests - seen.reruns;
  return { ...claims, tests, failed: seen.failed, errored: seen.errored };
}

function count(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^\s*(\d[\d,]{0,14})(?:\.0+)?\s*$/.exec(text);
  return match ? Number(match[1]!.replaceAll(",", "")) : undefined;
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
}

function most(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : Math.max(one ?? 0, other ?? 0);
}
