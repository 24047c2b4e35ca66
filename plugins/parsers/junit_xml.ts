/**
 * JUnit XML in the dialects that tools write. No schema is binding; what is counted follows the
 * elements, never the attributes that sum them up.
 *
 * A `<testcase>` with an `<error>` is errored; else with a `<failure>` failed; else with `<skipped>`
 * skipped; else passed, and flaky when it holds Surefire's `<flakyFailure>` or `<flakyError>`. An
 * `<error>` or `<failure>` directly under a suite is a `suite_error`.
 */

import type { TestStatus } from "../../src/plugin.ts";
import { ClaimedCounts } from "./_claimed_counts.ts";
import { badAttribute, badWord, isBad } from "./_events.ts";
import {
  caseEvent,
  type CaseResult,
  outsideEvent,
  type ResultKind,
  type Surroundings,
  wordOf,
} from "./_junit_case.ts";
import {
  addedClaims,
  addSeen,
  type Claims,
  declaredEvent,
  isClaim,
  noClaims,
  type OwnClaims,
  ownClaims,
  Seen,
  suiteClaims,
} from "./_junit_claims.ts";
import { sourceFiles } from "./_source_file.ts";
import { textLimit, XmlReader, xmlReports } from "./_xml.ts";
import type { Attributes } from "./_xml_scan.ts";

/** Reads a JUnit report of any size as a stream; the memory needed does not grow with it. */
export const parse = xmlReports((context) => new JunitReader(context));

interface Suite extends Surroundings {
  /** An attribute that reports a failure. */
  bad: string | undefined;
  readonly own: OwnClaims;
  /** What the suites directly inside it claim. */
  inner: Claims;
  readonly seen: Seen;
  readonly direct: { cases: number; suites: number };
}

interface Case {
  readonly attributes: Attributes;
  readonly results: CaseResult[];
  /** How many suites are open around it. */
  readonly depth: number;
}

const results: ReadonlyMap<string, ResultKind> = new Map([
  ["error", "error"],
  ["failure", "failure"],
  ["skipped", "skipped"],
  ["flakyfailure", "flaky"],
  ["flakyerror", "flaky"],
  ["rerunfailure", "rerun"],
  ["rerunerror", "rerun"],
]);

/** Elements that make up a report; any other is checked for what its name says. */
const frame: ReadonlySet<string> = new Set(["testsuites", "testsuite", "testcase"]);

/** The usual spelling, from any case: an ignored `<TestCase>` may have failed. */
function frameName(name: string): string {
  if (frame.has(name)) return name;
  const lower = name.toLowerCase();
  return frame.has(lower) ? lower : name;
}

/** In any case: an ignored `<Failure>` would be a pass. */
function knownKind(name: string): ResultKind | undefined {
  return results.get(name) ?? results.get(name.toLowerCase());
}

/** For elements that no known dialect has. */
function badKind(name: string): ResultKind | undefined {
  if (!badWord.test(name)) return undefined;
  return /fail/i.test(name) ? "failure" : "error";
}

/** node:test's text for a suite that did not end; Ginkgo's for a suite that failed. */
function mentionsTrouble(name: string, { name: of, value }: Attributes): boolean {
  return name === "undefined" ||
    (name === "property" && of === "SuiteSucceeded" && value === "false");
}

/** Elements with a test's output, which may be anything and of any size. */
const outputs: ReadonlySet<string> = new Set(["system-out", "system-err"]);

class JunitReader extends XmlReader {
  readonly roots = ["testsuites", "testsuite"];
  readonly #fileOf = sourceFiles(this.context);
  readonly #suites: Suite[] = [];
  readonly #cases: Case[] = [];
  readonly #open: CaseResult[] = [];
  readonly #counts = new ClaimedCounts();
  #insidePytest = false;
  #outputs = 0;
  /** Open elements inside a result whose names only sound like one: `<failure><errorDetails>`. */
  #parts = 0;

