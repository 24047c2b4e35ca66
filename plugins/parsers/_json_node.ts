/**
 * A parsed JSON value that knows its key path, so that a wrong shape is reported as
 * `results.tests[3].status must be …`.
 */

import { isTable } from "../../src/text/values.ts";
import { JsonError, scanJson } from "../../src/text/json.ts";
import { positionOf } from "../../src/text/positions.ts";
import { Broken } from "./_events.ts";

/**
 * One value of a document. Methods named `…If` take a key that may be absent or `null` (except for counts), but
 * reject a value of the wrong type; those named `hint…` read optional details of an event and treat a
 * wrong type as absent.
 */
export class JsonNode {
  readonly value: unknown;
  readonly #parent: JsonNode | undefined;
  readonly #key: string | number;

  constructor(value: unknown, parent?: JsonNode, key: string | number = "") {
    this.value = value;
    this.#parent = parent;
    this.#key = key;
  }

  /** `results.tests[3]`; empty for the document itself. */
  get path(): string {
    if (this.#parent === undefined) return "";
    const before = this.#parent.path;
    if (typeof this.#key === "number") return `${before}[${this.#key}]`;
    const key = /^[\w$-]+$/.test(this.#key) ? this.#key : JSON.stringify(this.#key.slice(0, 80));
    return before === "" ? key : `${before}.${key}`;
  }

  /** The value violates the format. */
  fail(expected: string): never {
    const path = this.path || "the document";
    const found = this.value === undefined ? "it is missing" : `found ${described(this.value)}`;
    throw new Broken(
      "malformed",
      `is not what its format says: ${path} must be ${expected}, ${found}`,
    );
  }

  get isObject(): boolean {
    return isTable(this.value);
  }

  /** Whether the key is there and not `null`. */
  has(key: string): boolean {
    const value = this.get(key).value;
    return value !== undefined && value !== null;
  }

  /** The value of a key, which may be absent; rejects anything but an object. */
  get(key: string): JsonNode {
    if (!this.isObject) this.fail("an object");
    const value = this.value as Record<string, unknown>;
    return new JsonNode(Object.hasOwn(value, key) ? value[key] : undefined, this, key);
  }

  object(key: string): JsonNode {
    const node = this.get(key);
    return node.isObject ? node : node.fail("an object");
  }

  objectIf(key: string): JsonNode | undefined {
    return this.has(key) ? this.object(key) : undefined;
  }

  *items(): Generator<JsonNode, void, undefined> {
    if (!Array.isArray(this.value)) this.fail("an array");
    const list = this.value as readonly unknown[];
    for (let index = 0; index < list.length; index++) {
      yield new JsonNode(list[index], this, index);
    }
  }

  element(index: number): JsonNode | undefined {
    if (!Array.isArray(this.value) || index >= this.value.length) return undefined;
    return new JsonNode(this.value[index], this, index);
  }

  list(key: string): Generator<JsonNode, void, undefined> {
    return this.get(key).items();
  }

  listIf(key: string): Iterable<JsonNode> {
    return this.has(key) ? this.list(key) : [];
  }

  string(): string {
    return typeof this.value === "string" ? this.value : this.fail("a string");
  }

  text(key: string): string {
    return this.get(key).string();
  }

  textIf(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  /** A number of things: an integer from 0. */
  count(key: string): number {
    const { value } = this.get(key);
    return Number.isSafeInteger(value) && (value as number) >= 0
      ? value as number
      : this.get(key).fail("an integer from 0");
  }

  /** A count that may be absent; `null` is what `NaN` becomes, and not a number. */
  countIf(key: string): number | undefined {
    return this.get(key).value === undefined ? undefined : this.count(key);
  }

  /** The sum of the counts that are there; `undefined` if none is. */
  sum(...keys: readonly string[]): number | undefined {
    const counts = keys.flatMap((key) => this.countIf(key) ?? []);
    return counts.length === 0 ? undefined : counts.reduce((one, other) => one + other);
  }

  flagIf(key: string): boolean | undefined {
    if (!this.has(key)) return undefined;
    const { value } = this.get(key);
    return typeof value === "boolean" ? value : this.get(key).fail("true or false");
  }

  word<Word extends string>(key: string, words: readonly Word[]): Word {
    const { value } = this.get(key);
    const found = words.find((word) => word === value);
    return found ?? this.get(key).fail(`one of ${words.join(", ")}`);
  }

  /** The meaning of one of a few words. */
  mapped<Value>(key: string, values: Readonly<Record<string, Value>>): Value {
    return values[this.word(key, Object.keys(values))]!;
  }

  hintText(key: string): string | undefined {
    const value = this.#hint(key);
    return typeof value === "string" ? value : undefined;
  }

  hintNumber(key: string): number | undefined {
    const value = this.#hint(key);
    return typeof value === "number" ? value : undefined;
  }

  /** A place, by the keys of its numbers. */
  range(line: string, column: string, endLine = "", endColumn = "") {
    return {
      line: this.hintNumber(line),
      column: this.hintNumber(column),
      endLine: this.hintNumber(endLine),
      endColumn: this.hintNumber(endColumn),
    };
  }

  /** The strings of an array, ignoring anything else. */
  hintTexts(key: string): readonly string[] {
    const value = this.#hint(key);
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  }

  /** The object of a key, or an empty one. */
  hintObject(key: string): JsonNode {
    const node = this.isObject ? this.get(key) : this;
    return node.isObject ? node : new JsonNode({}, this, key);
  }

  #hint(key: string): unknown {
    return this.isObject ? this.get(key).value : undefined;
  }
}

function described(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  return `the ${typeof value} ${value}`;
}

/**
 * Checks one JSON value that begins at `start`: duplicate keys or too deep nesting are malformed too.
 *
 * @return the index after it
 * @throws {Broken}
 */
export function scanReport(text: string, start = 0): number {
  try {
    return scanJson(text, start);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const { kind, message, at } = error;
    const place = positionOf(text, at);
    const { line, column } = place;
    const sentence = kind === "truncated"
      ? `is cut off: the JSON ${message} (line ${line})`
      : `is not the JSON it should be: it ${message} (line ${line}, column ${column})`;
    throw new Broken(kind, sentence, place);
  }
}
