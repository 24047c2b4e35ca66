/** Checks a document against its schema and says everything that is wrong with it at once. */

import * as v from "valibot";
import type { UserError } from "../errors.ts";
import { truncate } from "../text/words.ts";
import { didYouMean, type Known } from "../text/did_you_mean.ts";
import { asTable, type Document, documentError } from "./_document.ts";
import type { ConfigSchemaName } from "./json_schema.ts";
import { type KeyPath, keyText } from "../text/positions.ts";
import { pathProblem } from "./paths.ts";
import { checkPlaceholders, usedPlaceholders } from "./placeholders.ts";
import type { CommandDef } from "./types.ts";

type Schema<T> = v.GenericSchema<unknown, T>;
type Issue = v.BaseIssue<unknown>;

/** One thing that is wrong, with its whole path. */
interface Problem {
  readonly path: KeyPath;
  readonly issue: Issue;
}

/**
 * The document's value when it fits the schema; else `undefined`, and `errors` has grown. `name` is what
 * `assay schema` calls it; `extensionKeys` are keys that a runner or command may hold besides.
 */
export function check<T>(
  document: Document,
  schema: Schema<T>,
  name: ConfigSchemaName,
  errors: UserError[],
  extensionKeys: readonly string[] = [],
): T | undefined {
  const result = v.safeParse(schema, document.value);
  if (result.success) return result.output;
  const problems = allProblems(document.value, schema, result.issues);
  const general = `assay schema ${name} prints every key and what it may hold`;
  for (const { path, issue } of problems) {
    const { at, message, hint = general } = describe(path, issue, extensionKeys);
    errors.push(documentError(document, at, message, hint));
  }
  return undefined;
}

/** Each value that fits the schema, in its place; `undefined` for each that does not. */
export function validEntries<T>(
  values: readonly unknown[],
  schema: Schema<T>,
): (T | undefined)[] {
  return values.map((value) => {
    const result = v.safeParse(schema, value);
    return result.success ? result.output : undefined;
  });
}

/**
 * The schema stops at the first unknown key of a table: what is unknown is taken out and the rest read
 * again, until every one was seen.
 */
function allProblems<T>(value: unknown, schema: Schema<T>, issues: readonly Issue[]): Problem[] {
  const copy = structuredClone(value);
  const unknownKeys: Problem[] = [];
  let problems = issues.flatMap((issue) => flatten(issue));
  for (;;) {
    const found = problems.filter(({ issue }) => isUnknownKey(issue));
    if (found.length === 0) return [...unknownKeys, ...onePerKey(problems)];
    unknownKeys.push(...found);
    for (const { path } of found) removeKey(copy, path);
    const again = v.safeParse(schema, copy);
    problems = again.success ? [] : again.issues.flatMap((issue) => flatten(issue));
  }
}

/** A value that breaks several rules is told of once. */
function onePerKey(problems: readonly Problem[]): Problem[] {
  const first = new Map(problems.toReversed().map((each) => [keyText(each.path), each]));
  return [...first.values()].reverse();
}

/** Of the alternatives of a union, those that the value was meant to be: where a part of it is wrong. */
function flatten(issue: Issue, prefix: KeyPath = []): Problem[] {
  const path = [...prefix, ...(issue.path ?? []).map(({ key }) => key as string | number)];
  const inner = (issue.issues ?? []).filter((each) => (each.path?.length ?? 0) > 0);
  return inner.length > 0 ? inner.flatMap((each) => flatten(each, path)) : [{ path, issue }];
}

function isUnknownKey(issue: Issue): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

function removeKey(root: unknown, path: KeyPath): void {
  let parent = root;
  for (const key of path.slice(0, -1)) parent = (parent as Record<string | number, unknown>)[key];
  delete (parent as Record<string | number, unknown>)[path.at(-1)!];
}

/** What is told of a problem, and the key it stands at. */
interface Description {
  readonly at: KeyPath;
  readonly message: string;
  readonly hint?: string;
}

function describe(path: KeyPath, issue: Issue, extensionKeys: readonly string[]): Description {
  if (isUnknownKey(issue)) return describeUnknown(path, issue, extensionKeys);
  const isTable = issue.type === "strict_object";
  if (isTable && issue.expected !== "Object") {
    const owner = path.slice(0, -1);
    return { at: owner, message: `${prefixOf(owner)}missing key "${path.at(-1)}"` };
  }
  const [expected = "", why] = isTable ? ["a table"] : issue.message.split("; ");
  const guess = typeof issue.input === "string" ? didYouMean(issue.input, quoted(expected)) : "";
  const message = `${prefixOf(path)}expected ${expected}, found ${show(issue.input)}${
    why ? `; ${why}` : guess
  }`;
  return { at: path, message };
}

