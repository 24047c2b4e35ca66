import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { stripAnsi } from "../../src/text/clean.ts";
import { truncate } from "../../src/text/words.ts";
import { cleanText, detailsText, firstLine, oneLine } from "./_text_clean.ts";

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

Deno.test("an unclosed terminal string swallows no text", () => {
  assertEquals(cleanText("\x1b]0;AssertionError: 1 != 2"), "␛]0;AssertionError: 1 != 2");
});

Deno.test("clean text shows controls and drops what reorders text", () => {
  assertEquals(cleanText("a\0b\x07c\x7fd"), "a␀b␇c␡d");
  assertEquals(cleanText("a\r\nb\rc\td"), "a\nb\nc\td");
  assertEquals(cleanText("a\u202eb\u2066c\ufeff"), "abc");
  assertEquals(cleanText("half \ud83d, whole 😀"), "half \ufffd, whole 😀");
});

Deno.test("truncation never cuts a character in two", () => {
  assertEquals(truncate("abcdef", 6), "abcdef");
  assertEquals(truncate("abcdef", 4), "abc…");
  assertEquals(truncate("ab😀def", 4), "ab…");
});

Deno.test("a message is the first line that says something", () => {
  assertEquals(firstLine("\n  \n  \x1b[31mboom\x1b[0m  \nmore"), "boom");
  assertEquals(firstLine(" \n\t"), "");
  assertEquals(firstLine("x".repeat(5000)).length, 1000);
});

Deno.test("a name stays on one line", () => {
  assertEquals(oneLine("renders\n   the page"), "renders the page");
  assertEquals(oneLine("x".repeat(5000)).length, 1000);
});

Deno.test("details lose blank ends only and are cut with a mark", () => {
  assertEquals(detailsText("\n  \n    indented\n  next\n\n"), "    indented\n  next");
  const cut = detailsText("\x1b[1m".repeat(1000) + "y".repeat(100), 200);
  assert(cut.endsWith("…"), cut);
});

Deno.test("property: cleaned text is well-formed and free of controls", () => {
  const unit = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\x1b[", "\x1b]", "\x9b", "\ud800", "\udc00", "\r", "\x07", "\u202e", "\x1b\\"),
  );
  fc.assert(fc.property(fc.array(unit), (parts) => {
    const clean = cleanText(parts.join(""));
    assert(clean.isWellFormed());
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/.test(clean), JSON.stringify(clean));
    assertEquals(cleanText(clean), clean);
  }));
});

Deno.test("hostile text of a megabyte is cleaned in linear time", () => {
  const started = performance.now();
  for (const part of ["\x1b]", "\x1b[", "\x1b[1;", "\x1b[ ", "\x1bP", "\x9d", "\x1b ", "\x90"]) {
    cleanText(part.repeat(1_000_000 / part.length));
    detailsText(part.repeat(1_000_000 / part.length));
    firstLine(part.repeat(1_000_000 / part.length));
  }
  firstLine(" ".repeat(1_000_000));
  detailsText(" ".repeat(1_000_000));
  assert(performance.now() - started < 5000);
});
