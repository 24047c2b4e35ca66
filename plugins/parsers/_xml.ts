/**
 * Streamed XML reports: shared by the XML formats. A document is rejected unless it is well-formed to
 * its end, has the root its format requires, and declares no entities. Two things that tools do write
 * are accepted: control characters, and references to characters XML does not allow.
 *
 * Memory is constant: at most {@linkcode textLimit} of one text is kept, and text that the format does not
 * need (`system-out`) not at all.
 */

import { SaxesParser } from "saxes";
import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { truncate } from "../../src/text/words.ts";
import { Broken, brokenEvent, ReportReader } from "./_events.ts";
import { type Attributes, EmptyElements, extentOf, skipCdata, skipSpace } from "./_xml_skim.ts";

/** Maximum length kept of one text or attribute, in code units. */
export const textLimit = 256 * 1024;

const depthLimit = 512;
const nameLimit = 64 * 1024;
const attributeLimit = 10_000;

/** What a format does with a document. */
export abstract class XmlReader extends ReportReader {
  /** The names the root element may have. */
  abstract readonly roots: readonly string[];
  abstract open(name: string, attributes: Attributes): void;
  abstract close(name: string): void;
  /** Text or a CDATA section, maybe in pieces; only where {@linkcode XmlReader.wantsText}. */
  abstract text(text: string): void;
  /** Checked after every tag: text that is not wanted is not kept. */
  abstract wantsText(): boolean;
}

/** Parses documents: yields the reader's events, one array a chunk, and `end` or `broken` last. */
export function xmlReports(readerFor: (context: ParseContext) => XmlReader) {
  return async function* (
    input: ReadableStream<Uint8Array>,
    context: ParseContext,
  ): AsyncGenerator<readonly ReportEvent[]> {
    const reader = readerFor(context);
    try {
      const decoder = new XmlDecoder();
      const document = new XmlDocument(reader);
      for await (const bytes of readAhead(input)) {
        document.write(decoder.decode(bytes));
        const events = reader.take();
        if (events.length > 0) yield events;
      }
      document.write(decoder.end());
      decoder.close();
      document.close();
      reader.finish();
      yield [...reader.take(), { kind: "end" }];
    } catch (error) {
      yield [...reader.take(), brokenEvent(error, context.source)];
    }
  };
}

const options = { xmlns: false, position: false } as const;

const outside = "text data outside of root node.";

/** The parser's state numbers, found by driving it into each state: they are internal to it. */
function statesOfParser(): { text: number; unforbidden: number; cdata: number } {
  const probe = new SaxesParser(options).write("<a>");
  const text: number = probe["state"];
  const unforbidden: number = probe["forbiddenState"];
  probe.write("<![CDATA[");
  return { text, unforbidden, cdata: probe["state"] };
}

class XmlDocument {
  readonly #reader: XmlReader;
  readonly #parser = new SaxesParser(options);
  readonly #states = statesOfParser();
  readonly #elements = new EmptyElements();
  #start = "";
  #depth = 0;
  #listening = false;

  constructor(reader: XmlReader) {
    this.#reader = reader;
    allowEveryReference(this.#parser);
    this.#parser.on("error", (error) => this.#fail(error.message));
    this.#parser.on("doctype", () => {
      const message = "declares a DOCTYPE, which is refused: it can define entities";
      throw new Broken("malformed", message, this.#place());
    });
    this.#parser.on("opentag", ({ name, attributes }) => this.#open(localName(name), attributes));
    this.#parser.on("closetag", ({ name }) => this.#close(localName(name)));
  }

  write(text: string): void {
    let rest = text;
    if (this.#start === "") {
      // Blank lines before the declaration are not XML, but programs may print them before a report.
      rest = text.trimStart();
      this.#parser.line += text.slice(0, text.length - rest.length).split("\n").length - 1;
      this.#start = rest.slice(0, 20);
    }
    for (let at = 0; at < rest.length;) {
      const from = this.#skim(rest, at);
      at = rest.indexOf(">", from) + 1 || rest.length;
      if (at > from) this.#parser.write(rest.slice(from, at));
    }
    this.#bound();
  }

