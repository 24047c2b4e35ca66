/**
 * Visual Studio test results (`dotnet test --logger trx`): the root `TestRun` of
 * http://microsoft.com/schemas/VisualStudio/TeamTest/2010.
 */

import type { TestReportEvent, TestStatus } from "../../src/plugin.ts";
import { ClaimedCounts } from "./_claimed_counts.ts";
import { DotnetReader, failureFields } from "./_dotnet.ts";
import {
  badAttribute,
  badWord,
  declaredEvent,
  isBad,
  suiteErrorEvent,
  testEvent,
} from "./_events.ts";
import { oneLine } from "./_text_clean.ts";
import { xmlReports } from "./_xml.ts";
import type { Attributes } from "./_xml_scan.ts";

export const parse = xmlReports((context) => new TrxReader(context));

/**
 * The outcomes of the schema's `TestOutcome` known not to be errors. All others (`Error`,
 * `Timeout`, `Aborted`, `NotRunnable`, `Disconnected`, `InProgress`, `Pending`, `Warning`, … and none
 * at all) are errored: a test whose result is unknown did not pass.
 */
const outcomes: ReadonlyMap<string, TestStatus> = new Map([
  ["Passed", "passed"],
  ["Failed", "failed"],
  ["NotExecuted", "skipped"],
  ["Inconclusive", "skipped"],
]);

/** The elements that hold results, each in an element named after the kind of test. */
const holders: ReadonlySet<string | undefined> = new Set(["Results", "InnerResults"]);

/** Outcomes of a whole run that only say whether tests passed or failed. */
const ordinary: ReadonlySet<string> = new Set(["Completed", "Passed", "Failed", "Warning"]);

/**
 * A test's class comes after the results, so events wait for it, up to this many; then they go
 * on without.
 */
const heldLimit = 20_000;

/** Counts of tests whose end is not known or bad, next to `failed`; and of others. */
const errorCounters = [
  ...["error", "timeout", "aborted", "disconnected", "passedButRunAborted"],
  ...["notRunnable", "inProgress", "pending", "warning"],
];
const otherCounters = ["executed", "notExecuted", "completed"];

interface Result {
  readonly attributes: Attributes;
  message: string;
  stackTrace: string;
  /** Its name or an element inside it reports a failure. */
  holdsFailure: boolean;
  /**
   * It contains the trace of an error. A message alone is not one: NUnit's adapter writes that of
   * `Assert.Pass("…")` as an `ErrorInfo`, too.
   */
  holdsTrace: boolean;
  /** Results inside this one (rows of data-driven tests), and those of them that failed. */
  inner: number;
  innerFailing: number;
}

class TrxReader extends DotnetReader {
  readonly roots = ["TestRun"];
  protected readonly texts = new Set(["Message", "StackTrace", "Text"]);
  readonly #open: Result[] = [];
  readonly #classes = new Map<string, string>();
  #held: { readonly event: TestReportEvent; readonly testId: string }[] = [];
  #definition = "";
  #shown = 0;
  #passed = 0;
  #failing = 0;
  /** Data-driven tests whose rows are shown, and those of them that passed. */
  #parents = 0;
  #passedParents = 0;
  /** Results that are no rows, and those of them that passed. */
  #outermost = 0;
  #passedOutermost = 0;
  readonly #counters: Attributes[] = [];
  #outcome = "";
  #runErrors: string[] = [];
  #runInfoFailed = false;
  /** Any of them, whether it says why or not. */
  #runFailed = false;

