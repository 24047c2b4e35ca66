/** Turns what a module says it provides into a manifest whose shape can be relied on. */

import * as v from "valibot";
import { UserError, UserErrors } from "../errors.ts";
import type { PluginManifest } from "../plugin_setting.ts";
import { capabilities } from "../sandbox/spec.ts";
import { issueText } from "../text/issues.ts";
import { grants } from "./lock.ts";

const name = v.pipe(
  v.string("must be a string"),
  v.regex(/^[\w.-]{1,100}$/, "must be letters, digits, _, . and -"),
);
const sentence = v.pipe(v.string("must be a string"), v.maxLength(500, "is too long"));
const line = v.exactOptional(sentence);
const aFunction = v.literal("function", "must be a function");
const maybeFunction = v.optional(aFunction);

const permissions = v.strictObject(
  grants,
  (issue) => notATable(issue, "must be a table of permissions"),
);

const part = <T extends v.ObjectEntries>(entries: T) =>
  v.object(entries, (issue) => notATable(issue, "must be an object"));

const list = <T extends v.GenericSchema>(each: T) =>
  v.optional(v.array(each, "must be a list"), []);

// For functions, the manifest says which ones exist.

const extension = v.pipe(
  part({
    name,
    configKey: name,
    prepare: aFunction,
    validate: maybeFunction,
    store: maybeFunction,
  }),
  v.transform(({ name, configKey, validate, store }) => ({
    name,
    configKey,
    validates: validate !== undefined,
    stores: store !== undefined,
  })),
);

const engine = v.pipe(
  part({
    name,
    capabilities: v.array(
      v.picklist(capabilities, `must be one of ${capabilities.join(", ")}`),
      "must be a list of dimensions",
    ),
    priority: v.exactOptional(v.number("must be a number")),
    obtain: line,
    wrap: aFunction,
    probe: maybeFunction,
    review: maybeFunction,
    collector: maybeFunction,
  }),
  v.transform(({ wrap: _, probe, review, collector, ...plain }) => ({
    ...plain,
    probes: probe !== undefined,
    reviews: review !== undefined,
    collects: collector !== undefined,
  })),
);

const annotator = v.pipe(
  part({
    name,
    description: line,
    eager: v.boolean("must be true or false"),
    shouldAnnotate: aFunction,
    annotate: aFunction,
  }),
  v.transform(({ shouldAnnotate: _, annotate: __, ...plain }) => plain),
);

const parser = v.pipe(
  part({
    format: name,
    description: sentence,
    holds: v.picklist(
      ["tests", "diagnostics", "either", "nothing"],
      "must be tests, diagnostics, either or nothing",
    ),
    parse: aFunction,
  }),
  v.transform(({ parse: _, ...plain }) => plain),
);

/** Its contents are checked where runners are read; here it only needs a name. */
const runner = v.looseObject({ id: name }, (issue) => notATable(issue, "must be an object"));

/** What is known of an engine beyond {@linkcode PluginManifest}. */
export interface EngineManifest {
  /**
   * Whether it has a `review`. Unknown (a manifest kept by an older assay) counts as yes: skipping a review
   * would make its capabilities hold for every value.
   */
  readonly reviews?: boolean;
  readonly obtain?: string;
}

const parts = {
  name,
  version: line,
  description: line,
  permissions: v.exactOptional(permissions),
  extensions: list(extension),
  engines: list(engine),
  annotators: list(annotator),
  parsers: list(parser),
  runners: list(runner),
};

const known = v.picklist(
  Object.keys(parts),
  (issue) => `${issue.received} is not a key of a plugin`,
);

const description = v.object(
  { keys: v.array(known), ...parts },
  "must be an object made with definePlugin({ name: … })",
);

function notATable(issue: v.StrictObjectIssue | v.ObjectIssue | v.LooseObjectIssue, text: string) {
  if (issue.expected === "never") return "is not known";
  return issue.received === "undefined" ? "is missing" : text;
}

/**
 * Checks the description of a default export.
 *
 * @throws {UserErrors} with everything that is wrong.
 */
export function manifestOf(described: unknown, url: string): PluginManifest {
  if (described === "undefined") throw shapeError("it is missing", url);
  const parsed = v.safeParse(description, described);
  if (!parsed.success) throw new UserErrors(parsed.issues.map((issue) => wrong(issue, url)));
  const { keys: _, ...manifest } = parsed.output;
  return manifest as unknown as PluginManifest;
}

function wrong(issue: v.BaseIssue<unknown>, url: string): UserError {
  const path = issue.path ?? [];
  const place = path[0]?.key === "keys"
    ? ""
    : path.map(({ key }, index) =>
      typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${String(key)}`
    ).join("");
  const missing = issue.received === "undefined" && issue.kind === "schema";
  const message = missing ? "is missing" : issueText(issue);
  const subject = place === "" ? "" : `${place} `;
  return shapeError(`${subject}${message}`, url);
}

function shapeError(what: string, url: string): UserError {
  return new UserError(`${url}: the default export is not a plugin: ${what}`, {
    code: "plugin_shape",
    hint: "export default definePlugin({ name: …, … }), with the types of assay/plugin",
  });
}
