/** From what a module says it brings to a manifest that may be believed as far as its shape goes. */

import * as v from "valibot";
import { UserError, UserErrors } from "../errors.ts";
import type { PluginManifest } from "../plugin_setting.ts";
import type { Runner } from "../plugin.ts";
import { capabilities } from "../sandbox/spec.ts";

const name = v.pipe(
  v.string("must be a text"),
  v.regex(/^[\w.-]{1,100}$/, "must be letters, digits, _, . and -"),
);
const line = v.optional(v.pipe(v.string("must be a text"), v.maxLength(500, "is too long")));
const aFunction = v.literal("function", "must be a function");
const maybeFunction = v.optional(aFunction);
const grant = v.optional(
  v.union([v.boolean(), v.array(v.string())], "must be true, false or a list of texts"),
);

const permissions = v.strictObject({
  read: grant,
  write: grant,
  net: grant,
  env: grant,
  run: grant,
  sys: grant,
  ffi: grant,
}, (issue) => notATable(issue, "must be a table of permissions"));

const part = <T extends v.ObjectEntries>(entries: T) =>
  v.object(entries, (issue) => notATable(issue, "must be an object"));

const list = <T extends v.GenericSchema>(each: T) =>
  v.optional(v.array(each, "must be a list"), []);

const extension = part({
  name,
  configKey: name,
  prepare: aFunction,
  validate: maybeFunction,
  store: maybeFunction,
});

const engine = part({
  name,
  capabilities: v.array(
    v.picklist(capabilities, `must be one of ${capabilities.join(", ")}`),
    "must be a list of dimensions",
  ),
  priority: v.optional(v.number("must be a number")),
  obtain: line,
  wrap: aFunction,
  probe: maybeFunction,
  review: maybeFunction,
  collector: maybeFunction,
});

const annotator = part({
  name,
  description: line,
  eager: v.boolean("must be true or false"),
  shouldAnnotate: aFunction,
  annotate: aFunction,
});

const parser = part({
  format: name,
  description: v.pipe(v.string("must be a text"), v.maxLength(500, "is too long")),
  holds: v.picklist(
    ["tests", "diagnostics", "either", "nothing"],
    "must be tests, diagnostics, either or nothing",
  ),
  parse: aFunction,
});

/** What is in it is the concern of whoever reads runners; here it must be something that has a name. */
const runner = v.looseObject({ id: name }, (issue) => notATable(issue, "must be an object"));

/** What is known of an engine besides what {@linkcode PluginManifest} says of all of them. */
export interface EngineManifest {
  /**
   * Whether it has a `review`. What is not known (a manifest that an older assay kept) counts as yes: a review that
   * is left out would have its capabilities hold for every value.
   */
  readonly reviews?: boolean;
  /** How to get it. */
  readonly obtain?: string;
}

const known = [
  "name",
  "version",
  "description",
  "permissions",
  "extensions",
  "engines",
  "annotators",
  "parsers",
  "runners",
] as const;

const description = v.object({
  keys: v.array(v.picklist(known, (issue) => `${issue.received} is no part of a plugin`)),
  name,
  version: line,
  description: line,
  permissions: v.optional(permissions),
  extensions: list(extension),
  engines: list(engine),
  annotators: list(annotator),
  parsers: list(parser),
  runners: list(runner),
}, "must be an object made with definePlugin({ name: … })");

function notATable(issue: v.StrictObjectIssue | v.ObjectIssue | v.LooseObjectIssue, text: string) {
  if (issue.expected === "never") return "is not known";
  return issue.received === "undefined" ? "is missing" : text;
}

/**
 * Checks the description of a default export.
 *
 * @throws {UserErrors} with all that is wrong.
 */
export function manifestOf(described: unknown, url: string): PluginManifest {
  if (described === "undefined") throw shapeError("there is none", url);
  const parsed = v.safeParse(description, described);
  if (!parsed.success) throw new UserErrors(parsed.issues.map((issue) => wrong(issue, url)));
  const { output } = parsed;
  return {
    ...present({ version: output.version, description: output.description }),
    ...(output.permissions ? { permissions: present(output.permissions) } : {}),
    name: output.name,
    extensions: output.extensions.map(({ name, configKey, validate, store }) => ({
      name,
      configKey,
      validates: validate !== undefined,
      stores: store !== undefined,
    })),
    engines: output.engines.map(engineManifest),
    annotators: output.annotators.map(({ name, description, eager }) => ({
      name,
      eager,
      ...present({ description }),
    })),
    parsers: output.parsers.map(({ format, description, holds }) => ({
      format,
      description,
      holds,
    })),
    runners: output.runners as readonly unknown[] as readonly Runner[],
  };
}

type EngineParts = v.InferOutput<typeof engine>;

function engineManifest(
  { name, capabilities, priority, obtain, probe, review, collector }: EngineParts,
): PluginManifest["engines"][number] & EngineManifest {
  return {
    name,
    capabilities,
    ...present({ priority, obtain }),
    probes: probe !== undefined,
    reviews: review !== undefined,
    collects: collector !== undefined,
  };
}

type Present<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** Optional keys that are there. */
function present<T extends object>(value: T): Present<T> {
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries) as Present<T>;
}

function wrong(issue: v.BaseIssue<unknown>, url: string): UserError {
  const path = issue.path ?? [];
  const place = path[0]?.key === "keys"
    ? ""
    : path.map(({ key }, index) =>
      typeof key === "number" ? `[${key}]` : `${index > 0 ? "." : ""}${String(key)}`
    ).join("");
  const missing = issue.received === "undefined" && issue.kind === "schema";
  const message = missing ? "is missing" : issue.message;
  const subject = place === "" ? "" : `${place} `;
  return shapeError(`${subject}${message}`, url);
}

function shapeError(what: string, url: string): UserError {
  return new UserError(`${url}: default export of the wrong shape: ${what}`, {
    code: "plugin_shape",
    hint: "export default definePlugin({ name: …, … }), with the types of @assay/assay/plugin",
  });
}
