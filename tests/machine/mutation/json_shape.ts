/** What the readers of JSON share: objects, lists of them, and what a reader of one format is. */

import { must, type Tally } from "./objection.ts";

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** Reads one document of a format: by what it is recognised, and what speaks against a pass. */
export interface JsonReader {
  /** Keys of which a document has one; none: it is a list. */
  readonly keys: readonly string[];
  readonly read: (document: unknown, tally: Tally) => void;
  /** A linter's: it needs no tests. */
  readonly isLint?: boolean;
}

/** Whether a value is an object. */
export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as a list of objects; objects to anything else. */
export function list(value: unknown, name: string): readonly Json[] {
  must(
    Array.isArray(value) && value.every(isObject),
    "unreadable",
    `${name} is no list of objects`,
  );
  return value;
}

/** The value as an object; objects to anything else. */
export function object(value: unknown, name: string): Json {
  must(isObject(value), "unreadable", `${name} is no object`);
  return value;
}