  /** Reads what needs no parser, from `from` on. Returns where the parser has to continue. */
  #skim(text: string, from: number): number {
    const parser = this.#parser;
    if (this.#listening || this.#depth === 0) return from;
    let at = from;
    if (parser["state"] === this.#states.cdata) {
      at = skipCdata(text, at);
    } else if (
      parser["state"] === this.#states.text &&
      parser["forbiddenState"] === this.#states.unforbidden
    ) {
      at = this.#skimElements(text, at);
    }
    if (at > from) this.#passOver(text, from, at);
    return at;
  }

  #skimElements(text: string, from: number): number {
    for (let at = skipSpace(text, from);; at = skipSpace(text, at)) {
      const element = this.#elements.at(text, at);
      if (!element) return at;
      this.#reader.open(element.name, element.attributes);
      this.#reader.close(element.name);
      at = element.end;
    }
  }

  /** Keeps the place for messages right. */
  #passOver(text: string, from: number, to: number): void {
    const { lines, columns } = extentOf(text, from, to);
    this.#parser.line += lines;
    this.#parser.column = columns + (lines === 0 ? this.#parser.column : 0);
  }

  /** Throws {@linkcode Broken} unless the root is closed and nothing is left open. */
  close(): void {
    if (this.#start === "") throw new Broken("truncated", "is empty");
    const place = this.#place();
    try {
      this.#parser.close();
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      throw new Broken("truncated", `ends ${this.#whereItEnds(error.message)}`, place);
    }
  }

  #whereItEnds(error: string): string {
    const open = /unclosed tag: (.*)/.exec(error)?.[1];
    if (open !== undefined) return `before <${truncate(open, 100)}> is closed`;
    return this.#parser["closedRoot"] ? "inside markup" : "before its root element is complete";
  }

  #open(name: string, attributes: Attributes): void {
    if (this.#depth === 0 && !this.#reader.roots.includes(name)) {
      const roots = this.#reader.roots.map((root) => `<${root}>`).join(" or ");
      const message = `has the root element <${truncate(name, 100)}>, not ${roots}`;
      throw new Broken("malformed", message, this.#place());
    }
    if (++this.#depth > depthLimit) {
      const message = `is nested deeper than ${depthLimit} elements`;
      throw new Broken("malformed", message, this.#place());
    }
    this.#reader.open(name, attributes);
    this.#listen();
  }

  #close(name: string): void {
    this.#depth--;
    this.#reader.close(name);
    this.#listen();
  }

  /** Without a text handler the parser does not collect text. */
  #listen(): void {
    const wanted = this.#reader.wantsText();
    if (wanted === this.#listening) return;
    this.#listening = wanted;
    if (wanted) {
      const text = (text: string) => this.#text(text);
      this.#parser.on("text", text);
      this.#parser.on("cdata", text);
    } else {
      this.#parser.off("text");
      this.#parser.off("cdata");
    }
  }

  #text(text: string): void {
    this.#reader.text(text.length > textLimit ? text.slice(0, textLimit) : text);
  }

  /**
   * Holds back what the parser gathers across chunks; it has no limits of its own. What is cut is only
   * ever handed out, so that cutting it cannot change what the document is found to be.
   */
  #bound(): void {
    const parser = this.#parser;
    const text: string = parser["text"];
    const keep = this.#listening || parser["q"] !== null ? textLimit : 0;
    if (text.length > Math.max(keep, nameLimit)) parser["text"] = text.slice(0, keep);
    const names: number = parser["name"].length + parser["entity"].length +
      parser["piTarget"].length;
    if (names > nameLimit) this.#refuse(`has a name longer than ${nameLimit} characters`);
    if (parser["attribList"].length > attributeLimit) {
      this.#refuse(`has an element with more than ${attributeLimit} attributes`);
    }
  }

  #fail(message: string): void {
    if (message === "disallowed character." && this.#atControl()) return;
    // The parser notices text outside the root late, at a meaningless position.
    if (message === outside) throw new Broken("malformed", this.#explained(message));
    this.#refuse(this.#explained(message));
  }

  /** The parser is after a character that XML forbids, not after a `<` where none may be. */
  #atControl(): boolean {
    const parser = this.#parser;
    const chunk: string = parser["chunk"];
    return chunk.charCodeAt(parser["i"] - 1) !== 0x3c;
  }

  #explained(message: string): string {
    switch (message) {
      case outside:
        return this.#parser["sawRoot"]
          ? "has text after its root element"
          : `is not XML: it begins with ${JSON.stringify(truncate(this.#start, 20))}`;
      case "documents may contain only one root.":
        return "has a second root element";
      case "undefined entity.":
        return "uses an entity that XML does not define; entities are refused";
      case "incorrect syntax.":
        return `declares <!${this.#parser["openWakaBang"]}…>, which is refused`;
      default:
        return `is not well-formed XML: ${message.replace(/\.$/, "")}`;
    }
  }

  #refuse(message: string): never {
    throw new Broken("malformed", message, this.#place());
  }

  #place(): { line: number; column: number } {
    return { line: this.#parser.line, column: Math.max(this.#parser.column, 1) };
  }
}

