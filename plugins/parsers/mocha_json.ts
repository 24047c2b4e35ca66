/**
 * Reports of mocha's `json` reporter, in a file (`--reporter-option output=…`) or on standard output among
 * other text. A test's outcome is the list it is in: `passes`, `failures` or `pending`. Failed hooks are
 * only in `failures`.
 */

import type { ParseContext, ReportEvent, TestStatus } from "../../src/plugin.ts";
import { declaredEvent, isBad, suiteErrorEvent, testEvent } from "./_events.ts";
import { framesOf } from "./_frames.ts";
import { jsonReports } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { sourceFile } from "./_source_file.ts";

const opening = /\{\s*"(?:stats"\s*:\s*\{|tests"\s*:\s*\[\s*\{\s*"title)"/;

export const parse = jsonReports(events, opening);

const isHook = (title: string) => /^"(?:before|after)(?: all| each)" hook/.test(title);

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  const stats = root.object("stats");
  const failed = new TestsByKey(root.list("failures"));
  const pending = new TestsByKey(root.list("pending"));
  const passed = new TestsByKey(root.list("passes"));
  const failuresClaimed = stats.count("failures");
  const hooks: ReportEvent[] = [];
  const tests: ReportEvent[] = [];
  for (const test of root.list("tests")) {
    const key = keyOf(test);
    const failure = failed.take(key);
    const skip = failure ? undefined : pending.take(key);
    const pass = failure ?? skip ? undefined : passed.take(key);
    const status = failure ? "failed" : quietStatus(test, skip, pass);
    tests.push(testOf(failure ?? test, status, context));
  }
  for (const failure of failed.rest()) {
    const isTest = !isHook(failure.text("title"));
    if (isTest) tests.push(testOf(failure, "failed", context));
    else hooks.push(hookError(failure, context));
  }
  // A test that called `done` twice is in both `passes` and `failures`: it has failed.
  const left = [...passed.rest(), ...pending.rest()];
  const odd = left.filter((test) => !failed.hadKey(keyOf(test)));
  const passesClaimed = stats.countIf("passes");
  yield declaredEvent({
    tests: stats.count("tests"),
    passed: passesClaimed && Math.max(0, passesClaimed - (left.length - odd.length)),
    failed: Math.max(0, failuresClaimed - hooks.length),
    skipped: stats.count("pending"),
  });
  yield* hooks;
  yield* tests;
  for (const test of odd) {
    yield suiteErrorEvent({
      message: `"${nameOf(test)}" has an outcome but is not among the tests`,
    });
  }
}

/** A test without an outcome has an error; one that passed or was skipped with an error has failed. */
function quietStatus(test: JsonNode, skip?: JsonNode, pass?: JsonNode): TestStatus {
  const listed = skip ?? pass;
  if (listed === undefined) return "errored";
  const errors = [test, listed].map((each) => each.objectIf("err")?.value ?? {});
  if (errors.some((err) => Object.keys(err).length > 0)) return "failed";
  return skip ? "skipped" : "passed";
}

/** Tests of one list, taken one at a time: several may have the same name. */
class TestsByKey {
  readonly #tests: Map<string, JsonNode[]>;

  constructor(tests: Iterable<JsonNode>) {
    this.#tests = Map.groupBy(tests, keyOf);
  }

  take(key: string): JsonNode | undefined {
    return this.#tests.get(key)?.shift();
  }

  hadKey(key: string): boolean {
    return this.#tests.has(key);
  }

  rest(): readonly JsonNode[] {
    return [...this.#tests.values()].flat();
  }
}

function keyOf(test: JsonNode): string {
  return `${test.hintText("file") ?? ""}\n${nameOf(test)}`;
}

function nameOf(test: JsonNode): string {
  return test.textIf("fullTitle") ?? test.text("title");
}

function hookError(hook: JsonNode, context: ParseContext): ReportEvent {
  const { file, message, details, frames } = failureOf(hook, context);
  const text = `${nameOf(hook)}: ${message ?? "failed"}`;
  return suiteErrorEvent({ message: text, name: hook.text("title"), file, details, frames });
}

function testOf(test: JsonNode, status: TestStatus, context: ParseContext): ReportEvent {
  const full = nameOf(test);
  const title = test.textIf("title") ?? full;
  const { file, message, details, frames } = failureOf(test, context);
  return testEvent({
    status,
    name: title,
    suite: full.endsWith(title) ? full.slice(0, full.length - title.length).trim() : undefined,
    file,
    durationMs: test.hintNumber("duration"),
    message: status === "errored" ? "the report lists no outcome of the test" : message,
    ...isBad(status) ? { details, frames } : {},
    flaky: (test.hintNumber("currentRetry") ?? 0) > 0,
  });
}

function failureOf(test: JsonNode, context: ParseContext) {
  const err = test.hintObject("err");
  const details = err.hintText("stack") ?? err.hintText("message");
  return {
    file: sourceFile(test.hintText("file"), context),
    message: err.hintText("message") ?? details,
    details,
    frames: framesOf(details ?? "", context),
  };
}
