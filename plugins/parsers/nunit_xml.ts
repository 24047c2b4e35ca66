/**
 * NUnit's own XML: version 3 (root `test-run`, https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html)
 * and version 2 (root `test-results`).
 */

import type { SuiteErrorReportEvent, TestReportEvent, TestStatus } from "../../src/plugin.ts";
import { ClaimedCounts, most } from "./_claimed_counts.ts";
import { DotnetReader, failureFields } from "./_dotnet.ts";
import {
  badAttribute,
  badWord,
  declaredEvent,
  isBad,
  millisecondsOf,
  suiteErrorEvent,
  testEvent,
} from "./_events.ts";
import { firstLine } from "./_text_clean.ts";
import { xmlReports } from "./_xml.ts";
import type { Attributes } from "./_xml_scan.ts";

export const parse = xmlReports((context) => new NunitReader(context));

/**
 * Known results of both versions; any other or missing one is errored. A `Warning` comes from a test
 * that continued, and proves nothing either way: NUnit ends with success, and its test adapter calls it skipped.
 */
const statuses: ReadonlyMap<string, TestStatus> = new Map([
  ["Passed", "passed"],
  ["Success", "passed"],
  ["Warning", "skipped"],
  ["Failed", "failed"],
  ["Failure", "failed"],
  ["Skipped", "skipped"],
  ["Ignored", "skipped"],
  ["Inconclusive", "skipped"],
]);

/** Labels of version 3 that turn a failure into an error. */
const errorLabels: ReadonlySet<string> = new Set(["Error", "Invalid", "Cancelled"]);

interface Node {
  readonly name: string;
  readonly attributes: Attributes;
  message: string;
  stackTrace: string;
  /** A test case contains a failure, whatever its result says. */
  holdsFailure: boolean;
  readonly inside: Inside;
}

/** What is inside a suite or run, and what its suites claim to contain. */
class Inside {
  /** Failed test cases and suite errors. */
  failing = 0;
  cases = 0;
  passed = 0;
  /** The fewest and the most tests claimed: suites may contradict each other. */
  fewest = 0;
  most = 0;
  /** Failed tests that are claimed. */
  failed = 0;
  /** Passed tests that are claimed but not shown, or shown but not claimed. */
  misplaced = 0;
}

/** The possible results of a single assertion in a test that passed, if it has one. */
const mayPass = new Set(["Passed", "Warning", "Inconclusive", undefined]);

class NunitReader extends DotnetReader {
  readonly roots = ["test-run", "test-results"];
  protected readonly texts = new Set(["message", "stack-trace"]);
  readonly #nodes: Node[] = [];
  readonly #counts = new ClaimedCounts();
  readonly #all = new Inside();
  #root: Attributes = {};
  /** An element outside any suite whose name reports a failure. */
  #outside = "";

  opened(name: string, attributes: Attributes): void {
    if (this.path.length === 1) this.#root = attributes;
    if (name === "test-suite" || name === "test-case") {
      const holdsFailure = name === "test-case" && badAttribute(attributes) !== undefined;
      const empty = { message: "", stackTrace: "", holdsFailure };
      this.#nodes.push({ name, attributes, ...empty, inside: new Inside() });
    } else if (badWord.test(name) || (name === "assertion" && !mayPass.has(attributes.result))) {
      const node = this.#nodes.at(-1);
      if (node) node.holdsFailure = true;
      else this.#outside ||= name;
    }
  }

  closed(name: string): void {
    const node = this.#nodes.at(-1);
    if (!node) return;
    // `<assertions>` repeats what `<failure>` says.
    const tells = ["failure", "reason"].includes(this.path.at(-1) ?? "");
    if (name === "message" && tells) node.message = this.said;
    else if (name === "stack-trace" && tells) node.stackTrace = this.said;
    else if (name === "test-case" || name === "test-suite") this.#closeNode(node);
  }

  finish(): void {
    if (this.#all.failing === 0 && (this.#outside || failed(this.#root))) {
      const said = this.#outside
        ? `report holds <${this.#outside}>`
        : `run's ${resultOf(this.#root)}`;
      this.emit(suiteErrorEvent({ message: `the ${said}, and no test says why` }));
    }
    this.#declare();
    this.#counts.close();
  }

