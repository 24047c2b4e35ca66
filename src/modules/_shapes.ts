/** The shapes of what a plugin module's functions return: nothing beyond them is trusted, wherever it runs. */

import * as v from "valibot";
import { capabilities, dimensions } from "../sandbox/spec.ts";
import { maxFilesBytes } from "../sandbox/wrapped.ts";
import { issueText } from "../text/issues.ts";
import { isTable } from "../text/values.ts";

const text = v.string();
const texts = v.array(text);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const maybe = <T extends v.GenericSchema>(schema: T) => v.exactOptional(schema);

const prepared = v.object({
  command: text,
  cwd: text,
  env: v.record(text, text),
  timeoutMs: v.pipe(v.number(), v.minValue(1)),
  shell: v.pipe(texts, v.minLength(1)),
  wrappers: v.array(v.pipe(texts, v.minLength(1))),
  collectors: v.array(count),
});

const isNone = ({ received }: v.PicklistIssue) => `${received} is not a dimension`;

const collected = v.object({
  metrics: v.record(text, v.pipe(v.number(), v.finite())),
  artifacts: v.record(text, text),
  denials: v.array(v.object({
    dimension: v.picklist(dimensions, isNone),
    subject: maybe(text),
    evidence: text,
    killed: maybe(v.boolean()),
  })),
});

/** Maximum length of a reason, which is shown wherever its dimension is. */
const maxReason = 1000;

/** Maximum length of a probe's message: program output may be long, and its beginning is enough. */
const maxDetail = 4096;

/** Maximum size of a probe's facts as JSON, in bytes. */
const maxFacts = 64 * 1024;

/** Why, by dimension. */
const reasons = v.record(
  v.picklist(capabilities, isNone),
  v.pipe(
    text,
    v.minLength(1, "must say why"),
    v.maxLength(maxReason, `is longer than ${maxReason} characters`),
  ),
);

const facts = v.pipe(
  v.custom<Record<string, unknown>>(isTable, "must be a table"),
  v.check(
    (table) => new TextEncoder().encode(JSON.stringify(table)).length <= maxFacts,
    `has more than ${maxFacts} bytes as JSON`,
  ),
);

/** The result of `probe`. With a misspelt key, a missing guarantee would count as given. */
const probe = v.strictObject({
  works: v.boolean(),
  detail: v.pipe(text, v.transform((detail) => detail.slice(0, maxDetail))),
  missing: maybe(reasons),
  facts: maybe(facts),
});

/** The result of `review`, just as strict. */
const review = v.pipe(
  v.custom(isTable, "must be an object"),
  v.strictObject({ missing: maybe(reasons), caveats: maybe(reasons) }),
);

const bytes = v.pipe(
  text,
  v.maxLength(4 * Math.ceil(maxFilesBytes / 3), "is too large"),
  v.regex(/^[A-Za-z0-9+/]*={0,2}$/, "is not Base64"),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return Uint8Array.from(atob(dataset.value), (each) => each.charCodeAt(0));
    } catch {
      // Base64 of an impossible length.
      addIssue({ message: "is not Base64" });
      return NEVER;
    }
  }),
);

/** A wrapped argv, alone or with files. `wrappedOf` checks that it fits the command. */
const wrapped = v.union([
  texts,
  v.strictObject({ argv: texts, files: maybe(v.record(text, bytes)) }),
], "expected an argv or { argv, files }");

export const returned = {
  /** Sentences; returning nothing means none. */
  validate: v.optional(texts, []),
  prepare: prepared,
  /** The keys and values that were set. */
  store: v.array(v.tuple([text, v.unknown()])),
  probe,
  review,
  wrap: wrapped,
  /** The number of a collector, if any. */
  collector: v.nullish(count, null),
  collect: collected,
  shouldAnnotate: v.boolean(),
  /** Anything: it is not used. */
  annotate: v.unknown(),
};

export type Returned = { [What in keyof typeof returned]: v.InferOutput<typeof returned[What]> };

/** Annotations with the index of their events. */
export const annotations = v.array(v.object({
  event: count,
  annotation: v.object({
    type: v.pipe(text, v.minLength(1)),
    display: v.picklist(["inline", "detail", "hidden"]),
    text: maybe(text),
    data: maybe(v.custom<Record<string, unknown>>(isTable)),
    key: maybe(text),
  }),
}));

const position = { line: maybe(count), column: maybe(count) };

const place = { file: maybe(text), ...position };

const frames = maybe(v.array(v.object({ file: text, ...position, function: maybe(text) })));

const failureFields = { details: maybe(text), frames };

/** Events of a parser, or lists of them. */
export const events = v.array(v.variant("kind", [
  v.object({
    kind: v.literal("test"),
    status: v.picklist(["passed", "failed", "errored", "skipped"]),
    name: text,
    suite: maybe(text),
    ...place,
    durationMs: maybe(v.number()),
    message: maybe(text),
    ...failureFields,
    flaky: maybe(v.boolean()),
    isFile: maybe(v.boolean()),
  }),
  v.object({
    kind: v.literal("diagnostic"),
    severity: v.picklist(["error", "warning", "info"]),
    message: text,
    rule: maybe(text),
    tool: maybe(text),
    ...place,
    endLine: maybe(count),
    endColumn: maybe(count),
    ...failureFields,
  }),
  v.object({
    kind: v.literal("suite_error"),
    message: text,
    name: maybe(text),
    file: maybe(text),
    line: maybe(count),
    ...failureFields,
  }),
  v.object({
    kind: v.literal("declared"),
    tests: maybe(count),
    passed: maybe(count),
    failed: maybe(count),
    errored: maybe(count),
    skipped: maybe(count),
  }),
  v.object({ kind: v.literal("nothing_checked"), message: text }),
  v.object({ kind: v.literal("warning"), message: text }),
  v.object({
    kind: v.literal("broken"),
    reason: v.picklist(["malformed", "truncated", "too_large"]),
    message: text,
    ...position,
  }),
  v.object({ kind: v.literal("end") }),
]));

export const part = v.object({
  stream: v.picklist(["stdout", "stderr"]),
  from: v.nullable(v.pipe(v.number(), v.integer())),
  bytes: v.nullable(count),
});

export const page = v.object({ cursor: count, problems: v.boolean() });

/** Checks what a plugin returned; throws a sentence saying what is wrong with it. */
export function checked<T extends v.GenericSchema>(schema: T, value: unknown): v.InferOutput<T> {
  const { success, issues, output } = v.safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const [issue] = issues;
  const where = v.getDotPath(issue);
  throw new TypeError(
    `returned the wrong shape: ${where === null ? "" : `${where}: `}${issueText(issue)}`,
  );
}
