/** What an engine's `review` returned: of built-in engines and those of modules alike, believed no further. */

import type { Dimension, Review } from "../plugin.ts";
import { isTable } from "../text/values.ts";
import { dimensionNamed } from "./spec.ts";

/** Characters kept of a sentence. */
const maxSentence = 2_000;

/**
 * Checks what `review` returned and copies it. A dimension that is misspelt would leave what the engine cannot give to
 * be called enforced.
 *
 * @throws {TypeError} a sentence that says what is wrong.
 */
export function reviewOf(value: unknown): Review {
  if (!isTable(value)) throw wrong("it is no object");
  const { missing, caveats } = value;
  return {
    ...missing === undefined ? {} : { missing: sentencesOf("missing", missing) },
    ...caveats === undefined ? {} : { caveats: sentencesOf("caveats", caveats) },
  };
}

function sentencesOf(name: string, value: unknown): Partial<Record<Dimension, string>> {
  if (!isTable(value)) throw wrong(`its ${name} is no object`);
  const entries = Object.entries(value).map(([key, why]) => {
    const dimension = dimensionNamed(key);
    if (!dimension) throw wrong(`its ${name} names "${key}", which is no dimension`);
    if (typeof why !== "string") throw wrong(`its ${name} gives no reason for "${key}"`);
    return [dimension, why.slice(0, maxSentence)];
  });
  return Object.fromEntries(entries);
}

function wrong(what: string): TypeError {
  return new TypeError(`review returned what cannot be used: ${what}`);
}
