/**
 * Reports that are one JSON document: read with limits, found among other output, turned into events.
 *
 * @module
 */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { inBatches } from "./_batches.ts";
import { Broken, brokenEvent } from "./_broken.ts";
import { JsonNode } from "./_json_node.ts";
import { placeAt, scanJson } from "./_json_scan.ts";

/** A document is held in memory whole: above this many bytes it is refused. */
export const documentLimit = 256 * 1024 * 1024;

/** Turns a document into events; throws {@linkcode Broken} where it is not what the format says. */
export type DocumentReader = (root: JsonNode, context: ParseContext) => Iterable<ReportEvent>;

/**
 * Parses a report of one JSON document: the frame of every such parser.
 *
 * @param opening how the report begins, for formats that come on standard output, where other text may
 * stand before and after them (`{` and `[` included). What begins so must be a whole report: a second
 * one, or half a one, is refused.
 */
export async function* readDocument(
  input: ReadableStream<Uint8Array>,
  context: ParseContext,
  reader: DocumentReader,
  opening?: RegExp,
): AsyncGenerator<ReportEvent | readonly ReportEvent[], void, undefined> {
  try {
    const text = await readText(input);
    const values = documents(text, opening);
    const first = values.next();
    if (first.done) throw new Broken("malformed", `holds no report`);
    yield* inBatches(reader(new JsonNode(first.value), context));
    if (!values.next().done) {
      throw new Broken("malformed", "holds more than one report; write each to a file of its own");
    }
    yield { kind: "end" };
  } catch (error) {
    yield brokenEvent(error, context.source);
  }
}

/** Reads all of a stream as UTF-8; a byte order mark is skipped. */
export async function readText(
  input: ReadableStream<Uint8Array>,
  limit = documentLimit,
): Promise<string> {
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > limit) {
      const most = `${Math.floor(limit / 1024 / 1024)} MiB`;
      throw new Broken(
        "malformed",
        `is larger than ${most}, the most that is read of one document`,
      );
    }
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join("");
}

/** The documents in a text: all of it when no opening is given or found. */
function* documents(text: string, opening: RegExp | undefined): Generator<unknown> {
  if (text.trim() === "") throw new Broken("truncated", "is empty");
  if (text.startsWith("\ufffd\ufffd") || text.startsWith("{\0") || text.startsWith("[\0")) {
    throw new Broken(
      "malformed",
      "is not UTF-8; it seems to be UTF-16, which PowerShell's > writes",
    );
  }
  const pattern = new RegExp(opening ?? /^/, "g");
  let match = pattern.exec(text);
  if (!opening || (!match && /^\s*[{[]/.test(text))) yield wholeDocument(text);
  else if (!match) throw new Broken("malformed", "holds no report, only other text");
  else {
    for (; match; match = pattern.exec(text)) {
      const end = scanJson(text, match.index);
      yield JSON.parse(text.slice(match.index, end));
      pattern.lastIndex = end;
    }
  }
}

function wholeDocument(text: string): unknown {
  const end = scanJson(text);
  const rest = /\S/g;
  rest.lastIndex = end;
  const after = rest.exec(text);
  if (after) {
    const place = placeAt(text, after.index);
    throw new Broken("malformed", `has text after the document's end (line ${place.line})`, place);
  }
  return JSON.parse(text);
}
