/** The shape of a probe's answer: what comes from a plugin or from a file is believed no further. */

import type { JsonObject, Probe } from "../plugin.ts";
import { dimensions } from "./spec.ts";

/** Characters kept of a sentence. */
const maxSentence = 2_000;

/** Characters of `facts` as JSON. */
const maxFacts = 64 * 1024;

/** Levels of `facts`. */
const maxDepth = 64;

/** The probe made of nothing but what was checked, or what is wrong with it. */
export function checkProbe(value: unknown): { readonly probe: Probe } | { readonly wrong: string } {
  if (!isTable(value)) return { wrong: "it returned no object" };
  const { works, detail, missing = {}, facts = {} } = value;
  if (typeof works !== "boolean") return { wrong: "its works is neither true nor false" };
  if (typeof detail !== "string") return { wrong: "its detail is no text" };
  if (!isTable(missing)) return { wrong: "its missing is no object" };
  const wrong = wrongMissing(missing) ?? wrongFacts(facts);
  if (wrong !== undefined) return { wrong };
  const sentences = Object.entries(missing).map(([key, why]) => [key, cut(why as string)]);
  return {
    probe: {
      works,
      detail: cut(detail),
      ...sentences.length === 0 ? {} : { missing: Object.fromEntries(sentences) },
      ...Object.keys(facts as JsonObject).length === 0 ? {} : { facts: facts as JsonObject },
    },
  };
}

/** A key that is misspelt would leave its limit to be called enforced. */
function wrongMissing(missing: Readonly<Record<string, unknown>>): string | undefined {
  for (const [key, why] of Object.entries(missing)) {
    if (!(dimensions as readonly string[]).includes(key)) {
      return `its missing names "${key}", which is no dimension`;
    }
    if (typeof why !== "string") return `its missing gives no reason for "${key}"`;
  }
  return undefined;
}

function wrongFacts(facts: unknown): string | undefined {
  if (!isTable(facts) || !isJson(facts, maxDepth)) return "its facts are no JSON object";
  if (JSON.stringify(facts).length > maxFacts) return "its facts are larger than 64 KiB";
  return undefined;
}

/** Whether a value comes out of JSON as it went in. */
function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (depth === 0) return false;
  if (Array.isArray(value)) return value.every((each) => isJson(each, depth - 1));
  return isTable(value) && Object.values(value).every((each) => isJson(each, depth - 1));
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function cut(text: string): string {
  return text.slice(0, maxSentence);
}
