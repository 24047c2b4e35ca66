import { assertEquals } from "@std/assert";
import { isWithin } from "./paths.ts";
import { shellLine } from "./shell.ts";
import { isTable } from "./values.ts";
import { listed, plural, truncate } from "./words.ts";

Deno.test("within: the folder itself and what lies in it, not what only begins alike", () => {
  assertEquals(
    [["/a", "/a"], ["/a/b", "/a"], ["/ab", "/a"], ["/a", "/a/b"], ["/a", "/"], ["/", "/"]]
      .map(([path, folder]) => isWithin(path!, folder!)),
    [true, true, false, false, true, true],
  );
});

Deno.test("truncation never cuts a character in two", () => {
  assertEquals(truncate("abcdef", 6), "abcdef");
  assertEquals(truncate("abcdef", 4), "abc…");
  assertEquals(truncate("ab😀def", 4), "ab…");
});

Deno.test("counts and lists read as sentences", () => {
  assertEquals([0, 1, 2].map((count) => plural(count, "test")), ["0 tests", "1 test", "2 tests"]);
  assertEquals(plural(2, "process", "processes"), "2 processes");
  assertEquals([[], ["a"], ["a", "b"], ["a", "b", "c"]].map((items) => listed(items)), [
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
  assertEquals(listed(["a", "b"], "or"), "a or b");
});

Deno.test("a shell reads back each word of a line", () => {
  assertEquals(shellLine(["a", "./b=c", "", "it's", "$x y"]), `a ./b=c '' 'it'\\''s' '$x y'`);
});

Deno.test("a table is an object and no list", () => {
  const values = [{}, Object.create(null), new Date(), [], null, "text"];
  assertEquals(values.map(isTable), [true, true, true, false, false, false]);
});
