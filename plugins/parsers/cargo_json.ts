/**
 * The lines of `cargo build|check|clippy|test --message-format=json`
 * (https://doc.rust-lang.org/cargo/reference/external-tools.html), and those of libtest's `--format json`, streamed.
 * Other lines, such as the tests' own output, are skipped.
 *
 * A build ends with `build-finished` and a test binary with the end of its suite: a stream that ends earlier is
 * truncated. Whole test binaries missing after the last one cannot be detected.
 */

import type { ParseContext, ReportEvent, Severity, TestStatus } from "../../src/plugin.ts";
import { badWord, Broken, diagnosticEvent, suiteErrorEvent, testEvent } from "./_events.ts";
import { framesOf, ownFrame } from "./_frames.ts";
import { partsOf } from "./_json_lines.ts";
import type { JsonNode } from "./_json_node.ts";
import { type Line, LineReader, lineReports } from "./_lines.ts";
import { sourceFile } from "./_source_file.ts";

const opening = /\{\s*"(?:reason|type|\$message_type)/;
const part = /"(?:reason"\s*:\s*"(?:compiler|build)-|type"\s*:\s*"(?:suite|test|bench)")/;

export const parse = lineReports((context) => new CargoReader(context));

class CargoReader extends LineReader {
  readonly #tests = new LibtestReader(this.context, (event) => this.emit(event));
  /** A failed test in text output whose final summary line is missing. */
  #fallback: string | undefined;
  #errors = 0;
  /** Whether a build runs, is over, or was never seen. */
  #build: "none" | "running" | "finished" = "none";

  read(line: Line): void {
    for (const { object, text } of partsOf(line, opening, part)) {
      if (object) this.#message(object);
      else this.#other(text);
    }
  }

  #message(message: JsonNode): void {
    // A libtest event of unknown kind may have reported a failure.
    const isEvent = ["suite", "test", "bench"].includes(String(message.get("type").value));
    if (message.has("type") && (isEvent || message.has("event"))) return this.#tests.read(message);
    if (!message.has("reason")) return;
    const reason = message.text("reason");
    if (reason === "build-finished") return this.#finishBuild(message);
    if (this.#build !== "running") this.#errors = 0;
    this.#build = "running";
    if (reason === "compiler-message") this.#compilerMessage(message.object("message"));
  }

  /** Without `--format json` the tests report their results as text. */
  #other(text: string): void {
    if (/^test .* \.\.\. FAILED$/.test(text)) this.#fallback ??= text;
    if (!text.startsWith("test result: FAILED")) return;
    this.#fallback = undefined;
    this.emit(suiteErrorEvent({ message: text }));
  }

  finish(): void {
    this.#tests.finish();
    if (this.#fallback !== undefined) this.emit(suiteErrorEvent({ message: this.#fallback }));
    if (this.#build === "none" && !this.#tests.sawSuite) {
      throw new Broken("malformed", "contains no message of cargo");
    }
    if (this.#build === "running") {
      throw new Broken("truncated", "is cut off: cargo's build-finished is missing");
    }
  }

  #finishBuild(message: JsonNode): void {
    const success = message.flagIf("success") ?? message.get("success").fail("true or false");
    this.#build = "finished";
    if (success || this.#errors > 0) return;
    this.emit(suiteErrorEvent({
      message: "the build failed, and cargo's messages hold no error",
      name: "cargo",
    }));
  }

  #compilerMessage(message: JsonNode): void {
    const severity = severityOf(message.text("level"));
    const text = message.text("message");
    // rustc ends with a count of its earlier messages, and with advice.
    const isTold = /^aborting due to|^\d+ warnings? emitted|^For more information/.test(text);
    if (severity === undefined || isTold) return;
    if (severity === "error") this.#errors++;
    const spans = [...message.listIf("spans")];
    const span = spans.find((each) => each.get("is_primary").value === true) ?? spans[0];
    this.emit(diagnosticEvent({
      severity,
      message: text,
      rule: message.hintObject("code").hintText("code"),
      tool: "cargo",
      file: sourceFile(span?.hintText("file_name"), this.context),
      ...span?.range("line_start", "column_start", "line_end", "column_end"),
      details: message.hintText("rendered"),
    }));
  }
}