  opened(name: string, attributes: Attributes): void {
    if (holders.has(this.path.at(-2))) {
      const holdsFailure = badWord.test(name) || badAttribute(attributes) !== undefined;
      const empty = { message: "", stackTrace: "", holdsTrace: false, inner: 0, innerFailing: 0 };
      this.#open.push({ attributes, holdsFailure, ...empty });
      return;
    }
    const result = this.#open.at(-1);
    if (result) {
      result.holdsTrace ||= name === "StackTrace" && this.path.at(-2) === "ErrorInfo";
      result.holdsFailure ||= name !== "ErrorInfo" && badWord.test(name);
    }
    switch (name) {
      case "UnitTest":
        this.#definition = attributes.id ?? "";
        break;
      case "TestMethod":
        this.#classes.set(this.#definition, (attributes.className ?? "").split(",")[0]!.trim());
        break;
      case "ResultSummary":
        this.#outcome = attributes.outcome ?? "";
        break;
      case "Counters":
        this.#counters.push(attributes);
        break;
      case "RunInfo":
        this.#runInfoFailed = !["Passed", "Completed", "Warning"].includes(
          attributes.outcome ?? "",
        );
        this.#runFailed ||= this.#runInfoFailed;
        break;
    }
  }

  closed(name: string): void {
    const parent = this.path.at(-1);
    if (holders.has(parent)) this.#closeResult(this.#open.pop()!);
    const result = parent === "ErrorInfo" ? this.#open.at(-1) : undefined;
    if (result && name === "Message") result.message = this.said;
    if (result && name === "StackTrace") result.stackTrace = this.said;
    if (name === "TestDefinitions") this.#release();
    if (name === "Text" && this.#runInfoFailed && this.#runErrors.length < 100) {
      this.#runErrors.push(this.said);
    }
  }

  finish(): void {
    this.#release();
    this.#tellRunFailures();
    const counts = new ClaimedCounts();
    // One; several claim more than there are.
    for (const counters of this.#counters) this.#declareOf(counters, counts);
    counts.close();
  }

  #declareOf(counters: Attributes, counts: ClaimedCounts): void {
    const read = (name: string) => counts.read(counters, name);
    const [total, passed, failed] = ["total", "passed", "failed"].map(read);
    const errored = errorCounters.reduce((sum, name) => sum + (read(name) ?? 0), 0);
    for (const name of otherCounters) read(name);
    const inconclusive = read("inconclusive") ?? 0;
    const others = this.#shown - this.#passed - this.#failing;
    if (inconclusive > others + this.#parents - this.#passedParents) {
      const message = `the run counts ${inconclusive} inconclusive tests, and shows ${others}`;
      this.emit(suiteErrorEvent({ message }));
    }
    this.emit(declaredEvent({
      tests: comparable(total, this.#shown, this.#parents, this.#outermost),
      passed: comparable(passed, this.#passed, this.#passedParents, this.#passedOutermost),
      failed,
      errored,
    }));
  }

  #closeResult(result: Result): void {
    const said = outcomes.get(result.attributes.outcome ?? "") ?? "errored";
    const contradicts = said !== "failed" &&
      (result.holdsFailure || (said === "passed" && result.holdsTrace));
    const status = contradicts ? "errored" : said;
    const failing = isBad(status);
    const outer = this.#open.at(-1);
    const passed = status === "passed" ? 1 : 0;
    if (!outer) {
      this.#outermost++;
      this.#passedOutermost += passed;
    } else {
      outer.inner++;
      if (failing || result.innerFailing > 0) outer.innerFailing++;
    }
    // The rows of a data-driven test are its results; the whole adds something only if it fails alone.
    if (result.inner > 0 && (!failing || result.innerFailing > 0)) {
      this.#parents++;
      this.#passedParents += passed;
      return;
    }
    this.#shown++;
    this.#passed += passed;
    if (failing) this.#failing++;
    this.#hold(result, status);
  }

  #hold(result: Result, status: TestStatus): void {
    const { testName, testId, outcome, duration } = result.attributes;
    const message = result.message ||
      (status === "errored" ? `outcome ${outcome || "missing"}` : "");
    const event = testEvent({
      status,
      name: testName ?? "",
      durationMs: spanOf(duration),
      ...failureFields(message, result.stackTrace, this.context),
    });
    this.#held.push({ event, testId: testId ?? "" });
    if (this.#held.length > heldLimit) this.#release();
  }

  #release(): void {
    for (const { event, testId } of this.#held) {
      const suite = this.#classes.get(testId);
      const name = event.name.startsWith(`${suite}.`)
        ? event.name.slice(suite!.length + 1)
        : event.name;
      this.emit(suite ? { ...event, name, suite: oneLine(suite) } : event);
    }
    this.#held = [];
  }

  /**
   * What went wrong with the run rather than a test: the host crashed, no test could be found. While
   * tests fail, `RunInfo` only repeats their names.
   */
  #tellRunFailures(): void {
    const outcome = this.#outcome;
    const broken = outcome !== "" && !ordinary.has(outcome);
    const unexplained = this.#failing === 0 && (outcome === "Failed" || this.#runFailed);
    if (!broken && !unexplained) return;
    const said = broken || outcome === "Failed" ? oneLine(outcome, 100) : "an error";
    const errors = this.#runErrors.filter((text) => text.trim() !== "");
    if (errors.length === 0) errors.push(`the run's outcome is ${said}, and no test says why`);
    for (const message of errors) this.emit(suiteErrorEvent({ message }));
  }
}

/** A data-driven test may be counted in addition to its rows, which are what is shown, or instead of them. */
function comparable(
  claimed: number | undefined,
  shown: number,
  parents: number,
  outermost: number,
): number | undefined {
  if (claimed === undefined) return undefined;
  const isExtra = claimed > shown && claimed <= shown + parents;
  return isExtra || claimed === outermost ? shown : claimed;
}

/** Milliseconds of a .NET time span: `[d.]hh:mm:ss[.fffffff]`. */
function spanOf(text: string | undefined): number | undefined {
  const match = /^(?:(\d{1,6})\.)?(\d{1,2}):(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)$/.exec(text ?? "");
  if (!match) return undefined;
  const [, days = "0", hours, minutes, seconds] = match;
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60;
  return Math.round((whole + Number(seconds)) * 1e6) / 1e3;
}
