import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { clean, cleanLines, stripAnsi } from "./clean.ts";

const cleaned: readonly (readonly [string, string, string])[] = [
  ["colours", "\x1b[1;31mred\x1b[0m", "red"],
  ["cursor movement", "a\x1b[2A\x1b[2Kb", "ab"],
  ["a title that ends with a bell", "a\x1b]0;title\x07b", "ab"],
  ["a link that ends with ST", "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"],
  ["a device control string", "a\x1bP1;2|payload\x1b\\b", "ab"],
  ["8-bit introducers", "a\x9b31mb\x9d0;t\x9cc", "abc"],
  ["a sequence that never ends", "a\x1b[", "a"],
  ["a reset", "a\x1bcb", "ab"],
  ["line feeds and returns", "a\r\n\tb\rc", "a b c"],
  ["nulls, bells and backspaces", "a\x00\x07\b\x7fb", "ab"],
  ["marks that turn the direction", "a\u202eb\u2066c\u2069\u200f", "abc"],
  ["invisible tags and byte order marks", "\ufeffa\u{e0041}b", "ab"],
  ["half of a pair", "a\ud800b", "a\ufffdb"],
  ["what people write", "  naïve – 日本 👩‍👩‍👧 ", "naïve – 日本 👩‍👩‍👧"],
];

for (const [name, text, expected] of cleaned) {
  Deno.test(`clean: ${name}`, () => assertEquals(clean(text), expected));
}

Deno.test("clean lets nothing through that a terminal acts on", () => {
  // deno-lint-ignore no-control-regex -- this is what must not be there
  const acts = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
  const part = fc.constantFrom(
    "\x1b",
    "[",
    "]",
    "0;",
    "\x07",
    "\x9b",
    "\n",
    "\r",
    "a",
    "\u202e",
    "m",
  );
  fc.assert(fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
    const text = parts.join("");
    assertEquals(acts.test(clean(text)), false);
    assertEquals(cleanLines(text).some((line) => acts.test(line)), false);
  }));
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !acts.test(clean(text))));
});

Deno.test("cleanLines keeps lines and turns tabs into blanks", () => {
  assertEquals(cleanLines("a\r\n\tb\x1b[2J  \n\nc"), ["a", "    b", "", "c"]);
});

Deno.test("terminal sequences of every form are removed", () => {
  const cases: [string, string][] = [
    ["\x1b[31mred\x1b[0m", "red"],
    ["\x1b[38;2;1;2;3mrgb\x1b[m", "rgb"],
    ["\x9b1mone byte CSI", "one byte CSI"],
    ["\x1b[?25l\x1b[2K\x1b[1Ghidden", "hidden"],
    ["\x1b]0;title\x07text", "text"],
    ["\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "link"],
    ["\x9d0;title\x9ctext", "text"],
    ["\x1bPdevice\x1b\\text", "text"],
    ["\x1b(Btext\x1b7\x1bM", "text"],
    ["plain [31m", "plain [31m"],
  ];
  for (const [input, expected] of cases) assertEquals(stripAnsi(input), expected);
});
