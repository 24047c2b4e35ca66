/**
 * Bytes of an XML document to text, in the encoding the document says it has.
 *
 * @module
 */

import { Broken } from "./_broken.ts";

/** An XML declaration that names an encoding is over within so many bytes. */
const headLength = 1024;

/** Decodes a stream of chunks, however they are cut. Bytes that mean nothing become U+FFFD. */
export class XmlDecoder {
  #head: Uint8Array = new Uint8Array();
  #decoder: TextDecoder | undefined;

  /** The text of the next chunk; `""` while the encoding is not known yet. */
  decode(bytes: Uint8Array): string {
    if (this.#decoder) return this.#decoder.decode(bytes, { stream: true });
    this.#head = joined(this.#head, bytes);
    return this.#head.length < headLength ? "" : this.#begin();
  }

  /** The text that was held back, when there is no more to come. */
  end(): string {
    return this.#decoder ? "" : this.#begin();
  }

  /** Throws {@linkcode Broken} when the last character was cut in two. */
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
  // It could be read byte by byte, so it is not UTF-16: .NET's StringWriter says so all the same.
  return /^(?:utf-?16|ucs-?2|iso-10646-ucs-2)/i.test(declared) ? "utf-8" : declared;
}

function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch {
    // The one reason for which it throws: a label that no encoding has.
    throw new Broken("malformed", `declares the encoding "${encoding}", which is not known`, {
      line: 1,
    });
  }
}