  open(written: string, attributes: Attributes): void {
    const name = frameName(written);
    if (name === "testcase") {
      this.#cases.push({ attributes, results: [], depth: this.#suites.length });
    } else if (name === "testsuite" || name === "testsuites") {
      this.#openSuite(name, attributes);
    } else if (outputs.has(name)) {
      this.#outputs++;
    } else if (mentionsTrouble(name, attributes) && this.#suites.length > 0) {
      const named = attributes.name ? `name="${attributes.name}"` : "";
      this.#suites.at(-1)!.bad ??= `<${name} ${named}>`;
    } else {
      const known = knownKind(name);
      const kind = known ?? badKind(name);
      if (!known && kind && this.#open.length > 0) this.#parts++;
      else if (kind) {
        const message = attributes.message?.slice(0, textLimit);
        this.#open.push({ kind, message, type: attributes.type, body: "" });
      }
    }
  }

  close(written: string): void {
    const name = frameName(written);
    if (name === "testcase") this.#closeCase();
    else if (name === "testsuite" || name === "testsuites") this.#closeSuite();
    else if (outputs.has(name)) this.#outputs--;
    else if (knownKind(name)) this.#closeResult();
    else if (badKind(name)) {
      if (this.#parts > 0) this.#parts--;
      else this.#closeResult();
    }
  }

  wantsText(): boolean {
    return this.#open.length > 0 && this.#outputs === 0;
  }

  text(text: string): void {
    const result = this.#open.at(-1)!;
    const room = textLimit - result.body.length;
    if (room > 0) result.body += text.length > room ? text.slice(0, room) : text;
  }

  finish(): void {
    this.#counts.close();
  }

  #openSuite(name: string, attributes: Attributes): void {
    const outer = this.#suites.at(-1);
    const word = wordOf(attributes);
    if (!outer) this.#insidePytest = name === "testsuites" && attributes.name === "pytest tests";
    this.#suites.push({
      root: this.context.root,
      cwd: this.context.cwd,
      suite: attributes.name || outer?.suite,
      suiteFile: fileName(attributes.file) ?? outer?.suiteFile,
      isPytest: attributes.name === "pytest",
      fileOf: this.#fileOf,
      bad: word && isBad(word.status) ? word.said : badAttribute(attributes, isClaim),
      own: ownClaims(attributes, this.#counts, this.#insidePytest),
      inner: noClaims,
      seen: new Seen(),
      direct: { cases: 0, suites: 0 },
    });
  }

  #closeSuite(): void {
    const suite = this.#suites.at(-1)!;
    const { own, inner, seen, direct, bad } = suite;
    if (seen.failing === 0 && bad) {
      const message = `the suite says ${bad}, and no test says why`;
      this.#addSuiteError({ kind: "error", message, type: undefined, body: "" });
    }
    this.#suites.pop();
    const claims = suiteClaims(own, inner, seen, direct);
    const outer = this.#suites.at(-1);
    if (outer) {
      outer.inner = addedClaims(outer.inner, claims);
      outer.direct.suites++;
      addSeen(outer.seen, seen);
    } else {
      const declared = declaredEvent(claims, seen);
      if (declared) this.emit(declared);
    }
  }

  #closeCase(): void {
    const { attributes, results } = this.#cases.pop()!;
    const suite = this.#suites.at(-1)!;
    const event = caseEvent(attributes, results, suite);
    this.emit(event);
    suite.direct.cases++;
    suite.seen.cases++;
    this.#count(event.status);
    for (const { kind } of results) {
      if (kind === "flaky" || kind === "rerun") suite.seen.reruns++;
      if (kind === "failure" && event.status === "skipped") suite.seen.todos++;
    }
  }

  #count(status: TestStatus): void {
    const { seen } = this.#suites.at(-1)!;
    if (status === "passed" || status === "skipped") seen[status]++;
    if (!isBad(status)) return;
    seen.failing++;
    seen[status]++;
  }

  #closeResult(): void {
    const result = this.#open.pop()!;
    const holder = this.#cases.at(-1);
    if (holder?.depth === this.#suites.length) holder.results.push(result);
    else if (!["skipped", "flaky"].includes(result.kind)) this.#addSuiteError(result);
  }

  #addSuiteError(result: CaseResult): void {
    this.emit(outsideEvent(result, this.#suites.at(-1)!));
    this.#count(result.kind === "error" ? "errored" : "failed");
  }
}

/** A suite's `file`, if it names one: unittest-xml-reporting writes just the extension `.py`. */
function fileName(file: string | undefined): string | undefined {
  return file && /[^./\\][^/\\]*\.\w+$/.test(file) ? file : undefined;
}
