/**
 * Streamed XML reports: shared by the XML formats. Memory is constant: at most {@linkcode textLimit} of one
 * text is kept, and text that the format does not need (`system-out`) not at all.
 */

import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { truncate } from "../../src/text/words.ts";
import { Broken, brokenEvent, ReportReader } from "./_events.ts";
import { type Attributes, type XmlHandler, XmlScanner } from "./_xml_scan.ts";

/** Maximum length kept of one text or attribute, in code units. */
export const textLimit = 256 * 1024;

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
      const transcoder = new Transcoder();
      const { scanner } = new Document(reader);
      for await (const bytes of readAhead(input)) {
        scanner.write(transcoder.next(bytes));
        const events = reader.take();
        if (events.length > 0) yield events;
      }
      scanner.write(transcoder.end());
      scanner.close();
      reader.finish();
      yield [...reader.take(), { kind: "end" }];
    } catch (error) {
      yield [...reader.take(), brokenEvent(error, context.source)];
    }
  };
}

/** Hands a document to its reader by local names. */
class Document implements XmlHandler {
  readonly scanner = new XmlScanner(this);
  readonly #reader: XmlReader;
  #isInside = false;

  constructor(reader: XmlReader) {
    this.#reader = reader;
  }

  open(name: string, attributes: Attributes): void {
    const local = localName(name);
    if (!this.#isInside && !this.#reader.roots.includes(local)) {
      const roots = this.#reader.roots.map((root) => `<${root}>`).join(" or ");
      const message = `has the root element <${truncate(local, 100)}>, not ${roots}`;
      throw new Broken("malformed", message, this.scanner.place());
    }
    this.#isInside = true;
    this.#reader.open(local, attributes);
  }

  close(name: string): void {
    this.#reader.close(localName(name));
  }

  text(text: string): void {
    this.#reader.text(text.length > textLimit ? text.slice(0, textLimit) : text);
  }

  wantsText(): boolean {
    return this.#reader.wantsText();
  }
}

function localName(name: string): string {
  const colon = name.indexOf(":");
  return colon < 0 ? name : name.slice(colon + 1);
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

// Brings an XML document to UTF-8.

/** An XML declaration that names an encoding is over within so many bytes. */
const headLength = 1024;

/** Transcodes a stream of chunks, however they are split; invalid bytes become U+FFFD. UTF-8 passes through. */
class Transcoder {
  #head: Uint8Array = new Uint8Array();
  #decoder: TextDecoder | undefined;
  #begun = false;

  /** The next chunk in UTF-8; empty while the encoding is still unknown. */
  next(bytes: Uint8Array): Uint8Array {
    if (this.#begun) return this.#transcoded(bytes);
    this.#head = joined(this.#head, bytes);
    return this.#head.length < headLength ? new Uint8Array() : this.#begin(true);
  }

  /** What was held back, when there is no more to come; half a character becomes U+FFFD. */
  end(): Uint8Array {
    return this.#begun ? this.#transcoded(new Uint8Array(), false) : this.#begin(false);
  }

  #begin(stream: boolean): Uint8Array {
    this.#begun = true;
    this.#decoder = decoderOf(encodingOf(this.#head.subarray(0, headLength)));
    return this.#transcoded(this.#head, stream);
  }

  #transcoded(bytes: Uint8Array, stream = true): Uint8Array {
    if (!this.#decoder) return bytes;
    return new TextEncoder().encode(this.#decoder.decode(bytes, { stream }));
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

/** `undefined` for UTF-8. */
function decoderOf(encoding: string): TextDecoder | undefined {
  try {
    const decoder = new TextDecoder(encoding);
    return decoder.encoding === "utf-8" ? undefined : decoder;
  } catch {
    // The only reason it throws: an unknown encoding label.
    throw new Broken("malformed", `declares the encoding "${encoding}", which is not known`, {
      line: 1,
    });
  }
}
