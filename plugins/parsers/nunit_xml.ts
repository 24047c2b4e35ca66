/**
 * NUnit's own XML: version 3 (root `test-run`, https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html)
 * and version 2 (root `test-results`).
 *
 * @module
 */

import type {
  DeclaredReportEvent,
  ParseContext,
  ReportEvent,
  SuiteErrorReportEvent,
  TestReportEvent,
  TestStatus,
} from "../../src/plugin.ts";
import { failureText } from "./_dotnet_failure.ts";
import { millisecondsOf } from "./_seconds.ts";
import { firstLine, oneLine } from "./_text_clean.ts";
import { type Attributes, parseXml, textLimit, type XmlReader } from "./_xml.ts";

/** Reads an NUnit report as a stream. */
export function parse(
  input: ReadableStream<Uint8Array>,
  context: ParseContext,
): AsyncGenerator<ReportEvent | readonly ReportEvent[]> {
  return parseXml(input, context.source, new NunitReader(context));
}

/**
 * Results of both versions that are known; any other, and none at all, is errored. A `Warning` is what
 * a test says that went on and did not fail: NUnit itself ends with success.
 */
const statuses: ReadonlyMap<string, TestStatus> = new Map([
  ["Passed", "passed"],
  ["Success", "passed"],
  ["Warning", "passed"],
  ["Failed", "failed"],
  ["Failure", "failed"],
  ["Skipped", "skipped"],
  ["Ignored", "skipped"],
  ["Inconclusive", "skipped"],
]);

/** Labels of version 3 that turn a failure into an error. */
const errorLabels: ReadonlySet<string> = new Set(["Error", "Invalid", "Cancelled"]);

/** A suite or test case that is open. */
interface Node {
  readonly name: string;
  readonly attributes: Attributes;
  message: string;
  stackTrace: string;
  /** Failed test cases and suite errors inside it. */
  failing: number;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

class NunitReader implements XmlReader {
  readonly roots = ["test-run", "test-results"];
  readonly #context: ParseContext;
  readonly #path: string[] = [];
  readonly #nodes: Node[] = [];
  #root: Attributes = {};
  #failing = 0;
  #events: ReportEvent[] = [];
  #text = "";

  constructor(context: ParseContext) {
    this.#context = context;
  }

  open(name: string, attributes: Attributes): void {
    if (this.#path.length === 0) this.#root = attributes;
    this.#path.push(name);
    this.#text = "";
    if (name === "test-suite" || name === "test-case") {
      this.#nodes.push({ name, attributes, message: "", stackTrace: "", failing: 0 });
    }
  }

  close(name: string): void {
    this.#path.pop();
    const node = this.#nodes.at(-1);
    if (node && name === "message" && this.#tells()) node.message = this.#text;
    else if (node && name === "stack-trace" && this.#tells()) node.stackTrace = this.#text;
    else if (node && (name === "test-case" || name === "test-suite")) this.#closeNode(node);
    this.#text = "";
  }

  wantsText(): boolean {
    const name = this.#path.at(-1);
    return name === "message" || name === "stack-trace";
  }

  text(text: string): void {
    this.#text = (this.#text + text).slice(0, textLimit);
  }

  finish(): void {
    if (this.#failing === 0 && failed(this.#root)) {
      const message = `the run's ${resultOf(this.#root)}, and no test says why`;
      this.#events.push({ kind: "suite_error", message });
    }
    const declared = claimsOf(this.#root);
    if (declared) this.#events.push(declared);
  }

  take(): ReportEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** `<assertions>` repeats what `<failure>` says. */
  #tells(): boolean {
    const holder = this.#path.at(-1);
    return holder === "failure" || holder === "reason";
  }

  #closeNode(node: Node): void {
    this.#nodes.pop();
    const event = node.name === "test-case" ? this.#testEvent(node) : this.#suiteError(node);
    if (event) this.#events.push(event);
    const failing = event?.kind === "suite_error" || event?.status === "failed" ||
      event?.status === "errored";
    const outer = this.#nodes.at(-1);
    if (outer) outer.failing += node.failing + (failing ? 1 : 0);
    else this.#failing += node.failing + (failing ? 1 : 0);
  }

  #testEvent(node: Node): TestReportEvent {
    const { name, classname, duration, time } = node.attributes;
    const status = statusOf(node.attributes);
    const event: Writable<TestReportEvent> = {
      kind: "test",
      status,
      name: oneLine(name ?? "") || "(unnamed)",
    };
    const suite = classname || this.#nodes.findLast(({ name }) => name === "test-suite")
      ?.attributes.name;
    if (suite) event.suite = oneLine(suite);
    const durationMs = millisecondsOf(duration ?? time);
    if (durationMs !== undefined) event.durationMs = durationMs;
    const message = node.message || (status === "errored" ? resultOf(node.attributes) : "");
    Object.assign(event, failureText(message, node.stackTrace, this.#context));
    return event;
  }

  /**
   * A suite that failed by itself: its set-up or tear-down, or an assembly that could not be loaded. One
   * that failed because of what is inside it says nothing new, unless nothing inside it failed.
   */
  #suiteError(node: Node): SuiteErrorReportEvent | undefined {
    const { name, site } = node.attributes;
    const byItself = site === "SetUp" || site === "TearDown" || node.failing === 0;
    if (!failed(node.attributes) || !byItself) return undefined;
    const text = failureText(
      node.message || resultOf(node.attributes),
      node.stackTrace,
      this.#context,
    );
    return {
      kind: "suite_error",
      ...text,
      message: text.message ?? "a suite failed",
      ...(name ? { name: oneLine(name) } : {}),
    };
  }
}

function statusOf({ result, label, executed, success }: Attributes): TestStatus {
  if (result !== undefined) {
    const status = statuses.get(result) ?? "errored";
    return status === "failed" && errorLabels.has(label ?? "") ? "errored" : status;
  }
  // Before version 2.5 there was no `result`.
  if (executed === "False") return "skipped";
  return success === "True" ? "passed" : success === "False" ? "failed" : "errored";
}

/** Whether a suite or run says that it failed; one that says nothing does not. */
function failed(attributes: Attributes): boolean {
  if (attributes.result === undefined && attributes.success === undefined) return false;
  return !["passed", "skipped"].includes(statusOf(attributes));
}

function resultOf({ result, label, success }: Attributes): string {
  const said = result ?? (success === undefined ? "missing" : `success="${success}"`);
  return firstLine(`result ${said}${label ? ` (${label})` : ""}`);
}

/** Version 2 counts in `total` what was executed; both count errors and invalid tests apart or not. */
function claimsOf(root: Attributes): DeclaredReportEvent | undefined {
  const tests = count(root.total);
  const failed = count(root.failed ?? root.failures);
  const errored = count(root.errors);
  const skipped = count(root.skipped);
  if (tests === undefined && failed === undefined && errored === undefined) return undefined;
  return {
    kind: "declared",
    ...(tests === undefined ? {} : { tests }),
    ...(failed === undefined ? {} : { failed }),
    ...(errored === undefined ? {} : { errored }),
    ...(skipped === undefined ? {} : { skipped }),
  };
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