  #declare(): void {
    const { cases, passed, misplaced, ...all } = this.#all;
    const claims = this.#claimsOf(this.#root, cases);
    const fewest = Math.min(all.fewest, claims.tests ?? Infinity);
    const tests = fewest < cases ? fewest : Math.max(all.most, claims.tests ?? 0);
    const declared = {
      ...claims,
      tests: tests === cases ? claims.tests : tests,
      passed: misplaced > 0 ? passed + misplaced : claims.passed,
      failed: most(claims.failed, all.failed || undefined),
    };
    if (Object.values(declared).some((each) => each !== undefined)) {
      this.emit(declaredEvent(declared));
    }
  }

  /** Version 2 counts executed tests in `total`; both may count errors and invalid tests separately. */
  #claimsOf(attributes: Attributes, cases: number) {
    const read = (name: string) => this.#counts.read(attributes, name);
    const [total, notRun, passed] = ["total", "not-run", "passed"].map(read);
    const others = ["failed", "skipped", "warnings", "inconclusive"].map((name) => read(name) ?? 0);
    for (const name of ["testcasecount", "ignored", "invalid"]) read(name);
    const tests = total === undefined || total === cases ? total : total + (notRun ?? 0);
    // Version 3 gives the outcome of each test.
    const parts = passed === undefined ? 0 : others.reduce((sum, each) => sum + each, passed);
    return {
      tests: tests === cases ? Math.max(cases, parts) : tests,
      passed,
      failed: most(read("failed"), read("failures")),
      errored: read("errors"),
      skipped: read("skipped"),
    };
  }

  #closeNode(node: Node): void {
    this.#nodes.pop();
    const event = node.name === "test-case" ? this.#testEvent(node) : this.#suiteError(node);
    if (event) this.emit(event);
    const { inside } = node;
    if (event?.kind === "suite_error") inside.failing++;
    else if (event) {
      inside.cases = inside.fewest = inside.most = 1;
      if (event.status === "passed") inside.passed++;
      if (isBad(event.status)) inside.failing++;
    }
    if (node.name === "test-suite") {
      const { tests, passed, failed } = this.#claimsOf(node.attributes, inside.cases);
      inside.misplaced += Math.abs((passed ?? inside.passed) - inside.passed);
      inside.fewest = Math.min(inside.fewest, tests ?? Infinity);
      inside.most = Math.max(inside.most, tests ?? 0);
      inside.failed = Math.max(inside.failed, failed ?? 0);
    }
    const outer = this.#nodes.at(-1)?.inside ?? this.#all;
    for (const name in inside) outer[name as keyof Inside] += inside[name as keyof Inside];
  }

  #testEvent({ attributes, message, stackTrace, holdsFailure }: Node): TestReportEvent {
    const { name = "", classname, duration, time } = attributes;
    const status = statusOf(attributes, holdsFailure);
    const suite = this.#nodes.findLast(({ name }) => name === "test-suite")?.attributes.name;
    const said = message || (status === "errored" ? resultOf(attributes) : "");
    return testEvent({
      status,
      name,
      suite: classname || suite,
      durationMs: millisecondsOf(duration ?? time),
      ...failureFields(said, stackTrace, this.context),
    });
  }

  /**
   * A suite that failed by itself: its set-up or tear-down, or an assembly that could not be loaded. One
   * that failed because of what is inside it says nothing new, unless nothing inside it failed.
   */
  #suiteError(
    { attributes, message, stackTrace, ...node }: Node,
  ): SuiteErrorReportEvent | undefined {
    const { name, site } = attributes;
    const byItself = site === "SetUp" || site === "TearDown" || node.inside.failing === 0;
    if (!(failed(attributes) || node.holdsFailure) || !byItself) return undefined;
    const said = message || resultOf(attributes);
    const fields = failureFields(said, stackTrace, this.context);
    return suiteErrorEvent({ message: said, ...fields, name });
  }
}

function statusOf(
  { result, label, executed, success, runstate }: Attributes,
  holdsFailure = false,
): TestStatus {
  // Before version 2.5 there was no `result`.
  const old = executed === "False" ? "skipped" : success === "True" ? "passed" : undefined;
  const status = result === undefined
    ? old ?? (success === "False" ? "failed" : "errored")
    : statuses.get(result) ?? "errored";
  if (status === "failed" && errorLabels.has(label ?? "")) return "errored";
  // NUnit fails what it cannot run or was told to stop.
  const broke = holdsFailure || errorLabels.has(label ?? "") || runstate === "NotRunnable";
  const contradicts = (success ?? "True") !== "True" || (executed ?? "True") !== "True";
  const isBad = broke ? status !== "failed" : status === "passed" && contradicts;
  return isBad ? "errored" : status;
}

/** Whether a suite or run says that it failed; one that says nothing does not. */
function failed(attributes: Attributes): boolean {
  if (attributes.result === undefined && attributes.success === undefined) return false;
  return isBad(statusOf(attributes));
}

function resultOf({ result, label, success }: Attributes): string {
  const said = result ?? (success === undefined ? "missing" : `success="${success}"`);
  return firstLine(`result ${said}${label ? ` (${label})` : ""}`);
}