function describeUnknown(
  path: KeyPath,
  issue: Issue,
  extensionKeys: readonly string[],
): Description {
  const key = String(path.at(-1));
  const inEntry = mayHoldExtensions(path.slice(0, -1));
  // The message of a table's schema is the list of the keys it knows: see `table`.
  const known = [...new Set([...issue.message.split(" "), ...inEntry ? extensionKeys : []])];
  const guess = didYouMean(key, known);
  const message = `unknown key "${key}"${guess || `; known are ${known.join(", ")}`}`;
  return guess || !inEntry || !isTableAt(issue) ? { at: path, message } : {
    at: path,
    message,
    hint: `no installed extension has the key "${key}": assay plugin add URL, or remove the table`,
  };
}

/** A runner, a command, or a change to a runner: `runners[0]`, `commands.test`, `runners.unit`. */
function mayHoldExtensions(path: KeyPath): boolean {
  return path.length === 2 && (path[0] === "runners" || path[0] === "commands");
}

function isTableAt(issue: Issue): boolean {
  return asTable(issue.path?.at(-1)?.value) !== undefined;
}

function prefixOf(path: KeyPath): string {
  return path.length === 0 ? "" : `${keyText(path)}: `;
}

/** The words in quotes of `one of "build", "test" or "lint"`. */
function quoted(expected: string): string[] {
  const [, choices = ""] = expected.split("one of ");
  return [...choices.matchAll(/"([^"]*)"/g)].map(([, word]) => word!);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (value instanceof Date) return "a date";
  if (typeof value === "object" && value !== null) return "a table";
  if (typeof value !== "string") return String(value);
  return JSON.stringify(truncate(value, 60));
}

// What a schema cannot say of a runner or command: formats that exist, placeholders that mean something.

/** Adds to `errors` what is wrong with the definition that stands at `path`. */
export function checkDefinition(
  document: Document,
  path: KeyPath,
  def: CommandDef,
  { formats }: Known,
  errors: UserError[],
): void {
  const add = (key: string, message: string) => {
    const full = [...path, key];
    errors.push(documentError(document, full, `${keyText(full)}: ${message}`));
  };
  const commandKey = commandKeyOf(def);
  for (const message of checkPlaceholders(def.command)) add(commandKey, message);
  for (const message of checkPlaceholders(def.resultFile ?? "")) add("result_file", message);
  if (def.resultFile === undefined && usedPlaceholders(def.command).includes("result_file")) {
    add(commandKey, "{{result_file}} stands for nothing: there is no result_file");
  }
  if (usedPlaceholders(def.resultFile ?? "").includes("result_file")) {
    add("result_file", "{{result_file}} cannot stand in itself");
  }
  const usesFiles = usedPlaceholders(def.command).includes("files");
  if (usesFiles && def.files === undefined) {
    add(commandKey, "{{files}} stands for nothing: there are no globs in `files`");
  }
  if (/["']\{\{\s*files\s*\}\}|\{\{\s*files\s*\}\}["']/.test(def.command)) {
    add(
      commandKey,
      "{{files}} must not stand in quotes: each file is a word that is quoted already",
    );
  }
  if (usedPlaceholders(def.resultFile ?? "").includes("files")) {
    add("result_file", "{{files}} can stand in the command alone");
  }
  // In dialect "plugins" the report's path comes from an argument, which no schema looks into.
  const escape = def.resultFile === undefined ? undefined : pathProblem(def.resultFile);
  if (escape) add("args", `the report ${JSON.stringify(def.resultFile)} is refused: ${escape}`);
  if (!formats.includes(def.resultFormat)) {
    const guess = didYouMean(def.resultFormat, formats) ||
      `; known are ${formats.join(", ")}`;
    const key = def.source === "command" ? "format" : "result_format";
    add(key, `unknown format "${def.resultFormat}"${guess}`);
  }
}

function commandKeyOf({ source, defaults }: CommandDef): string {
  if (source === "runner") return "command";
  return defaults === undefined ? "cmd" : "tpl";
}
