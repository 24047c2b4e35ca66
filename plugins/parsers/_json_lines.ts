/** Reports of one JSON object per line, with other text between them. */

import { stripAnsi } from "../../src/text/clean.ts";
import { Broken } from "./_events.ts";
import { JsonNode, scanReport } from "./_json_node.ts";
import type { Line } from "./_lines.ts";

/** A piece of a line: text, and the JSON object it represents. */
export interface LinePart {
  readonly text: string;
  readonly object?: JsonNode;
}

/**
 * The JSON objects in a line, and the text around them: a program that prints no line end precedes an event,
 * and merged streams share a line.
 *
 * @param opening how the format's objects begin, without an anchor: what begins like this at the start of a line or
 * right after an object must be whole
 * @param part what only the format's objects contain: it is not skipped as text
 * @throws {Broken} `truncated` if the last line ends inside an object, `malformed` if a piece of JSON is
 * next to one
 */
export function* partsOf(line: Line, opening: RegExp, part: RegExp): Generator<LinePart> {
  const whole = line.text.trim();
  let afterEvent = false;
  for (let text = whole; text !== "";) {
    const known = text.search(opening);
    let at = text.startsWith("{") ? 0 : known;
    let end = endOfObject(line, text, at, at === known);
    if (end === undefined && at < known) end = endOfObject(line, text, at = known, true);
    // Whatever writes an event ends its line: other text after one is the rest of a damaged event.
    if (afterEvent && (end === undefined || at > 0)) {
      const message = `has text behind an object (line ${line.number})`;
      throw new Broken("malformed", message, { line: line.number });
    }
    if (part.test(stripAnsi(text.slice(0, end === undefined ? undefined : at)))) {
      const message = `contains what may be an event among other text (line ${line.number})`;
      throw new Broken("malformed", message, { line: line.number });
    }
    if (end === undefined) return yield { text: text === whole ? line.text : text };
    const before = text.slice(0, at);
    if (at === known && /^[\s{}[\],:"\0\ufffd]+$/.test(before)) {
      const problem = `has part of an object next to a whole one (line ${line.number})`;
      throw new Broken("malformed", problem, { line: line.number });
    }
    if (at > 0) yield { text: before };
    afterEvent = at === known;
    const json = text.slice(at, end);
    yield { text: json, object: new JsonNode(JSON.parse(json)) };
    text = text.slice(end).trim();
  }
}

/** Where the object ends; `undefined` if it is other text that only looks like one. */
function endOfObject(line: Line, text: string, at: number, isKnown: boolean): number | undefined {
  if (at === -1) return undefined;
  try {
    if (line.cut) throw new Broken("malformed", "has a line that is too long to be read");
    return scanReport(text, at);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const isLast = !line.ended && error.reason === "truncated";
    if (!isLast && !(isKnown && (at === 0 || line.cut))) return undefined;
    const what = isLast ? "is cut off inside an object" : "has a line that is no JSON object";
    const place = { line: line.number };
    throw new Broken(isLast ? "truncated" : "malformed", `${what} (line ${line.number})`, place);
  }
}
