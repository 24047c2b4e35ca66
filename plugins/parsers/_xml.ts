/**
 * XML reports, streamed: what the XML formats share. A document is refused unless it is well-formed to
 * its end, has the root its format asks for, and declares no entities. Two things that tools do write
 * are read all the same: control characters, and references to characters XML does not allow.
 *
 * Memory is flat: at most {@linkcode textLimit} of one text is kept, and text that the format has no
 * use for (`system-out`) not at all.
 *
 * @module
 */

import { SaxesParser } from "saxes";
import type { ReportEvent } from "../../src/plugin.ts";
import { Broken, brokenEvent } from "./_broken.ts";
import { readAhead } from "./_read_ahead.ts";
import { truncateText } from "./_text_clean.ts";
import { XmlDecoder } from "./_xml_decoder.ts";

/** Of one text or attribute at most so many code units are kept. */
export const textLimit = 256 * 1024;

const depthLimit = 512;
const nameLimit = 64 * 1024;
const attributeLimit = 10_000;

/** The attributes of an element, by name. */
export type Attributes = Readonly<Record<string, string>>;

/** What a format makes of a document. */
export interface XmlReader {
  /** The names the root element may have. */
  readonly roots: readonly string[];
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  /** Text or a CDATA section, maybe in pieces; only where {@linkcode XmlReader.wantsText}. */
  text(text: string): void;
  /** Asked after every tag: text that is not wanted is not kept. */
  wantsText(): boolean;
  /** The document was read to its end: the last events may be made. */
  finish(): void;
  /** The events made since the last call. */
  take(): ReportEvent[];
}

/** Reads a document; yields the reader's events, one array a chunk, and `end` or `broken` last. */
export async function* parseXml(
  input: ReadableStream<Uint8Array>,
  source: string,
  reader: XmlReader,
): AsyncGenerator<readonly ReportEvent[]> {
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
  } catch (error) {
    yield [...reader.take(), brokenEvent(error, source)];
    return;
  }
  yield [...reader.take(), { kind: "end" }];
}

/** Text from which references to characters that XML forbids were left standing (`&#27;`). */
const reference = /&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/gi;

class XmlDocument {
  readonly #reader: XmlReader;
  readonly #parser = new SaxesParser({ xmlns: false, position: false });
  #start = "";
  #depth = 0;
  #listening = false;
  #forbiddenReferences = false;

  constructor(reader: XmlReader) {
    this.#reader = reader;
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
      // Blank lines before the declaration are not XML, but what prints a report may print them first.
      rest = text.trimStart();
      this.#parser.line += text.slice(0, text.length - rest.length).split("\n").length - 1;
      this.#start = rest.slice(0, 20);
    }
    if (rest === "") return;
    this.#parser.write(rest);
    this.#bound();
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
    if (open !== undefined) return `before <${truncateText(open, 100)}> is closed`;
    return this.#parser["closedRoot"] ? "inside markup" : "before its root element is complete";
  }

  #open(name: string, attributes: Record<string, string>): void {
    if (this.#depth === 0 && !this.#reader.roots.includes(name)) {
      const roots = this.#reader.roots.map((root) => `<${root}>`).join(" or ");
      const message = `has the root element <${truncateText(name, 100)}>, not ${roots}`;
      throw new Broken("malformed", message, this.#place());
    }
    if (++this.#depth > depthLimit) {
      const message = `is nested deeper than ${depthLimit} elements`;
      throw new Broken("malformed", message, this.#place());
    }
    if (this.#forbiddenReferences) {
      for (const key in attributes) attributes[key] = resolved(attributes[key]!);
    }
    this.#reader.open(name, attributes);
    this.#listen();
  }

  #close(name: string): void {
    this.#depth--;
    this.#reader.close(name);
    this.#listen();
  }

  /** Hearing no text spares the parser from gathering it. */
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
    const kept = text.length > textLimit ? text.slice(0, textLimit) : text;
    this.#reader.text(this.#forbiddenReferences ? resolved(kept) : kept);
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
    if (message === "malformed character entity." && this.#atNumber()) {
      this.#forbiddenReferences = true;
      return;
    }
    this.#refuse(this.#explained(message));
  }

  /** The parser stands behind a character that XML forbids, not behind a `<` where none may be. */
  #atControl(): boolean {
    const parser = this.#parser;
    const chunk: string = parser["chunk"];
    return chunk.charCodeAt(parser["i"] - 1) !== 0x3c;
  }

  /** The parser stands behind a reference to a character by its number. */
  #atNumber(): boolean {
    const parser = this.#parser;
    const chunk: string = parser["chunk"];
    const before: string = parser["entity"];
    const end: number = parser["i"] - 1;
    const start = before === "" ? chunk.lastIndexOf("&", end) + 1 : 0;
    return /^#(?:x[0-9a-f]+|[0-9]+)$/i.test(before + chunk.slice(start, end));
  }

  #explained(message: string): string {
    switch (message) {
      case "text data outside of root node.":
        return this.#parser["sawRoot"]
          ? "has text after its root element"
          : `is not XML: it begins with ${JSON.stringify(truncateText(this.#start, 20))}`;
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

/** The references that the parser left standing because XML forbids their characters. */
function resolved(text: string): string {
  if (!text.includes("&#")) return text;
  return text.replace(reference, (whole, hexadecimal?: string, decimal?: string) => {
    const code = hexadecimal ? parseInt(hexadecimal, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
