/**
 * Reports of RSpec's JSON formatter (`rspec --format json`), in a file or on standard output, where
 * deprecations and coverage lines may surround them.
 */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { declaredEvent, suiteErrorEvent, testEvent } from "./_events.ts";
import { framesOf } from "./_frames.ts";
import { jsonReports } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";
import { firstLine } from "./_text_clean.ts";

const opening = /\{\s*(?:"version"\s*:\s*"[^"\n]{0,100}"\s*,\s*)?"(?:seed|messages|examples)"\s*:/;

export const parse = jsonReports(events, opening);

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  const examples = root.list("examples");
  const summary = root.object("summary");
  const tests = summary.count("example_count");
  const failed = summary.count("failure_count");
  const skipped = summary.count("pending_count");
  // RSpec counts everything that did not pass.
  yield declaredEvent({ tests, passed: Math.max(0, tests - failed - skipped), failed, skipped });
  const outside = summary.countIf("errors_outside_of_examples_count") ?? 0;
  yield* errorsOutside(root, outside, context);
  for (const example of examples) yield exampleOf(example, context);
}

/** RSpec reports errors outside examples as a count and, among its other messages, as text. */
function* errorsOutside(root: JsonNode, count: number, context: ParseContext) {
  const messages = Array.from(root.listIf("messages"), (message) => message.string())
    .filter((message) => /^\s*An error occurred/.test(message) || /Failure\/Error:/.test(message));
  for (const message of messages) {
    const file = /An error occurred while loading (\S+?)\.(?=\s|$)/.exec(message)?.[1];
    const frames = framesOf(message, context);
    yield suiteErrorEvent({
      message: causeOf(message),
      file: sourceFile(file, context) ?? frames[0]?.file,
      line: file === undefined ? frames[0]?.line : lineIn(file, message),
      details: message,
      frames,
    });
  }
  if (count > messages.length) {
    const more = messages.length > 0 ? ` in addition to the ${messages.length} listed` : "";
    yield suiteErrorEvent({
      message: `RSpec counts ${count - messages.length} errors outside of examples${more}`,
    });
  }
}

/** `NameError:` and the line after it say more than `An error occurred while loading …`. */
function causeOf(message: string): string {
  const cause = /^\s*([A-Z][\w:]*(?:Error|Exception)\b):?\s*\n?\s*(\S[^\n]*)?$/m.exec(message);
  const first = firstLine(message);
  return cause ? `${first} ${cause[1]}: ${cause[2] ?? ""}`.trim() : first;
}

function lineIn(file: string, message: string): number | undefined {
  const at = message.indexOf(`${file}:`);
  const line = at === -1 ? "" : message.slice(at + file.length + 1, at + file.length + 12);
  return /^\d+/.test(line) ? Number.parseInt(line) : undefined;
}

function exampleOf(example: JsonNode, context: ParseContext): ReportEvent {
  const status = example.word("status", ["passed", "failed", "pending"]);
  const word = status === "passed" && example.has("exception") ? "failed" : status;
  const exception = example.hintObject("exception");
  const name = example.hintText("description") || example.hintText("full_description");
  const raised = exception.hintText("message") ?? "";
  const backtrace = exception.hintTexts("backtrace").join("\n");
  const seconds = example.hintNumber("run_time");
  return testEvent({
    status: word === "pending" ? "skipped" : word,
    name: name || example.text("id"),
    suite: suiteOf(example.hintText("full_description") ?? "", name ?? ""),
    file: sourceFile(example.hintText("file_path"), context),
    line: example.hintNumber("line_number"),
    durationMs: seconds === undefined ? undefined : seconds * 1000,
    message: word === "pending"
      ? example.hintText("pending_message")
      : comparison(raised) || firstLine(raised) || exception.hintText("class"),
    details: word === "failed"
      ? [exception.hintText("class"), raised, backtrace].filter(Boolean).join("\n")
      : undefined,
    frames: word === "failed" ? framesOf(backtrace, context) : undefined,
  });
}

/** The matchers' `expected: 3` and `got: 2` on one line. */
function comparison(raised: string): string | undefined {
  const sides = /^\s*(expected: [^\n]*)\n\s+(got: [^\n]*)/.exec(raised);
  return sides ? `${sides[1]}, ${sides[2]}` : undefined;
}

/** The groups' descriptions: what precedes the example's own in its full description. */
function suiteOf(full: string, own: string): string | undefined {
  return own !== "" && full.endsWith(own) ? full.slice(0, -own.length).trim() : undefined;
}
