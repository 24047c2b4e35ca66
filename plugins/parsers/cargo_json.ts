/**
 * The lines of `cargo build|check|clippy|test --message-format=json`
 * (https://doc.rust-lang.org/cargo/reference/external-tools.html), and those of libtest's `--format json`, streamed.
 * Other lines, such as the tests' own output, are passed over.
 *
 * A build is over with `build-finished` and a test binary with the end of its suite: a stream that ends before is
 * truncated. That whole test binaries are missing after the last one cannot be told.
 *
 * @module
 */

import type { ParseContext, ReportEvent, Severity } from "../../src/plugin.ts";
import { Broken, brokenEvent } from "./_broken.ts";
import { diagnosticEvent, suiteErrorEvent } from "./_events.ts";
import { partsOf } from "./_json_lines.ts";
import type { JsonNode } from "./_json_node.ts";
import { LibtestReader } from "./_libtest_reader.ts";
import { linesOf } from "./_lines.ts";
import { sourceFile } from "./_source_file.ts";

const opening = /\{\s*"(?:reason|type|\$message_type)/;
const part = /"(?:reason"\s*:\s*"(?:compiler|build)-|type"\s*:\s*"(?:suite|test|bench)")/;

/** Reads cargo's JSON messages. */
export async function* parse(
  input: ReadableStream<Uint8Array>,
  context: ParseContext,
): AsyncGenerator<ReportEvent | readonly ReportEvent[], void, undefined> {
  const reader = new CargoReader(context);
  let isEmpty = true;
  try {
    for await (const lines of linesOf(input)) {
      for (const line of lines) {
        isEmpty &&= line.text.trim() === "";
        for (const { object, text } of partsOf(line, opening, part)) {
          if (object) reader.read(object);
          else reader.readText(text);
        }
      }
      yield reader.take();
    }
    if (isEmpty) throw new Broken("truncated", "is empty");
    reader.finish();
    yield [...reader.take(), { kind: "end" }];
  } catch (error) {
    yield reader.take();
    yield brokenEvent(error, context.source);
  }
}

class CargoReader {
  readonly #context: ParseContext;
  readonly #tests: LibtestReader;
  #events: ReportEvent[] = [];
  #errors = 0;
  /** Whether a build runs, is over, or was never seen. */
  #build: "none" | "running" | "finished" = "none";

  constructor(context: ParseContext) {
    this.#context = context;
    this.#tests = new LibtestReader(context);
  }

  take(): readonly ReportEvent[] {
    const events = [...this.#events, ...this.#tests.take()];
    this.#events = [];
    return events;
  }

  read(message: JsonNode): void {
    // An event of libtest that does not say which may have told of a failure.
    const isEvent = ["suite", "test", "bench"].includes(String(message.get("type").value));
    if (message.has("type") && (isEvent || message.has("event"))) return this.#tests.read(message);
    if (!message.has("reason")) return;
    const reason = message.text("reason");
    if (reason === "build-finished") return this.#finishBuild(message);
    if (this.#build !== "running") this.#errors = 0;
    this.#build = "running";
    if (reason === "compiler-message") this.#compilerMessage(message.object("message"));
  }

  /** Without `--format json` the tests tell their result as text. */
  readText(text: string): void {
    if (!text.startsWith("test result: FAILED")) return;
    this.#events.push(suiteErrorEvent({ message: text }));
  }

  finish(): void {
    this.#tests.finish();
    if (this.#build === "none" && !this.#tests.sawSuite) {
      throw new Broken("malformed", "holds no message of cargo");
    }
    if (this.#build === "running") {
      throw new Broken("truncated", "is cut off: cargo's build-finished is missing");
    }
  }

  #finishBuild(message: JsonNode): void {
    const success = message.flagIf("success") ?? message.get("success").fail("true or false");
    this.#build = "finished";
    if (success || this.#errors > 0) return;
    this.#events.push(suiteErrorEvent({
      message: "the build failed, and cargo's messages hold no error",
      name: "cargo",
    }));
  }

  #compilerMessage(message: JsonNode): void {
    const severity = severityOf(message.text("level"));
    const text = message.text("message");
    // rustc closes with a count of what it told before, and with advice.
    const isTold = /^aborting due to|^\d+ warnings? emitted|^For more information/.test(text);
    if (severity === undefined || isTold) return;
    if (severity === "error") this.#errors++;
    const spans = [...message.listIf("spans")];
    const span = spans.find((each) => each.get("is_primary").value === true) ?? spans[0];
    const file = span?.hintText("file_name");
    this.#events.push(diagnosticEvent({
      severity,
      message: text,
      rule: message.hintObject("code").hintText("code"),
      tool: "cargo",
      file: file === undefined ? undefined : sourceFile(file, this.#context),
      line: span?.hintNumber("line_start"),
      column: span?.hintNumber("column_start"),
      endLine: span?.hintNumber("line_end"),
      endColumn: span?.hintNumber("column_end"),
      details: message.hintText("rendered"),
    }));
  }
}

/** The severity of rustc's level; what is not known counts as an error. `undefined`: advice. */
function severityOf(level: string): Severity | undefined {
  if (level === "failure-note") return undefined;
  if (level === "warning" || level === "warn") return "warning";
  return level === "note" || level === "help" ? "info" : "error";
}
