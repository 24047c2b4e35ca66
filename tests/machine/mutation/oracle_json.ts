/** The independent readers of what test runners write as one JSON document: `JSON.parse` and a count a format. */

import { Ajv } from "ajv";
import { documentsIn } from "./json_documents.ts";
import { isObject, type Json, type JsonReader, list, object } from "./json_shape.ts";
import { countOf, must, Tally } from "./objection.ts";
import { lintReaders } from "./oracle_lint.ts";

/** Objects to what cannot be a pass in a document of one of the JSON formats. */
export function readJson(format: string, kind: "test" | "lint", bytes: Uint8Array): void {
  const { keys, read, isLint } = (readers[format] ?? lintReaders[format])!;
  const recognise = (value: unknown) =>
    Array.isArray(value)
      ? keys.length === 0 || format === "shellcheck-json"
      : isObject(value) && keys.some((key) => key in value);
  const opening = keys.length === 0 ? /^\[\s*[{\]]/ : /^\{\s*["}]/;
  const tally = new Tally();
  for (const document of documentsIn(new TextDecoder().decode(bytes), opening, recognise)) {
    read(document, tally);
  }
  if (!isLint && !(kind === "lint" && format === "generic-json")) tally.mustHavePassed();
  if (isLint) must(tally.passed > 0, "nothing", "nothing was looked at");
}

/** Claimed counts against what was seen: each a count, and the same. */
function same(claims: Json, seen: Readonly<Record<string, number>>): void {
  for (const [name, shown] of Object.entries(seen)) {
    if (claims[name] === undefined) continue;
    const claim = countOf(claims[name], name);
    must(claim <= shown, "contradiction", `fewer than declared: ${name}`);
    must(claim >= shown, "contradiction", `more than declared: ${name}`);
  }
}

/** Adds a test by its word; any word that is in neither list is not a pass. */
function add(word: unknown, pass: string, skip: string, tally: Tally): void {
  if (pass.split(" ").includes(word as string)) tally.passed++;
  else {
    must(skip.split(" ").includes(word as string), "failed", "a status is not a pass");
    tally.skipped++;
  }
}

function withTally(tally: Tally, read: (own: Tally) => void): void {
  const own = new Tally();
  read(own);
  tally.passed += own.passed;
  tally.skipped += own.skipped;
}

const ajv = new Ajv({ strict: false });
const schemaText = Deno.readTextFileSync(
  new URL("../../../docs/schemas/generic-json.json", import.meta.url),
);
const isGeneric = ajv.compile(JSON.parse(schemaText));

function readGeneric(value: unknown, tally: Tally): void {
  const document = object(value, "the document");
  if (document["reportFormat"] !== undefined || document["results"] !== undefined) {
    return readCtrf(document, tally);
  }
  must(isGeneric(document), "unreadable", "not as the schema has it");
  must(list(document["errors"] ?? [], "errors").length === 0, "failed", "errors");
  const tests = list(document["tests"] ?? [], "tests");
  for (const { severity } of list(document["diagnostics"] ?? [], "diagnostics")) {
    must(severity !== "error", "failed", "a diagnostic is an error");
  }
  withTally(tally, (own) => {
    for (const { status } of tests) add(status, "passed", "skipped", own);
    const summary = object(document["summary"] ?? {}, "summary");
    same(summary, {
      tests: tests.length,
      passed: own.passed,
      failed: 0,
      errored: 0,
      skipped: own.skipped,
    });
  });
}

function readCtrf(document: Json, tally: Tally): void {
  must((document["reportFormat"] ?? "CTRF") === "CTRF", "unreadable", "another reportFormat");
  const results = object(document["results"], "results");
  const summary = object(results["summary"], "summary");
  const tests = list(results["tests"], "tests");
  withTally(tally, (own) => {
    for (const { status } of tests) add(status, "passed", "skipped pending", own);
    const pending = tests.filter(({ status }) => status === "pending").length;
    const counts = { failed: 0, other: 0, pending, skipped: own.skipped - pending };
    same(summary, { tests: tests.length, passed: own.passed, ...counts });
  });
}

function readPytest(value: unknown, tally: Tally): void {
  const report = object(value, "the document");
  const summary = object(report["summary"], "summary");
  must((report["exitcode"] ?? 0) === 0, "failed", "exitcode is not 0");
  const tests = list(report["tests"] ?? [], "tests");
  for (const { outcome } of list(report["collectors"] ?? [], "collectors")) {
    must(outcome === "passed" || outcome === "skipped", "failed", "a collector did not pass");
  }
  const seen: Record<string, number> = {
    passed: 0,
    failed: 0,
    error: 0,
    skipped: 0,
    xfailed: 0,
    xpassed: 0,
  };
  withTally(tally, (own) => {
    for (const test of tests) {
      add(test["outcome"], "passed xpassed", "skipped xfailed", own);
      seen[test["outcome"] as string]!++;
      for (const stage of ["setup", "call", "teardown"]) {
        if (test[stage] === undefined) continue;
        const { outcome } = object(test[stage], stage);
        // A failed call is what an xfailed test has in some versions.
        const isExpected = test["outcome"] === "xfailed" && stage === "call";
        const words = ["passed", "skipped", ...(isExpected ? ["failed", "xfailed"] : [])];
        must(
          [undefined, ...words].includes(outcome as string),
          "contradiction",
          "a stage did not pass",
        );
      }
    }
  });
  same(summary, { ...seen, total: tests.length });
  if (summary["collected"] !== undefined) {
    const deselected = summary["deselected"] === undefined
      ? 0
      : countOf(summary["deselected"], "deselected");
    const shown = [tests.length, tests.length + deselected];
    const collected = countOf(summary["collected"], "collected");
    must(shown.includes(collected), "contradiction", "collected is not what was seen");
  }
}

function readRspec(value: unknown, tally: Tally): void {
  const report = object(value, "the document");
  const summary = object(report["summary"], "summary");
  const outside = summary["errors_outside_of_examples_count"] ?? 0;
  must(
    countOf(outside, "errors_outside_of_examples_count") === 0,
    "failed",
    "errors outside of examples",
  );
  const examples = list(report["examples"], "examples");
  withTally(tally, (own) => {
    for (const { status, exception } of examples) {
      must(status !== "passed" || exception == null, "contradiction", "passed with an exception");
      add(status, "passed", "pending", own);
    }
    same(summary, { example_count: examples.length, failure_count: 0, pending_count: own.skipped });
  });
}

function readJest(value: unknown, tally: Tally): void {
  const report = object(value, "the document");
  must((report["success"] ?? true) === true, "failed", "success is not true");
  must(report["wasInterrupted"] !== true, "failed", "it was interrupted");
  withTally(tally, (own) => {
    for (const file of list(report["testResults"], "testResults")) {
      const words = ["passed", "skipped", "pending", "focused", "todo"];
      must(words.includes(file["status"] as string), "failed", "a file's status is not a pass");
      for (const { status } of list(file["assertionResults"], "assertionResults")) {
        add(status, "passed", "pending skipped todo disabled", own);
      }
    }
    for (const name of ["numFailedTests", "numFailedTestSuites", "numRuntimeErrorTestSuites"]) {
      must(countOf(report[name] ?? 0, name) === 0, "failed", `it says ${name}`);
    }
    same(report, { numTotalTests: own.passed + own.skipped, numPassedTests: own.passed });
    const unrun = ["numPendingTests", "numTodoTests"].map((name) =>
      countOf(report[name] ?? 0, name)
    );
    const isClaimed = report["numPendingTests"] !== undefined &&
      report["numTodoTests"] !== undefined;
    must(
      !isClaimed || unrun[0]! + unrun[1]! === own.skipped,
      "contradiction",
      "pending and todo are not what was seen",
    );
  });
}

function readMocha(value: unknown, tally: Tally): void {
  const report = object(value, "the document");
  const stats = object(report["stats"], "stats");
  const [tests, passes, pending, failures] = ["tests", "passes", "pending", "failures"]
    .map((name) => list(report[name], name)) as [
      readonly Json[],
      readonly Json[],
      readonly Json[],
      readonly Json[],
    ];
  must(failures.length === 0, "failed", "failures");
  for (const { err } of [...passes, ...pending]) {
    must(
      !isObject(err) || Object.keys(err).length === 0,
      "contradiction",
      "passed with an error",
    );
  }
  same(stats, { tests: tests.length, passes: passes.length, pending: pending.length, failures: 0 });
  const outcomes = passes.length + pending.length;
  must(tests.length <= outcomes, "contradiction", "a test without an outcome");
  must(tests.length >= outcomes, "contradiction", "an outcome without a test");
  tally.passed += passes.length;
  tally.skipped += pending.length;
}

const readers: Readonly<Record<string, JsonReader>> = {
  "generic-json": { keys: ["schema", "reportFormat", "results", "tests"], read: readGeneric },
  "pytest-json-report": { keys: ["exitcode", "summary", "tests", "collectors"], read: readPytest },
  "rspec-json": { keys: ["examples", "summary", "summary_line"], read: readRspec },
  "jest-json": { keys: ["testResults", "numTotalTests"], read: readJest },
  "mocha-json": { keys: ["stats", "tests", "passes", "failures"], read: readMocha },
};
