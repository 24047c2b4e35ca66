import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { aRun, testCounts } from "../../../tests/records.ts";
import { styles } from "./style.ts";
import { table } from "./table.ts";
import { cut, displayWidth, padEnd, wrap } from "./width.ts";
import { durationText } from "../../text/words.ts";
import { lineageText, testsText } from "./words.ts";

Deno.test("width: wide letters and emoji take two columns, marks and colours none", () => {
  const widths = ["abc", "日本", "e\u0301", "👩‍👩‍👧", "ﾃｽﾄ", "한글", "✓", "…", "\x1b[31mab\x1b[39m"];
  assertEquals(widths.map(displayWidth), [3, 4, 1, 2, 3, 4, 1, 1, 2]);
});

Deno.test("cut keeps what fits and says that it cut", () => {
  assertEquals(cut("abcdef", 6), "abcdef");
  assertEquals(cut("abcdef", 4), "abc…");
  assertEquals(cut("日本語", 4), "日…");
  assertEquals(cut("abc", 0), "");
});

Deno.test("wrap breaks between words, and in words that are too long", () => {
  assertEquals(wrap("one two three", 7), ["one two", "three"]);
  assertEquals(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
  assertEquals(wrap("日本語", 4), ["日本", "語"]);
  assertEquals(wrap("", 10), [""]);
});

Deno.test("wrap and cut never exceed the width and lose no word", () => {
  const word = fc.string({
    unit: fc.constantFrom("a", "é", "日", "👍"),
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(fc.property(fc.array(word), fc.integer({ min: 2, max: 30 }), (words, columns) => {
    const text = words.join(" ");
    const lines = wrap(text, columns);
    assert(lines.every((line) => displayWidth(line) <= columns));
    assertEquals(lines.join("").replaceAll(" ", ""), words.join(""));
    assert(displayWidth(cut(text, columns)) <= columns);
  }));
});

Deno.test("padEnd counts columns, not letters", () => {
  assertEquals(padEnd("日本", 6), "日本  ");
  assertEquals(padEnd("long", 2), "long");
});

Deno.test("table aligns by columns and wraps the last one", () => {
  const rows = [["日本", "x", "one two three four five six"], ["a", "12", "b"]];
  const lines = ["日本   x  one two three four", "          five six", "a     12  b", ""];
  assertEquals(table(rows, { columns: 32, right: [1] }), lines.join("\n"));
});

Deno.test("table cuts other columns before the last one vanishes", () => {
  const rows = [["a-very-long-name-indeed", "the last column keeps twenty-four"]];
  assertEquals(
    table(rows, { columns: 40 }),
    [
      "a-very-long-n…  the last column keeps",
      "                twenty-four",
      "",
    ].join("\n"),
  );
  const whole = table(rows, { columns: 40, whole: [0] });
  assert(whole.startsWith("a-very-long-name-indeed  "));
});

Deno.test("table paints cells without moving them", () => {
  const style = styles(true);
  const cell = (text: string) => ({ text, paint: style.red });
  const painted = table([[cell("a"), "b"], ["ccc", cell("d")]], { columns: 20 });
  assertEquals(painted, "\x1b[31ma\x1b[39m    b\nccc  \x1b[31md\x1b[39m\n");
});

Deno.test("table of nothing, and of rows of different lengths", () => {
  assertEquals(table([], { columns: 20 }), "");
  assertEquals(table([["a"], ["b", "c"]], { columns: 20 }), "a\nb  c\n");
});

Deno.test("styles without colour change nothing", () => {
  assertEquals(Object.values(styles(false)).map((paint) => paint("x")), ["x", "x", "x", "x", "x"]);
});

Deno.test("durations", () => {
  const times = [0, 49, 950, 12_345, 59_940, 59_960, 125_000, 3_599_600, 3_725_000];
  assertEquals(times.map(durationText), [
    "0ms",
    "49ms",
    "950ms",
    "12.3s",
    "59.9s",
    "1m",
    "2m 5s",
    "1h",
    "1h 2m 5s",
  ]);
});

Deno.test("counts of tests and lineage leave out zeros", () => {
  assertEquals(testsText(testCounts({ passed: 2, flaky: 1 })), "2 passed, 1 flaky");
  assertEquals(testsText(testCounts()), "");
  assertEquals(lineageText(aRun({ dirty: false })), "main 1a2b3c4");
  assertEquals(lineageText(aRun({ branch: null, commit: null, dirty: null })), "");
});