/** The severity of rustc's level; an unknown one counts as an error. `undefined`: advice. */
function severityOf(level: string): Severity | undefined {
  if (level === "failure-note") return undefined;
  if (level === "warning" || level === "warn") return "warning";
  return level === "note" || level === "help" ? "info" : "error";
}

// Reads the events of Rust's test harness (`cargo test -- -Z unstable-options --format json`).

interface Suite {
  readonly planned: number;
  readonly running: Set<string>;
  ended: number;
  passed: number;
  skipped: number;
  failures: number;
}

const endings: Readonly<Record<string, TestStatus>> = {
  ok: "passed",
  failed: "failed",
  ignored: "skipped",
};

/** Reads libtest's events; throws {@linkcode Broken} when they end inside a suite. */
class LibtestReader {
  readonly #context: ParseContext;
  readonly #emit: (event: ReportEvent) => void;
  #suite: Suite | undefined;
  sawSuite = false;

  constructor(context: ParseContext, emit: (event: ReportEvent) => void) {
    this.#context = context;
    this.#emit = emit;
  }

  read(event: JsonNode): void {
    const type = event.text("type");
    const word = event.text("event");
    if (type === "suite" && word === "started") this.#begin(event.count("test_count"));
    else if (type === "suite") this.#end(event, word);
    else if (type === "test" || type === "bench") this.#test(event, word);
  }

  /** The stream is over: the suite must be, too. */
  finish(): void {
    if (!this.#suite) return;
    this.#abandon(this.#suite);
    throw new Broken("truncated", "is cut off: the last test suite did not end");
  }

  #begin(planned: number): void {
    if (this.#suite) this.#fail("a test suite did not end before the next began");
    this.#suite = { planned, running: new Set(), ended: 0, passed: 0, skipped: 0, failures: 0 };
    this.sawSuite = true;
  }

  #test(event: JsonNode, word: string): void {
    const suite = this.#suite;
    const name = event.text("name");
    if (!suite) throw new Broken("malformed", `contains the test "${name}" outside of a suite`);
    if (word === "started") suite.running.add(name);
    // Slow tests are reported as a timeout and continue.
    const isOdd = badWord.test(word) && word !== "timeout";
    if (!Object.hasOwn(endings, word) && !isOdd) return;
    suite.running.delete(name);
    suite.ended++;
    const status = endings[word] ?? "errored";
    if (status === "passed") suite.passed++;
    else if (status === "skipped") suite.skipped++;
    else suite.failures++;
    this.#emitTest(event, name, status);
  }

  #emitTest(event: JsonNode, name: string, status: TestStatus): void {
    const output = status === "failed" ? event.hintText("stdout") ?? "" : "";
    const frames = framesOf(output, this.#context);
    const place = ownFrame(frames);
    const seconds = event.hintNumber("exec_time");
    const at = name.lastIndexOf("::");
    this.#emit(testEvent({
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
    const skipped = event.countIf("ignored") ?? suite.skipped;
    const isOff = passed !== suite.passed || skipped !== suite.skipped;
    if (suite.ended !== suite.planned) {
      this.#fail(`the suite plans ${suite.planned} tests and shows ${suite.ended}`);
    } else if (claimed > suite.failures || (word !== "ok" && suite.failures === 0)) {
      this.#fail(`the suite says ${word}, ${claimed} failed, and shows ${suite.failures} failures`);
    } else if (isOff && suite.failures === 0) {
      const shown = `${suite.passed} and ${suite.skipped}`;
      this.#fail(`the suite says ${passed} passed, ${skipped} ignored, and shows ${shown}`);
    }
  }

  /** Tests that were running when their suite ended, or the stream. */
  #abandon(suite: Suite): void {
    for (const name of suite.running) {
      suite.ended++;
      suite.failures++;
      this.#emit(testEvent({ status: "errored", name, message: "the test did not end" }));
    }
  }

  #fail(message: string): void {
    this.#emit(suiteErrorEvent({ message, name: "libtest" }));
  }
}

/** Since Rust 1.73 the message is on the line after `panicked at`, before that in quotes on the same. */
function panicMessage(output: string): string | undefined {
  const panic = /panicked at (?:'([^\n]*)', \S+|\S+:\d+:\d+:\n([^\n]*))/.exec(output);
  return panic?.[1] ?? panic?.[2] ?? (output || undefined);
}
