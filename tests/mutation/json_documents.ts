/** Finds the JSON documents in what a tool printed, noise of others before and after them included. */

import { must } from "./objection.ts";

/** What belongs to a format: `true` when a value may be one of its documents. */
export type Recognise = (value: unknown) => boolean;

/**
 * All documents of a text, which begin as `opening` has it, each in one or two readings: where a key comes twice, the last one counts (as
 * `JSON.parse` has it), and in the second reading the first one.
 */
export function documentsIn(text: string, opening: RegExp, recognise: Recognise): unknown[] {
  const found: unknown[] = [];
  let rest = text.replace(/^\uFEFF/, "");
  while (true) {
    const next = nextDocument(rest, opening, recognise, found.length > 0);
    if (next === undefined) break;
    found.push(...next.readings);
    rest = next.rest;
  }
  must(found.length > 0, "unreadable", "no document");
  return found;
}

function nextDocument(text: string, opening: RegExp, recognise: Recognise, isLater: boolean) {
  for (const { index } of text.matchAll(/^[ \t\r]*[{[]/gm)) {
    const from = index + text.slice(index).search(/[{[]/);
    const end = endOf(text, from);
    const value = end === undefined ? undefined : parsed(text.slice(from, end));
    if (value !== undefined && recognise(value)) return document(text, from, end!);
    // Before the report others may print what they like, but no document that breaks off.
    const looksLikeJson = isLater || value === undefined && opening.test(text.slice(from));
    must(
      !looksLikeJson,
      "unreadable",
      isLater ? "a second document, unreadable" : "not well formed",
    );
  }
  if (isLater) return undefined;
  for (const { index } of text.matchAll(/[{[]/g)) {
    const end = endOf(text, index);
    const value = end === undefined ? undefined : parsed(text.slice(index, end));
    if (value !== undefined && recognise(value)) return document(text, index, end!);
  }
  return undefined;
}

function document(text: string, from: number, end: number) {
  const json = text.slice(from, end);
  const other = withFirstKeys(json);
  const readings = [JSON.parse(json), ...(other.hasTwice ? [other.value] : [])];
  return { readings, rest: text.slice(end) };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Where the bracket at `from` is closed. */
function endOf(text: string, from: number): number | undefined {
  let depth = 0;
  const token = /"(?:[^"\\\n]|\\.)*"|[{}[\]]/g;
  token.lastIndex = from;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === "{" || match[0] === "[") depth++;
    else if (match[0] === "}" || match[0] === "]") depth--;
    if (depth === 0) return token.lastIndex;
  }
  return undefined;
}

/** A document that is known to be well formed, read so that the first of two equal keys counts. */
function withFirstKeys(json: string): { readonly value: unknown; readonly hasTwice: boolean } {
  const tokens = json.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g) ?? [];
  let at = 0;
  let hasTwice = false;
  const value = (): unknown => {
    const token = tokens[at++]!;
    if (token !== "{" && token !== "[") return JSON.parse(token);
    const closing = token === "{" ? "}" : "]";
    const object: Record<string, unknown> = {};
    const array: unknown[] = [];
    while (tokens[at] !== closing) {
      if (tokens[at] === ",") at++;
      if (token === "[") array.push(value());
      else {
        const key: string = JSON.parse(tokens[at]!);
        at += 2;
        const inside = value();
        if (Object.hasOwn(object, key)) hasTwice = true;
        else Object.defineProperty(object, key, { value: inside, enumerable: true });
      }
    }
    at++;
    return token === "{" ? object : array;
  };
  return { value: value(), hasTwice };
}
