import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { cleanText, detailsText, firstLine, oneLine } from "./_text_clean.ts";

Deno.test("an unclosed terminal string swallows no text", () => {
  assertEquals(cleanText("\x1b]0;AssertionError: 1 != 2"), "␛]0;AssertionError: 1 != 2");
});

Deno.test("clean text shows controls and drops what reorders text", () => {
  assertEquals(cleanText("a\0b\x07c\x7fd"), "a␀b␇c␡d");
  assertEquals(cleanText("a\r\nb\rc\td"), "a\nb\nc\td");
  assertEquals(cleanText("a\u202eb\u2066c\ufeff"), "abc");
  assertEquals(cleanText("half \ud83d, whole 😀"), "half \ufffd, whole 😀");
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
