/** What one call of an annotator says, checked and held back until the call has ended. */

import { PluginError } from "../errors.ts";
import type { NewAnnotation } from "../plugin.ts";
import type { PutAnnotation } from "../store/types.ts";

/** Annotations of one call. */
const maxCount = 10_000;
/** Bytes of all of them together. */
const maxTotal = 64 * 1024 * 1024;
/** Characters of a type and of a key. */
const maxName = 200;
/** Bytes of a text, and of the data as JSON. */
const maxText = 16 * 1024;
const maxData = 64 * 1024;

const displays: readonly unknown[] = ["inline", "detail", "hidden"];
const encoder = new TextEncoder();

/** Annotations by event and key: the last one counts. Plugins may hand over anything; their types bind nobody. */
export class AnnotationBuffer {
  readonly #call: string;
  readonly #lastEvent: () => number;
  readonly #annotations = new Map<string, PutAnnotation>();
  #total = 0;
  #closed = false;

  /** `call` names the call for people; `lastEvent` is the highest index an event has. */
  constructor(call: string, lastEvent: () => number) {
    this.#call = call;
    this.#lastEvent = lastEvent;
  }

  /**
   * Takes an annotation of an event, by itself or its index.
   *
   * @throws {PluginError} when there is no such event, or when it is no annotation.
   */
  add(event: unknown, annotation: NewAnnotation): void {
    if (this.#closed) throw this.#wrong("its call has ended");
    const index = this.#indexOf(event);
    const put = this.#checked(index, annotation);
    this.#annotations.set(`${index} ${put.key}`, put);
    if (this.#annotations.size > maxCount) throw this.#wrong(`more than ${maxCount} annotations`);
  }

  /** Takes no more, and says what there is. */
  close(): readonly PutAnnotation[] {
    this.#closed = true;
    return [...this.#annotations.values()].slice(0, maxCount);
  }

  #indexOf(event: unknown): number {
    const index = typeof event === "object" && event !== null ? Object(event).index : event;
    if (index === 0) return 0;
    const last = this.#lastEvent();
    if (Number.isInteger(index) && index >= 1 && index <= last) return index;
    throw this.#wrong(`there is no event ${String(index).slice(0, 40)}; there are ${last}`);
  }

  #checked(index: number, annotation: NewAnnotation): PutAnnotation {
    if (typeof annotation !== "object" || annotation === null) {
      throw this.#wrong("an annotation is no object");
    }
    const { type, display, text, data, key = type } = annotation;
    this.#checkName("type", type);
    this.#checkName("key", key);
    if (!displays.includes(display)) {
      throw this.#wrong("an annotation's display is none of inline, detail, hidden");
    }
    return {
      index,
      key: key.toWellFormed(),
      type,
      display,
      ...text === undefined ? {} : { text: this.#checkedText(text) },
      ...data === undefined ? {} : { data: this.#checkedData(data) },
    };
  }

  #checkName(what: string, value: unknown): void {
    if (typeof value === "string" && value !== "" && value.length <= maxName) return;
    throw this.#wrong(`an annotation's ${what} is no text of 1 to ${maxName} characters`);
  }

  #checkedText(text: unknown): string {
    if (typeof text !== "string") throw this.#wrong("an annotation's text is no text");
    this.#count("text", text, maxText);
    return text;
  }

  /** As it will be read again: nothing but JSON, and no longer in the plugin's hands. */
  #checkedData(data: unknown): Record<string, unknown> {
    const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
    const json = isObject ? this.#json(data) : undefined;
    if (json === undefined || !json.startsWith("{")) {
      throw this.#wrong("an annotation's data is no object");
    }
    this.#count("data", json, maxData);
    return JSON.parse(json);
  }

  #json(data: object): string | undefined {
    try {
      return JSON.stringify(data);
    } catch (error) {
      throw this.#wrong(`an annotation's data is no JSON: ${error}`);
    }
  }

  #count(what: string, text: string, limit: number): void {
    // No character takes more than three bytes for each of its code units.
    const bytes = text.length > limit ? text.length : encoder.encode(text).length;
    if (bytes > limit) throw this.#wrong(`an annotation's ${what} is larger than ${limit} bytes`);
    this.#total += bytes;
    if (this.#total > maxTotal) {
      throw this.#wrong(`its annotations are larger than ${maxTotal} bytes`);
    }
  }

  #wrong(why: string): PluginError {
    return new PluginError(`${this.#call}: ${why}`);
  }
}
