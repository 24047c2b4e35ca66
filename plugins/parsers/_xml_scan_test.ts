/** The scanner against another parser, on documents made and damaged at random. */

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { SaxesParser } from "saxes";
import { Broken } from "./_events.ts";
import { type Attributes, XmlScanner } from "./_xml_scan.ts";

/** What a document holds, texts joined; `undefined` when it is refused. */
type Reading = readonly string[] | undefined;

class Recorder {
  readonly #wants: (open: readonly string[]) => boolean;
  readonly #open: string[] = [];
  readonly seen: string[] = [];
  #text = "";

  constructor(wants: (open: readonly string[]) => boolean) {
    this.#wants = wants;
  }

  open(name: string, attributes: Attributes): void {
    this.#flush();
    this.#open.push(name);
    this.seen.push(`<${name} ${JSON.stringify(Object.entries(attributes))}`);
  }

  close(name: string): void {
    this.#flush();
    this.#open.pop();
    this.seen.push(`</${name}`);
  }

  text(text: string): void {
    if (this.wantsText()) this.#text += text;
  }

  wantsText(): boolean {
    return this.#wants(this.#open);
  }

  #flush(): void {
    if (this.#text !== "") this.seen.push(this.#text);
    this.#text = "";
  }
}

const inFailures = (open: readonly string[]) => open.includes("failure");

function scanned(bytes: Uint8Array, size: number): Reading {
  const recorder = new Recorder(inFailures);
  const scanner = new XmlScanner(recorder);
  try {
    for (let at = 0; at < bytes.length; at += size) scanner.write(bytes.subarray(at, at + size));
    scanner.close();
    return recorder.seen;
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
}

/** The same by saxes, with what assay accepts: blank lines first, characters that XML forbids. */
function oracle(xml: string): Reading {
  const recorder = new Recorder(inFailures);
  const parser = new SaxesParser({ xmlns: false, position: false });
  let isRefused = false;
  parser.on("error", () => isRefused = true);
  parser.on("doctype", () => isRefused = true);
  parser.on("opentag", ({ name, attributes }) => recorder.open(name, attributes));
  parser.on("closetag", ({ name }) => recorder.close(name));
  parser.on("text", (text) => recorder.text(text));
  parser.on("cdata", (text) => recorder.text(text));
  parser.write(xml.replace(/^\ufeff?[ \t\r\n]*/, "")).close();
  return isRefused ? undefined : recorder.seen;
}

const name = fc.constantFrom("a", "testcase", "failure", "failure", "x:y", "_b-1.c", "é", "日本");
const word = fc.constantFrom(
  ...[
    "",
    "x",
    " ",
    "a b",
    "é",
    "😀",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "]",
    "]]",
    "'",
    "&lt;",
    "&amp;",
  ],
  ...["&#65;", "&#x1F600;", "&#10;", "&quot;", "a".repeat(40), "日本語 text"],
);
const value = fc.array(word, { maxLength: 4 })
  .map((words) => words.join("").replaceAll("]]>", "]]"));
const space = fc.constantFrom("", "", "", " ", "\n", "\t", "\r\n  ");
const attribute = fc.tuple(name, value, space, space, fc.constantFrom('"', "'"))
  .map(([key, text, before, after, mark]) =>
    ` ${key}${before}=${after}${mark}${text.replaceAll(mark, "")}${mark}`
  );
const attributes = fc.uniqueArray(attribute, {
  maxLength: 4,
  selector: (written) => /\s*([^\s=]+)/.exec(written)![1],
}).map((all) => all.join(""));
const aside = fc.constantFrom(
  ...["<!-- a > b -->", "<!---->", "<?pi x ? > y?>", "<?a?>", "<![CDATA[<a> ]] & ]>]]>"],
  ...["<![CDATA[]]>", "<![CDATA[\r\né]]]]>"],
);

const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  content: fc.array(fc.oneof({ maxDepth: 4 }, value, aside, tie("element")), { maxLength: 4 })
    .map((parts) => parts.join("")),
  element: fc.tuple(name, attributes, space, tie("content"), fc.boolean())
    .map(([tag, said, blank, content, isEmpty]) =>
      isEmpty ? `<${tag}${said}${blank}/>` : `<${tag}${said}${blank}>${content}</${tag}${blank}>`
    ),
}));

const document = fc.tuple(
  fc.constantFrom(
    "",
    "\ufeff",
    "\n ",
    "<?xml version='1.0'?>",
    '<?xml version="1.0" encoding="UTF-8" ?>\n',
  ),
  fc.constantFrom("", "<!-- first -->", "<?pi?>\n"),
  element,
  fc.constantFrom("", "\n", "<!-- last -->", " <?pi?>"),
).map((parts) => parts.join(""));

const damage = fc.constantFrom(
  ...["<", ">", "&", '"', "'", "/", "x", "-", "--", "]", "]]>", " ", "=", "é", "!", "?", "1", "\n"],
  ...[
    "<a>",
    "</a>",
    "<!DOCTYPE a>",
    "<!ENTITY b>",
    "<![CDATA[",
    "<?xml version='1.0'?>",
    "&nbsp;",
    "<!--",
  ],
);

/** Where saxes is wrong (`<?a?b?>` is no instruction), or stricter than assay (`&#5;`). */
const apart = /<\?[^\s?>]+\?[^>]|&#(?:0|[1-8]|1[0-9]|2[0-9]|x0*[0-9a-f]|x0*1[0-9a-f]);/i;

const sizes = fc.constantFrom(1, 2, 3, 7, 1_000_000);

Deno.test("property: a document is read as saxes reads it, in chunks of any size", () => {
  fc.assert(
    fc.property(document, sizes, (xml, size) => {
      const expected = oracle(xml);
      assertEquals(scanned(new TextEncoder().encode(xml), size), expected, xml);
      assertEquals(expected === undefined, false, xml);
    }),
    { numRuns: 500 },
  );
});

Deno.test("property: a damaged document is refused exactly when saxes refuses it", () => {
  let refused = 0;
  fc.assert(
    fc.property(document, fc.nat(), damage, fc.nat(3), sizes, (xml, place, text, cut, size) => {
      const at = place % (xml.length + 1);
      const damaged = (xml.slice(0, at) + text + xml.slice(at + cut)).toWellFormed();
      fc.pre(!apart.test(damaged) && damaged.lastIndexOf("\ufeff") <= 0);
      const expected = oracle(damaged);
      if (expected === undefined) refused++;
      assertEquals(scanned(new TextEncoder().encode(damaged), size), expected, damaged);
    }),
    { numRuns: 3000 },
  );
  assertEquals(refused > 1000, true, `${refused} were refused`);
});

Deno.test("property: a document cut at any byte is refused", () => {
  fc.assert(
    fc.property(document, sizes, (xml, size) => {
      const bytes = new TextEncoder().encode(xml.trimEnd());
      const whole = oracle(xml)!.length;
      for (let length = 0; length < bytes.length; length++) {
        const reading = scanned(bytes.subarray(0, length), size);
        // Only what follows the root may be missing.
        if (reading !== undefined) assertEquals(reading.length, whole, xml.slice(0, length));
      }
    }),
    { numRuns: 50 },
  );
});
