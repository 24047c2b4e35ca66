/**
 * A scanner of XML documents in UTF-8 (https://www.w3.org/TR/xml/, fifth edition, without a DTD): well-formed
 * to the end, or refused with the place. It looks at bytes, which is several times as fast as looking at a
 * string's characters, and makes strings of names, attributes and wanted text only.
 *
 * Two things that tools do write are accepted although XML forbids them: control characters (but no NULs that are a hole in
 * the file), and references to characters that XML does not allow. A DOCTYPE is refused: it can define entities.
 *
 * Memory does not grow with the document: what is kept between two chunks is one tag at most.
 */

import { truncate } from "../../src/text/words.ts";
import { Broken, type ReportPlace } from "./_events.ts";
import {
  asciiOf,
  AttributeMap,
  characterOf,
  declaration,
  inName,
  isHigh,
  isSpace,
  isSpecial,
  joined,
  kinds,
  otherName,
  startsName,
  withLineEnds,
} from "./_xml_syntax.ts";

export type Attributes = Readonly<Record<string, string>>;

/** What is done with a document. Names come as they are written, with their prefix. */
export interface XmlHandler {
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  /** Text or a CDATA section, maybe in pieces. */
  text(text: string): void;
  /** Asked after every tag: other text is checked and not kept. */
  wantsText(): boolean;
}

/** Bytes of one tag. */
const tagLimit = 32 * 1024 * 1024;
const attributeLimit = 10_000;
const depthLimit = 512;

/** As much as a disk writes at once: programs print single NULs, a crash leaves blocks of them. */
const hole = "\0".repeat(512);

/** The longest reference, in bytes. */
const referenceLimit = 16;

const [bang, quote, ampersand, apostrophe] = [0x21, 0x22, 0x26, 0x27];
const bracket = 0x5d;
const [slash, semicolon, less, equals, greater, question] = [0x2f, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f];

/** More bytes are needed. */
const more = -1;

/** What is read in pieces, as it may be longer than a chunk; and what ends it. */
const ends = { cdata: "]]>", comment: "--", instruction: "?>" } as const;

type Section = keyof typeof ends;

export class XmlScanner {
  readonly #handler: XmlHandler;
  readonly #open: string[] = [];
  /** Names of the last tag's attributes: they repeat in the same order. */
  readonly #names: string[] = [];
  /** By length and first byte. */
  readonly #interned = new Map<number, string>();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #pieces: Uint8Array[] = [];
  #waiting = 0;
  /** So many bytes make it worthwhile to go on: a long tag is not scanned once a chunk. */
  #enough = 0;
  #bytes = new Uint8Array();
  /** A character for each byte; those beyond ASCII are not right. */
  #text = "";
  #section: Section | undefined;
  #listening = false;
  #state: "start" | "prolog" | "root" | "epilog" = "start";
  /** Of the bytes that the last name or value consists of. */
  #kinds = 0;
  /** Where the tag at hand begins. */
  #at = 0;
  /** Line ends before the bytes at hand, and bytes since the last. */
  #lines = 0;
  #column = 0;

  constructor(handler: XmlHandler) {
    this.#handler = handler;
  }

