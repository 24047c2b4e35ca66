/**
 * `assay.report/1`: the small shape for tools that have no report format. One definition for types,
 * validation and the JSON Schema in `generic_json_schema.ts`.
 */

import * as v from "valibot";

const text = (description: string) => v.pipe(v.string(), v.description(description));
const from1 = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(1), v.description(description));
const count = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));

const name = v.pipe(v.string(), v.minLength(1), v.description("The test's name."));
const message = v.pipe(v.string(), v.description("One line: what is wrong."));
const file = v.optional(text("Relative to where the command ran, or absolute."));
const line = v.optional(from1("Counts from 1."));
const column = v.optional(from1("Counts from 1."));
const details = v.optional(text("The whole text: diff, stack trace."));

const test = v.strictObject({
  name,
  status: v.picklist(["passed", "failed", "errored", "skipped"]),
  suite: v.optional(text("The suite, class or module the test belongs to.")),
  file,
  line,
  column,
  duration_ms: v.optional(
    v.pipe(v.number(), v.minValue(0), v.description("Milliseconds.")),
  ),
  message: v.optional(message),
  details,
  flaky: v.optional(v.pipe(
    v.boolean(),
    v.description("Passed in the end after it had failed. Only with status passed."),
  )),
});

const diagnostic = v.strictObject({
  severity: v.picklist(["error", "warning", "info"]),
  message,
  file,
  line,
  column,
  rule: v.optional(text("The rule that was broken.")),
  tool: v.optional(text("The tool that speaks.")),
});

const error = v.strictObject({ message, name: v.optional(v.string()), file, line, details });

const summary = v.strictObject({
  tests: count("How many tests there are. More than are listed: the report does not pass."),
  passed: count("How many of them passed."),
  failed: count("How many of them failed."),
  errored: count("How many of them had an error."),
  skipped: count("How many of them were skipped."),
});

export const reportSchema = v.strictObject({
  $schema: v.optional(v.string()),
  schema: v.literal("assay.report/1"),
  tests: v.optional(v.pipe(v.array(test), v.description("One entry a test."))),
  diagnostics: v.optional(
    v.pipe(v.array(diagnostic), v.description("What a linter or compiler says of a place.")),
  ),
  errors: v.optional(
    v.pipe(v.array(error), v.description("Errors outside any test. One is enough not to pass.")),
  ),
  summary: v.optional(summary),
});

export type Report = v.InferOutput<typeof reportSchema>;
