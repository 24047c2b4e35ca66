/** What `store` of an extension sets, within the limits that assay itself keeps to. */

import type { ExtensionStore, Json } from "../../plugin.ts";
import { apply, stringify } from "./primordials.ts";

/** Bytes of one value, and of all that one call sets, as JSON in UTF-8. */
const maxValue = 64 * 1024;
const maxTotal = 1024 * 1024;

/** Characters of a key. */
const maxKey = 200;

const { create, entries: entriesOf } = Object;
const encoder = new TextEncoder();
const { encode } = TextEncoder.prototype;

/** A store that keeps what is set until the call has ended well. */
export interface Storing extends ExtensionStore {
  /** What was set, by key. */
  entries(): [string, Json][];
}

/** Makes the store. What is too large is refused before it is copied: a copy could end the whole program. */
export function storing(): Storing {
  const kept: Record<string, { readonly text: string; readonly bytes: number }> = create(null);
  let total = 0;
  return {
    set(key, value) {
      if (typeof key !== "string" || key.length > maxKey) {
        throw new TypeError(`store.set: a key is a text of 1 to ${maxKey} characters`);
      }
      const text = jsonOf(key, value);
      const bytes = apply(encode, encoder, [text]).length;
      if (bytes > maxValue) throw tooLarge(key, `has ${bytes} bytes`);
      const sum = total + bytes - (kept[key]?.bytes ?? 0);
      if (sum > maxTotal) {
        throw new RangeError(`store.set: with "${key}" it is more than ${maxTotal} bytes in all`);
      }
      total = sum;
      kept[key] = { text, bytes };
    },
    entries: () => entriesOf(kept).map(([key, { text }]) => [key, JSON.parse(text)]),
  };
}

/** The value as JSON. Whatever is in it is counted before it is written. */
function jsonOf(key: string, value: Json): string {
  let least = 0;
  const text = stringify(value, (name: string, part: unknown) => {
    least += name.length + (typeof part === "string" ? part.length : 1);
    if (least > maxValue) throw tooLarge(key, `has more than ${maxValue} bytes`);
    return part;
  }) as string | undefined;
  if (text === undefined) throw new TypeError(`store.set: the value of "${key}" is no JSON`);
  return text;
}

function tooLarge(key: string, has: string): RangeError {
  return new RangeError(`store.set: "${key}" ${has} as JSON; at most ${maxValue} are kept`);
}
