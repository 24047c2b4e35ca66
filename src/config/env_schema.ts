/**
 * `env` of a runner or command: the table of the built-in extension `env`. The one definition for
 * validation, types and JSON Schema. The names of variables and the extension's own keys share the
 * table: a key below is the extension's, any other key with a text is a variable.
 */

import * as v from "valibot";
import { keyed, maybe, noList, noNul, path, text, texts } from "./_schema.ts";

const nameMessage = "the name of an environment variable";
// deno-lint-ignore no-control-regex -- NUL is meant
const namePattern = /^[^=\x00]+$/;

const value = v.pipe(v.string("a string"), noNul);

const variables = keyed(v.pipe(v.string(), v.regex(namePattern, nameMessage)), value);

/** Keys of the extension `env` that are not variables. */
const ownEntries = {
  set: maybe(variables, "Variables to set, also those whose names are keys of this table."),
  unset: maybe(texts, "Variables to take away."),
  allow: maybe(texts, "Only these variables are inherited. Default: all."),
  files: maybe(v.array(path, "a list of paths"), "`.env` files to read, relative to the root."),
  virtualenv: maybe(text, "Python virtual environment to activate, such as `.venv`."),
};

const ownKeys = Object.keys(ownEntries).join(", ");

const otherwise = v.pipe(
  v.string(({ input }) =>
    typeof input === "object" ? `a string; only ${ownKeys} hold tables and lists` : "a string"
  ),
  noNul,
);

export const envSchema = v.pipe(
  noList(v.objectWithRest(ownEntries, otherwise, "a table")),
  v.rawCheck(({ dataset, addIssue }) => {
    for (const [key, held] of Object.entries(dataset.value ?? {})) {
      if (namePattern.test(key)) continue;
      const path = { type: "object", origin: "key", input: {}, key, value: held } as const;
      const message = `expected ${nameMessage}, found ${JSON.stringify(key)}`;
      addIssue({ message, input: key, path: [path] });
    }
  }),
);
