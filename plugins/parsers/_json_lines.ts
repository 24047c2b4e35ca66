/**
 * Reports of one JSON object a line, with other text between them.
 *
 * @module
 */

import { Broken } from "./_broken.ts";
import { JsonNode } from "./_json_node.ts";
import { scanJson } from "./_json_scan.ts";
import type { Line } from "./_lines.ts";

/**
 * The JSON object in a line; `undefined` for a line of other text.
 *
 * @param opening how the lines of the format begin: such a line must be whole
 * @throws {Broken} `truncated` when the last line ends inside an object
 */
export function objectIn(line: Line, opening: RegExp): JsonNode | undefined {
  const text = line.text.trim();
  if (!text.startsWith("{")) return undefined;
  try {
    if (line.cut) throw new Broken("malformed", "has a line that is too long to be read");
    if (scanJson(text) === text.length) return new JsonNode(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const isLast = !line.ended && error.reason === "truncated";
    if (!isLast && !opening.test(text)) return undefined;
    const what = isLast ? "is cut off inside an object" : "has a line that is no JSON object";
    const place = { line: line.number };
    throw new Broken(isLast ? "truncated" : "malformed", `${what} (line ${line.number})`, place);
  }
  return undefined;
}
