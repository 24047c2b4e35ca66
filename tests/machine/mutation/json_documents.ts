/** Finds the JSON documents in what a tool printed, noise of others before and after them included. */

import { must } from "./objection.ts";

/** What belongs to a format: `true` when a value may be one of its documents. */
export type Recognise = (value: unknown) => boolean;

/** All documents of a text, which begin as `opening` has it. */
export function documentsIn(text: string, opening: RegExp, recognise: Recognise): unknown[] {
  const found: unknown[] = [];
  let rest = text.replace(/^\uFEFF/, "");
  while (true) {
    const next = nextDocument(rest, opening, recognise, found.length > 0);
    if (next === undefined) break;
    found.push(next.value);
    rest = next.rest;
  }
  must(found.length > 0, "unreadable", "no document");
  return found;
}

function nextDocument(text: string, opening: RegExp, recognise: Recognise, isLater: boolean) {
  // Words may stand between a document without a newline and the next one: both are read.
  const behind = isLater ? /^[^\n{[]*[{[]/.exec(text) : null;
  for (const { index } of [...(behind ? [behind] : []), ...text.matchAll(/^[ \t\r]*[{[]/gm)]) {
    const from = index + text.slice(index).search(/[{[]/);
    const end = endOf(text, from);
    const value = end === undefined ? undefined : parsed(text.slice(from, end));
    if (value !== undefined && recognise(value)) return { value, rest: text.slice(end) };
    // Before the report others may print what they like, but no document that breaks off.
    const looksLikeJson = isLater || value === undefined && opening.test(text.slice(from));
    const isNoise = index === behind?.index && /^[^\n{[]*\w[^\n{[]*[{[]/.test(text);
    must(
      !looksLikeJson || isNoise,
      "unreadable",
      isLater ? "a second document, unreadable" : "not well formed",
    );
  }
  if (isLater) return undefined;
  for (const { index } of text.matchAll(/[{[]/g)) {
    const end = endOf(text, index);
    const value = end === undefined ? undefined : parsed(text.slice(index, end));
    if (value !== undefined && recognise(value)) return { value, rest: text.slice(end) };
  }
  return undefined;
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
