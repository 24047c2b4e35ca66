/**
 * Building blocks of the schemas. Each message says what was expected, as shown to the user:
 * `expected MESSAGE, found …`; the part after a semicolon is put last.
 */

import * as v from "valibot";
import type { KeyPath } from "../text/positions.ts";
import { listed } from "../text/words.ts";
import { globProblem, pathProblem } from "./paths.ts";
import { durationPattern, parseDuration, parseSize, sizePattern } from "./units.ts";

/**
 * A table that rejects unknown keys. Its message lists the known ones, from which
 * `check` guesses what was meant.
 */
export function table<E extends v.ObjectEntries>(entries: E): v.StrictObjectSchema<E, string> {
  return noList(v.strictObject(entries, Object.keys(entries).join(" ")));
}

/** A table with any keys that fit `key`. */
export function keyed<K extends v.GenericSchema<string, string>, V extends v.GenericSchema>(
  key: K,
  value: V,
): v.RecordSchema<K, V, string> {
  return noList(v.record(key, value, "a table"));
}

/** The schema, rejecting lists. To valibot a list is an object too; to a user it is not. */
export function noList<S extends v.GenericSchema>(schema: S): S {
  const run = schema["~run"];
  const listRefused = v.custom((value) => !Array.isArray(value), "a table");
  return Object.assign(schema, {
    "~run": (dataset: v.UnknownDataset, config: v.Config<v.BaseIssue<unknown>>) =>
      Array.isArray(dataset.value)
        ? listRefused["~run"](dataset, config)
        : run.call(schema, dataset, config),
  });
}

/** The schema with a description for the JSON Schema, shown by editors. */
export function about<S extends v.GenericSchema>(schema: S, text: string) {
  return v.pipe(schema, v.description(text));
}

/** An optional key, with a description. */
export function maybe<S extends v.GenericSchema>(schema: S, text: string) {
  return v.exactOptional(about(schema, text));
}

/** What is wrong with a table whose keys are each valid. */
export interface Problem {
  /** In the table. */
  readonly path: KeyPath;
  /** The whole sentence shown. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** The schema with rules that look at several keys, or whose message is not "expected …, found …". */
export function ruled<S extends v.GenericSchema>(
  schema: S,
  rules: (value: v.InferOutput<S>) => readonly Problem[],
) {
  return v.pipe(
    schema,
    v.rawCheck<v.InferOutput<S>>(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const { path, message, hint } of rules(dataset.value)) {
        const items = path.map((key) =>
          ({ type: "unknown", origin: "value", input: null, key, value: null }) as const
        );
        addIssue({
          message: hint === undefined ? message : `${message}\n${hint}`,
          ...(items.length > 0 ? { path: items as [v.IssuePathItem] } : {}),
        });
      }
    }),
  );
}

export const flag = v.boolean("true or false");

/** NUL cannot be in an argument or a path. Not every reader of JSON Schema accepts `\0`. */
// deno-lint-ignore no-control-regex -- it is meant
export const noNul = v.regex<string, string>(/^[^\x00]*$/, "a string without NUL characters");

export const text = v.pipe(
  v.string("a string"),
  v.regex(
    // deno-lint-ignore no-control-regex -- as in `noNul`
    /^[^\x00]*[^\s\x00][^\x00]*$/,
    ({ input }) =>
      input.includes("\x00") ? "a string without NUL characters" : "a non-empty string",
  ),
);

export const texts = v.array(text, "a list of strings");

/** A number within limits; `tooMuch` is the expectation reported if it is above. */
export function between(least: number, most: number, message: string, tooMuch = message) {
  return v.pipe(v.number(message), v.minValue(least, message), v.maxValue(most, tooMuch));
}

const positive = "a positive whole number";

export const count = v.pipe(v.number(positive), v.integer(positive), v.minValue(1, positive));

/** Names what is run: used in references such as `test:12:3` and in file names. */
export const idPattern = /^[A-Za-z_][\w.-]*$/;

const idMessage = "a name of letters, digits, _ . and - that begins with a letter or _";

export const id = v.pipe(v.string(idMessage), v.regex(idPattern, idMessage));

export function oneOf<const T extends readonly string[]>(values: T) {
  const names = values.map((value) => JSON.stringify(value));
  return v.picklist(values, `one of ${listed(names, "or")}`);
}

/** A text matching the pattern, or a number; `parse` converts it. */
function measure<N extends v.GenericSchema<number, number>>(
  pattern: RegExp,
  number: N,
  parse: (value: string | number) => number | undefined,
  message: string,
) {
  const isRight = v.check<string | number, string>((value) => parse(value) !== undefined, message);
  return v.pipe(
    v.union([v.pipe(v.string(), v.regex(pattern, message)), number], message),
    isRight,
  );
}

const durationMessage = 'a time such as "5m" or "1h30m", or a positive number of seconds';

export const duration = measure(
  durationPattern,
  v.pipe(v.number(), v.gtValue(0, durationMessage)),
  parseDuration,
  durationMessage,
);

const sizeMessage = 'a size such as "64MiB", or a positive number of bytes';

export const size = measure(
  sizePattern,
  v.pipe(v.number(), v.minValue(1, sizeMessage)),
  parseSize,
  sizeMessage,
);

/** A check of a text; its message says why it fails. */
export function without(problem: (text: string) => string | undefined, what: string) {
  return v.check<string, (issue: v.CheckIssue<string>) => string>(
    (value) => problem(value) === undefined,
    ({ input }) => `${what}; ${problem(input)}`,
  );
}

function inProject(what: string, problem: (text: string) => string | undefined) {
  const schema = v.string(`${what} relative to the project root`);
  return v.pipe(schema, without(problem, `${what} inside the project`));
}

export const path = inProject("a path", pathProblem);

export const glob = inProject("a path or glob", globProblem);

/** A glob of `files`: one that begins with `!` leaves out. */
export const filesGlob = inProject("a path or glob", (text) => globProblem(text.replace(/^!/, "")));

export const schemaKey = maybe(v.string("a string"), "Address of this JSON Schema, for editors.");
