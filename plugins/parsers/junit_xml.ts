/**
 * JUnit XML in the dialects that tools write. No schema binds them; what is counted follows the
 * elements, never the attributes that sum them up.
 *
 * A `<testcase>` with an `<error>` is errored; else with a `<failure>` failed; else with `<skipped>`
 * skipped; else passed, and flaky when it holds Surefire's `<flakyFailure>` or `<flakyError>`. An
 * `<error>` or `<failure>` directly under a suite is a `suite_error`.
 *
 * @module
 */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { Broken } from "./_broken.ts";
import {
  caseEvent,
  type CaseResult,
  type ResultKind,
  suiteErrorEvent,
  type Surroundings,
} from "./_junit_case.ts";
import {
  addedClaims,
  type Claims,
  declaredEvent,
  joinedClaims,
  ownClaims,
  type Seen,
  unreadableClaim,
} from "./_junit_claims.ts";
import { sourceFiles } from "./_source_file.ts";
import { type Attributes, parseXml, textLimit, type XmlReader } from "./_xml.ts";

/** Reads a JUnit report of any size as a stream; the memory needed does not grow with it. */
export function parse(
  input: ReadableStream<Uint8Array>,
  context: ParseContext,
): AsyncGenerator<ReportEvent | readonly ReportEvent[]> {
  return parseXml(input, context.source, new JunitReader(context));
}

interface Suite extends Surroundings {
  readonly own: Claims;
  inner: Claims;
}

interface Case {
  readonly attributes: Attributes;
  readonly results: CaseResult[];
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

/** In whatever case the name is written: a `<Failure>` that is passed over would be a pass. */
function resultKind(name: string): ResultKind | undefined {
  return results.get(name) ?? results.get(name.toLowerCase());
}

/** Elements that hold what a test printed, which may be anything and of any size. */
const outputs: ReadonlySet<string> = new Set(["system-out", "system-err"]);

class JunitReader implements XmlReader {
  readonly roots = ["testsuites", "testsuite"];
  readonly #context: ParseContext;
  readonly #fileOf: (name: string) => string;
  readonly #suites: Suite[] = [];
  readonly #cases: Case[] = [];
  readonly #open: CaseResult[] = [];
  readonly #seen: Seen = { cases: 0, failing: 0, failed: 0, errored: 0, skipped: 0, reruns: 0 };
  #events: ReportEvent[] = [];
  #claims: Claims = {};
  #unreadable: string | undefined;
  #insidePytest = false;
  #outputs = 0;

  constructor(context: ParseContext) {
    this.#context = context;
    this.#fileOf = sourceFiles(context);
  }

  open(name: string, attributes: Attributes): void {
    if (name === "testcase") {
      this.#cases.push({ attributes, results: [] });
    } else if (name === "testsuite" || name === "testsuites") {
      this.#openSuite(name, attributes);
    } else if (outputs.has(name)) {
      this.#outputs++;
    } else {
      const kind = resultKind(name);
      if (kind) this.#open.push(newResult(kind, attributes));
    }
  }

  close(name: string): void {
    if (name === "testcase") this.#closeCase();
    else if (name === "testsuite" || name === "testsuites") this.#closeSuite();
    else if (outputs.has(name)) this.#outputs--;
    else if (resultKind(name)) this.#closeResult();
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
    const declared = declaredEvent(this.#claims, this.#seen);
    if (declared) this.#events.push(declared);
    if (this.#unreadable) {
      throw new Broken("malformed", `claims ${this.#unreadable}, which is no count`);
    }
  }

  take(): ReportEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #openSuite(name: string, attributes: Attributes): void {
    const outer = this.#suites.at(-1);
    if (!outer) this.#insidePytest = name === "testsuites" && attributes.name === "pytest tests";
    this.#unreadable ??= unreadableClaim(attributes);
    this.#suites.push({
      root: this.#context.root,
      cwd: this.#context.cwd,
      suite: attributes.name || outer?.suite,
      suiteFile: fileName(attributes.file) ?? outer?.suiteFile,
      linesFromZero: attributes.name === "pytest",
      fileOf: this.#fileOf,
      own: ownClaims(attributes, this.#insidePytest),
      inner: {},
    });
  }

  #closeSuite(): void {
    const { own, inner } = this.#suites.pop()!;
    const claims = joinedClaims(own, inner);
    const outer = this.#suites.at(-1);
    if (outer) outer.inner = addedClaims(outer.inner, claims);
    else this.#claims = claims;
  }

  #closeCase(): void {
    const { attributes, results } = this.#cases.pop()!;
    const event = caseEvent(attributes, results, this.#suites.at(-1)!);
    this.#events.push(event);
    this.#count(event.status);
    for (const { kind } of results) if (kind === "flaky" || kind === "rerun") this.#seen.reruns++;
  }

  #count(status: "passed" | "failed" | "errored" | "skipped"): void {
    const seen = this.#seen;
    seen.cases++;
    if (status === "skipped") seen.skipped++;
    if (status !== "failed" && status !== "errored") return;
    seen.failing++;
    seen[status]++;
  }

  #closeResult(): void {
    const result = this.#open.pop()!;
    const holder = this.#cases.at(-1);
    if (holder) return void holder.results.push(result);
    if (result.kind !== "error" && result.kind !== "failure") return;
    this.#events.push(suiteErrorEvent(result, this.#suites.at(-1)!));
    this.#seen.failing++;
    this.#seen[result.kind === "error" ? "errored" : "failed"]++;
  }
}

function newResult(kind: ResultKind, { message, type }: Attributes): CaseResult {
  return { kind, message: message?.slice(0, textLimit), type, body: "" };
}

/** A suite's `file`, if it names one: unittest-xml-reporting writes the bare ending `.py`. */
function fileName(file: string | undefined): string | undefined {
  return file && /[^./\\][^/\\]*\.\w+$/.test(file) ? file : undefined;
}
