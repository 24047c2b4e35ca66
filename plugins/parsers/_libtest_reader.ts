/**
 * Reads the events of Rust's test harness (`cargo test -- -Z unstable-options --format json`).
 *
 * @module
 */

import type { ParseContext, ReportEvent, TestStatus } from "../../src/plugin.ts";
import { Broken } from "./_broken.ts";
import { suiteErrorEvent, testEvent } from "./_events.ts";
import { framesOf, ownFrame } from "./_frames.ts";
import type { JsonNode } from "./_json_node.ts";

/** The test binary that runs. */
interface Suite {
  readonly planned: number;
  readonly running: Set<string>;
  ended: number;
  passed: number;
  failures: number;
}

const endings: Readonly<Record<string, TestStatus>> = {
  ok: "passed",
  failed: "failed",
  ignored: "skipped",
};

/** Reads libtest's events; throws {@linkcode Broken} when they end inside a suite. */
export class LibtestReader {
  readonly #context: ParseContext;
  #events: ReportEvent[] = [];
  #suite: Suite | undefined;
  /** Whether any suite began. */
  sawSuite = false;

  constructor(context: ParseContext) {
    this.#context = context;
  }

  /** The events since it was called last. */
  take(): readonly ReportEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  read(event: JsonNode): void {
    const type = event.text("type");
    const word = event.text("event");
    if (type === "suite" && word === "started") this.#begin(event.count("test_count"));
    else if (type === "suite") this.#end(event, word);
    else if (type === "test" || type === "bench") this.#test(event, word);
  }

  /** The stream is over: so must be the suite. */
  finish(): void {
    if (!this.#suite) return;
    this.#abandon(this.#suite);
    throw new Broken("truncated", "is cut off: the last test suite did not end");
  }

  #begin(planned: number): void {
    if (this.#suite) this.#fail("a test suite did not end before the next began");
    this.#suite = { planned, running: new Set(), ended: 0, passed: 0, failures: 0 };
    this.sawSuite = true;
  }

  #test(event: JsonNode, word: string): void {
    const suite = this.#suite;
    const name = event.text("name");
    if (!suite) throw new Broken("malformed", `holds the test "${name}" outside of a suite`);
    if (word === "started") suite.running.add(name);
    if (!Object.hasOwn(endings, word)) return;
    suite.running.delete(name);
    suite.ended++;
    const status = endings[word]!;
    if (status === "failed") suite.failures++;
    if (status === "passed") suite.passed++;
    this.#emit(event, name, status);
  }

  #emit(event: JsonNode, name: string, status: TestStatus): void {
    const output = status === "failed" ? event.hintText("stdout") ?? "" : "";
    const frames = framesOf(output, this.#context);
    const place = ownFrame(frames);
    const seconds = event.hintNumber("exec_time");
    const at = name.lastIndexOf("::");
    this.#events.push(testEvent({
      status,
      name: at === -1 ? name : name.slice(at + 2),
      suite: at === -1 ? undefined : name.slice(0, at),
      file: place?.file,
      line: place?.line,
      column: place?.column,
      durationMs: seconds === undefined ? undefined : seconds * 1000,
      message: event.hintText("message") ?? panicMessage(output),
      details: output,
      frames,
    }));
  }

  #end(event: JsonNode, word: string): void {
    const suite = this.#suite;
    if (!suite) throw new Broken("malformed", "ends a test suite that did not begin");
    this.#abandon(suite);
    this.#suite = undefined;
    const claimed = event.countIf("failed") ?? 0;
    const passed = event.sum("passed", "measured") ?? suite.passed;
    if (suite.ended !== suite.planned) {
      this.#fail(`the suite plans ${suite.planned} tests and shows ${suite.ended}`);
    } else if (claimed > suite.failures || (word !== "ok" && suite.failures === 0)) {
      this.#fail(`the suite says ${word}, ${claimed} failed, and shows ${suite.failures} failures`);
    } else if (passed !== suite.passed && suite.failures === 0) {
      this.#fail(`the suite says that ${passed} tests passed and shows ${suite.passed}`);
    }
  }

  /** Tests that were running when their suite ended, or the stream. */
  #abandon(suite: Suite): void {
    for (const name of suite.running) {
      suite.ended++;
      suite.failures++;
      this.#events.push(testEvent({ status: "errored", name, message: "the test did not end" }));
    }
  }

  #fail(message: string): void {
    this.#events.push(suiteErrorEvent({ message, name: "libtest" }));
  }
}

/** Since Rust 1.73 the message stands on the line after `panicked at`, before it in quotes on the same. */
function panicMessage(output: string): string | undefined {
  const panic = /panicked at (?:'([^\n]*)', \S+|\S+:\d+:\d+:\n([^\n]*))/.exec(output);
  return panic?.[1] ?? panic?.[2] ?? (output || undefined);
}