  /** Scans the next bytes. Throws {@linkcode Broken} when the document is not well-formed. */
  write(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#waiting += bytes.length;
    if (this.#waiting > this.#enough) this.#scan();
  }

  /** Throws {@linkcode Broken} unless the root is closed and nothing is left open. */
  close(): void {
    this.#scan();
    const open = this.#open.at(-1);
    const isInside = this.#waiting > 0 || this.#section !== undefined;
    if (this.#state === "start" && !isInside) throw new Broken("truncated", "is empty");
    if (this.#state === "epilog" && !isInside) return;
    const where = open !== undefined
      ? `before <${truncate(open, 100)}> is closed`
      : this.#state === "epilog"
      ? "inside markup"
      : "before its root element is complete";
    throw new Broken("truncated", `ends ${where}`, this.place(this.#bytes.length));
  }

  #scan(): void {
    const bytes = this.#bytes = joined(this.#pieces, this.#waiting);
    this.#text = asciiOf(bytes, this.#decoder);
    let at = 0;
    for (let next = 0; next >= 0 && at < bytes.length;) {
      next = this.#step(at);
      if (next > at) at = next;
    }
    this.#pass(at);
    this.#bytes = bytes.subarray(at);
    this.#text = this.#text.slice(at);
    this.#pieces = [this.#bytes];
    this.#waiting = this.#bytes.length;
    this.#enough = 2 * this.#waiting;
    if (this.#waiting <= tagLimit) return;
    throw new Broken("too_large", "has a tag longer than 32 MiB", this.place(0));
  }

  /** Reads what stands at `from`; returns where it ends, or {@linkcode more}. */
  #step(from: number): number {
    if (this.#section) return this.#inSection(this.#section, from);
    if (this.#state === "start") return this.#start(from);
    const bytes = this.#bytes;
    const at = this.#listening ? from : this.#skipSpace(from);
    if (at === bytes.length) return at;
    if (bytes[at] !== less) return this.#chars(at);
    if (at + 1 === bytes.length) return more;
    switch (bytes[at + 1]) {
      case slash:
        return this.#endTag(at);
      case bang:
        return this.#declaration(at);
      case question:
        return this.#instruction(at);
      default:
        return this.#startTag(at);
    }
  }

  /** Blank lines before the declaration are not XML, but programs may print them before a report. */
  #start(from: number): number {
    const text = this.#text;
    let at = from;
    if (this.#bytes[at] === 0xef) {
      if (text.length < at + 3) return more;
      if (this.#bytes[at + 1] === 0xbb && this.#bytes[at + 2] === 0xbf) at += 3;
    }
    at = this.#skipSpace(at);
    if (at === text.length) return at;
    const begin = text.slice(at, at + 6);
    if (begin.length < 6 && "<?xml ".startsWith(begin)) return more;
    if (/^<\?xml\s/.test(begin)) {
      const end = text.indexOf("?>", at);
      if (end < 0) return more;
      if (!declaration.test(text.slice(at, end + 2))) {
        this.#malformed("a wrong XML declaration", at);
      }
      at = end + 2;
    }
    this.#state = "prolog";
    return at;
  }

  #startTag(from: number): number {
    const [bytes, text] = [this.#bytes, this.#text];
    if (this.#state === "epilog") this.#refuse("has a second root element", from);
    let at = this.#nameEnd(from + 1);
    const name = this.#name(from + 1, at, from);
    const attributes = new AttributeMap() as Record<string, string>;
    for (let count = 0, distinct = true;; count++) {
      const start = this.#skipSpace(at);
      if (start >= bytes.length - 1 && bytes[start] !== greater) return more;
      switch (bytes[start]) {
        case greater:
          this.#opened(name, attributes, from);
          return start + 1;
        case slash:
          if (bytes[start + 1] !== greater) this.#malformed("a / inside a tag", start);
          this.#opened(name, attributes, from);
          this.#closed(name);
          return start + 2;
      }
      if (start === at) this.#malformed("no space before an attribute", start);
      let key = this.#names[count];
      if (
        key !== undefined && bytes[start + key.length] === equals && text.startsWith(key, start)
      ) {
        at = start + key.length;
      } else {
        at = this.#nameEnd(start);
        if (at === bytes.length) return more;
        key = this.#name(start, at, start);
        distinct = false;
        this.#remember(key, count, from);
      }
      // Those that come as in the tag before are known to differ.
      if (!distinct && key in attributes) this.#malformed(`the attribute ${key} twice`, start);
      if (bytes[at] !== equals) at = this.#skipSpace(at);
      if (at === bytes.length) return more;
      if (bytes[at] !== equals) this.#malformed("an attribute without a value", at);
      const opening = this.#skipSpace(at + 1);
      if (opening === bytes.length) return more;
      const end = this.#valueEnd(opening);
      if (end === bytes.length) return more;
      attributes[key] = this.#value(opening + 1, end);
      at = end + 1;
    }
  }

  #remember(name: string, count: number, tag: number): void {
    if (count >= attributeLimit) {
      this.#refuse(`has an element with more than ${attributeLimit} attributes`, tag);
    }
    this.#names.length = count;
    // One with other characters has no text to compare it with.
    if ((this.#kinds & isHigh) === 0) this.#names.push(name);
  }

  /** Where the closing quote stands, or the bytes end. */
  #valueEnd(opening: number): number {
    const bytes = this.#bytes;
    const mark = bytes[opening];
    if (mark !== quote && mark !== apostrophe) {
      this.#malformed("an attribute's value without quotes", opening);
    }
    let seen = 0;
    let at = opening + 1;
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte === mark) break;
      seen |= kinds[byte]!;
    }
    this.#kinds = seen;
    if (seen & isSpecial) {
      const wrong = bytes.subarray(opening, at).indexOf(less);
      if (wrong >= 0) this.#malformed("a < in an attribute's value", opening + wrong);
      const hole = this.#text.slice(opening, at).indexOf("\0\0");
      if (hole >= 0) this.#malformed("NULs in an attribute's value", opening + hole);
    }
    return at;
  }

  #value(from: number, to: number): string {
    const seen = this.#kinds;
    const written = seen & isHigh ? this.#decode(from, to) : this.#text.slice(from, to);
    if ((seen & isSpecial) === 0) return written;
    return this.#dereferenced(written.replaceAll(/\r\n|[\t\n\r]/g, " "), from);
  }

  #opened(name: string, attributes: Attributes, at: number): void {
    this.#state = "root";
    this.#at = at;
    this.#open.push(name);
    if (this.#open.length > depthLimit) {
      this.#refuse(`is nested deeper than ${depthLimit} elements`, at);
    }
    this.#handler.open(name, attributes);
    this.#listening = this.#handler.wantsText();
  }

  #closed(name: string): void {
    this.#open.pop();
    if (this.#open.length === 0) this.#state = "epilog";
    this.#handler.close(name);
    this.#listening = this.#open.length > 0 && this.#handler.wantsText();
  }

  #endTag(from: number): number {
    const end = this.#nameEnd(from + 2);
    const close = this.#skipSpace(end);
    if (close === this.#bytes.length) return more;
    const name = this.#name(from + 2, end, from);
    const open = this.#open.at(-1);
    if (name !== open) {
      const opened = open === undefined ? "nothing" : `<${truncate(open, 100)}>`;
      this.#malformed(`</${truncate(name, 100)}> where ${opened} is open`, from);
    }
    if (this.#bytes[close] !== greater) this.#malformed("attributes in a closing tag", close);
    this.#closed(name);
    return close + 1;
  }

  #declaration(from: number): number {
    const start = this.#text.slice(from, from + 9);
    if (start.startsWith("<!--")) {
      this.#section = "comment";
      return from + 4;
    }
    if (start === "<![CDATA[" && this.#state === "root") {
      this.#section = "cdata";
      return from + 9;
    }
    if (
      ["<!--", "<![CDATA[", "<!DOCTYPE"].some((each) => each !== start && each.startsWith(start))
    ) {
      return more;
    }
    if (start === "<!DOCTYPE") {
      this.#refuse("declares a DOCTYPE, which is refused: it can define entities", from);
    }
    this.#refuse(`declares ${start}…>, which is refused`, from);
  }

  #instruction(from: number): number {
    const end = this.#nameEnd(from + 2);
    if (end === this.#bytes.length) return more;
    const target = this.#name(from + 2, end, from);
    if (target.toLowerCase() === "xml") {
      this.#malformed("an XML declaration that is not at its beginning", from);
    }
    const isOver = (kinds[this.#bytes[end]!]! & isSpace) === 0;
    if (isOver && end + 1 === this.#bytes.length) return more;
    if (isOver && !this.#text.startsWith("?>", end)) {
      this.#malformed("a processing instruction whose name does not end", end);
    }
    this.#section = "instruction";
    return end;
  }

  #inSection(section: Section, from: number): number {
    const mark = ends[section];
    const end = this.#text.indexOf(mark, from);
    const to = end < 0 ? Math.max(from, this.#wholeEnd(from, mark.length - 1)) : end;
    if (section === "cdata" && this.#text.slice(from, to).includes(hole)) {
      this.#malformed("a hole of NULs", from);
    }
    if (to > from && section === "cdata" && this.#listening) {
      this.#handler.text(withLineEnds(this.#decode(from, to)));
    }
    if (end < 0) return to > from ? to : more;
    const after = end + mark.length;
    if (section === "comment") {
      if (after === this.#bytes.length) return end > from ? end : more;
      if (this.#bytes[after] !== greater) this.#malformed("-- inside a comment", end);
    }
    this.#section = undefined;
    return section === "comment" ? after + 1 : after;
  }

  /** How much of text that goes on can be taken: `held` bytes may belong to what follows, as may half a character. */
  #wholeEnd(from: number, held: number): number {
    const bytes = this.#bytes;
    let end = bytes.length - held;
    while (end > from && (bytes[end]! & 0xc0) === 0x80) end--;
    if (bytes[end - 1] === 0x0d) end--;
    return end;
  }

  #chars(from: number): number {
    if (this.#state === "epilog") this.#refuse("has text after its root element", from);
    if (this.#state !== "root") {
      const start = JSON.stringify(truncate(this.#decode(from, from + 20), 20));
      this.#refuse(`is not XML: it begins with ${start}`, from);
    }
    const bytes = this.#bytes;
    let seen = 0;
    let end = from;
    for (; end < bytes.length; end++) {
      const byte = bytes[end]!;
      if (byte === less) break;
      seen |= kinds[byte]!;
    }
    if (end === bytes.length) {
      end = this.#wholeEnd(from, 3);
      while (end > from && bytes[end - 1] === bracket) end--;
      const start = bytes.subarray(0, end).lastIndexOf(ampersand);
      if (start >= from && end - start < referenceLimit) {
        if (!bytes.subarray(start, end).includes(semicolon)) end = start;
      }
      if (end <= from) return more;
    }
    if (!this.#listening && (seen & isSpecial) === 0) return end;
    let text = this.#decode(from, end);
    if (text.includes("\0")) this.#malformed("a NUL between tags", from);
    if (text.includes("]]>")) this.#malformed('"]]>" in text', from);
    text = this.#dereferenced(withLineEnds(text), from);
    if (this.#listening) this.#handler.text(text);
    return end;
  }

  #dereferenced(text: string, place: number): string {
    let at = text.indexOf("&");
    if (at < 0) return text;
    let result = "";
    let from = 0;
    for (; at >= 0; at = text.indexOf("&", from)) {
      const end = text.indexOf(";", at);
      const name = text.slice(at + 1, end < 0 ? at + 1 : end);
      const character = characterOf(name);
      if (character === undefined) {
        const isName = name !== "" && name.length < 100 && !/[\s&<]/.test(name);
        if (!isName) this.#malformed("a & that begins no reference", place);
        this.#refuse(
          `uses the entity &${name};, which XML does not define; entities are refused`,
          place,
        );
      }
      result += text.slice(from, at) + character;
      from = end + 1;
    }
    return result + text.slice(from);
  }

  #skipSpace(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    while (at < bytes.length && kinds[bytes[at]!]! & isSpace) at++;
    return at;
  }

  #nameEnd(from: number): number {
    const bytes = this.#bytes;
    let seen = 0;
    let at = from;
    for (; at < bytes.length; at++) {
      const kind = kinds[bytes[at]!]!;
      if ((kind & inName) === 0) break;
      seen |= kind;
    }
    this.#kinds = seen;
    return at;
  }

  /** The name that {@linkcode #nameEnd} found. */
  #name(from: number, to: number, place: number): string {
    const isAscii = (this.#kinds & isHigh) === 0;
    if (isAscii && kinds[this.#bytes[from]!]! & startsName) return this.#known(from, to);
    const name = this.#decode(from, to);
    if (isAscii || !otherName.test(name)) {
      this.#malformed(name === "" ? "no name where one must be" : `the name ${name}`, place);
    }
    return name;
  }

  /** A name from the document is a new string each time; names repeat, and one string is found faster. */
  #known(from: number, to: number): string {
    const text = this.#text;
    const key = (to - from) * 256 + this.#bytes[from]!;
    const known = this.#interned.get(key);
    if (known !== undefined && text.startsWith(known, from)) return known;
    const name = text.slice(from, to);
    if (to - from < 64) this.#interned.set(key, name);
    return name;
  }

  #decode(from: number, to: number): string {
    return this.#decoder.decode(this.#bytes.subarray(from, to));
  }

  /** Where the tag at hand begins, or the byte at `at`; lines and columns count from 1. */
  place(at = this.#at): ReportPlace {
    const last = at === 0 ? -1 : this.#text.lastIndexOf("\n", at - 1);
    const lines = this.#text.slice(0, at).split("\n").length - 1;
    const before = last < 0 ? this.#column : 0;
    return {
      line: 1 + this.#lines + lines,
      column: 1 + before + this.#decode(last + 1, at).length,
    };
  }

  #pass(to: number): void {
    const text = this.#text;
    let last = -1;
    for (let at = text.indexOf("\n"); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) {
      this.#lines++;
      last = at;
    }
    this.#column = (last < 0 ? this.#column : 0) + to - last - 1;
    this.#at = 0;
  }

  #refuse(message: string, at: number): never {
    throw new Broken("malformed", message, this.place(at));
  }

  #malformed(what: string, at: number): never {
    this.#refuse(`is not well-formed XML: it has ${what}`, at);
  }
}