function localName(name: string): string {
  const colon = name.indexOf(":");
  return colon < 0 ? name : name.slice(colon + 1);
}

/** Accepts references to characters that XML forbids: tools write `&#27;`. */
function allowEveryReference(parser: SaxesParser<typeof options>): void {
  const parseEntity = parser["parseEntity"].bind(parser) as (entity: string) => string;
  parser["parseEntity"] = (entity: string) => characterOf(entity) ?? parseEntity(entity);
}

function characterOf(entity: string): string | undefined {
  const match = /^#(?:x([0-9a-f]{1,6})|([0-9]{1,7}))$/i.exec(entity);
  if (!match) return undefined;
  const code = match[1] === undefined ? Number(match[2]) : parseInt(match[1], 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

// Reads the next chunk of a stream while the last one is processed: otherwise a parser waits for the
// disk between any two chunks, a sixth of its time.

/** The chunks of a stream, one read ahead. Stopping early cancels the stream. */
async function* readAhead(
  input: ReadableStream<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = input.getReader();
  let next = reader.read();
  try {
    for (let chunk = await next; !chunk.done; chunk = await next) {
      next = reader.read();
      // Awaiting it reports the failure; until then it must not be an unhandled rejection.
      next.catch(() => {});
      yield chunk.value;
    }
  } finally {
    await reader.cancel();
  }
}

// Decodes an XML document in the encoding that it declares.

/** An XML declaration that names an encoding is over within so many bytes. */
const headLength = 1024;

/** Decodes a stream of chunks, however they are split. Invalid bytes become U+FFFD. */
class XmlDecoder {
  #head: Uint8Array = new Uint8Array();
  #decoder: TextDecoder | undefined;

  /** The text of the next chunk; `""` while the encoding is still unknown. */
  decode(bytes: Uint8Array): string {
    if (this.#decoder) return this.#decoder.decode(bytes, { stream: true });
    this.#head = joined(this.#head, bytes);
    return this.#head.length < headLength ? "" : this.#begin();
  }

  /** The text that was held back, when there is no more to come. */
  end(): string {
    return this.#decoder ? "" : this.#begin();
  }

  /** Throws {@linkcode Broken} if the last character was cut in two. */
  close(): void {
    if (this.#decoder?.decode()) throw new Broken("truncated", "ends inside a character");
  }

  #begin(): string {
    this.#decoder = decoderOf(encodingOf(this.#head.subarray(0, headLength)));
    const text = this.#decoder.decode(this.#head, { stream: true });
    this.#head = new Uint8Array();
    return text;
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second.slice();
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** https://www.w3.org/TR/xml/#sec-guessing: the mark, then the shape of `<?`, then the declaration. */
function encodingOf(head: Uint8Array): string {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0xef && second === 0xbb) return "utf-8";
  if (first === 0x3c && second === 0) return "utf-16le";
  if (first === 0 && second === 0x3c) return "utf-16be";
  const declaration = /^\s*<\?xml\s[^>]*?\sencoding\s*=\s*["']([^"'>]*)["']/
    .exec(new TextDecoder("windows-1252").decode(head));
  const declared = declaration?.[1] ?? "utf-8";
  // It could be read byte by byte, so it is not UTF-16: .NET's StringWriter declares that anyway.
  return /^(?:utf-?16|ucs-?2|iso-10646-ucs-2)/i.test(declared) ? "utf-8" : declared;
}

function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch {
    // The only reason it throws: an unknown encoding label.
    throw new Broken("malformed", `declares the encoding "${encoding}", which is not known`, {
      line: 1,
    });
  }
}
