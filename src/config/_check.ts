/** Checks a document against its schema and reports everything that is wrong with it at once. */

import * as v from "valibot";
import type { UserError } from "../errors.ts";
import { truncate } from "../text/words.ts";
import { didYouMean, nearest } from "../text/did_you_mean.ts";
import { asTable, type Document, documentError } from "./_document.ts";
import type { ConfigSchemaName } from "./json_schema.ts";
import { type KeyPath, keyText } from "../text/positions.ts";

type Schema<T> = v.GenericSchema<unknown, T>;
type Issue = v.BaseIssue<unknown>;

interface Finding {
  readonly path: KeyPath;
  readonly issue: Issue;
}

/**
 * The document's value if it fits the schema; else `undefined`, with `errors` extended. `name` is the name in
 * `assay schema`; `extensionKeys` are extra keys that a runner or command may have.
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
  const found = allFindings(document.value, schema, result.issues);
  // A key that is missing because it is misspelt is one mistake.
  const meant = new Set(found.filter(({ issue }) => isUnknownKey(issue)).map(meantKey));
  const findings = found.filter((each) => !isMissing(each.issue) || !meant.has(keyText(each.path)));
  const general = `assay schema ${name} describes every key`;
  for (const { path, issue } of findings) {
    const { at = path, message, hint = general } = describe(path, issue, extensionKeys);
    errors.push(documentError(document, at, message, hint));
  }
  return undefined;
}

/**
 * Each value with the schema's shape, in its place; `undefined` for each without. Values may still break
 * a rule: good enough for further checks, but not for use.
 */
export function shapedEntries<T>(
  values: readonly unknown[],
  schema: Schema<T>,
): (T | undefined)[] {
  return values.map((value) => {
    const result = v.safeParse(schema, value);
    return result.typed ? result.output : undefined;
  });
}

/**
 * The schema stops at the first unknown key of a table, so unknown keys are removed and the rest is parsed
 * again until none is left.
 */
function allFindings<T>(value: unknown, schema: Schema<T>, issues: readonly Issue[]): Finding[] {
  const copy = structuredClone(value);
  const unknownKeys: Finding[] = [];
  let findings = issues.flatMap((issue) => flatten(issue));
  for (;;) {
    const found = findings.filter(({ issue }) => isUnknownKey(issue));
    if (found.length === 0) return [...unknownKeys, ...onePerKey(findings)];
    unknownKeys.push(...found);
    for (const { path } of found) removeKey(copy, path);
    const again = v.safeParse(schema, copy);
    findings = again.success ? [] : again.issues.flatMap((issue) => flatten(issue));
  }
}

/** A value that is wrong in several ways is reported once; each rule has its own report. */
function onePerKey(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  const [rules, others] = [findings.filter(isRule), findings.filter((each) => !isRule(each))];
  const first = others.filter(({ path }) => seen.size < seen.add(keyText(path)).size);
  return [...first, ...rules.filter(({ path }) => !seen.has(keyText(path)))];
}

function isRule({ issue }: Finding): boolean {
  return issue.type === "raw_check";
}

/** The alternatives of a union that the value was probably meant to be: those where only a part is wrong. */
function flatten(issue: Issue, prefix: KeyPath = []): Finding[] {
  const path = [...prefix, ...(issue.path ?? []).map(({ key }) => key as string | number)];
  const inner = (issue.issues ?? []).filter((each) => (each.path?.length ?? 0) > 0);
  return inner.length > 0 ? inner.flatMap((each) => flatten(each, path)) : [{ path, issue }];
}

function isUnknownKey(issue: Issue): boolean {
  return issue.type === "strict_object" && issue.expected === "never";
}

function isMissing({ type, expected }: Issue): boolean {
  return type === "strict_object" && expected !== "never" && expected !== "Object";
}

/** The message of a table's schema lists the keys it knows: see `table`. */
function meantKey({ path, issue }: Finding): string {
  const meant = nearest(String(path.at(-1)), issue.message.split(" "));
  return meant === undefined ? "" : keyText([...path.slice(0, -1), meant]);
}

function removeKey(root: unknown, path: KeyPath): void {
  let parent = root;
  for (const key of path.slice(0, -1)) parent = (parent as Record<string | number, unknown>)[key];
  delete (parent as Record<string | number, unknown>)[path.at(-1)!];
}

interface Description {
  /** Its key, if that differs from the issue's. */
  readonly at?: KeyPath;
  readonly message: string;
  readonly hint?: string | undefined;
}

function describe(path: KeyPath, issue: Issue, extensionKeys: readonly string[]): Description {
  if (isUnknownKey(issue)) return describeUnknown(path, issue, extensionKeys);
  if (isRule({ path, issue })) {
    const [message, hint] = issue.message.split("\n");
    return { message: `${prefixOf(path)}${message}`, hint };
  }
  const isTable = issue.type === "strict_object";
  if (isMissing(issue)) {
    const owner = path.slice(0, -1);
    return { at: owner, message: `${prefixOf(owner)}missing key "${path.at(-1)}"` };
  }
  const [expected = "", ...why] = isTable ? ["a table"] : issue.message.split("; ");
  const guess = typeof issue.input === "string" ? didYouMean(issue.input, quoted(expected)) : "";
  const message = `${prefixOf(path)}expected ${expected}, found ${show(issue.input)}${
    why.length > 0 ? `; ${why.join("; ")}` : guess
  }`;
  return { message };
}

function describeUnknown(
  path: KeyPath,
  issue: Issue,
  extensionKeys: readonly string[],
): Description {
  const key = String(path.at(-1));
  // A runner, a command, or a change to a runner: `runners[0]`, `commands.test`, `runners.unit`.
  const inEntry = path.length === 3 && (path[0] === "runners" || path[0] === "commands");
  const known = [...new Set([...issue.message.split(" "), ...inEntry ? extensionKeys : []])];
  const guess = didYouMean(key, known);
  const isTable = asTable(issue.path?.at(-1)?.value) !== undefined;
  if (!guess && inEntry && isTable) {
    const hint = "assay plugin add URL, or remove the table";
    return { message: `unknown key "${key}": no plugin claims it`, hint };
  }
  return { message: `unknown key "${key}"${guess || `; known are ${known.join(", ")}`}` };
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
