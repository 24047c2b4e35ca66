import { assert, assertEquals } from "@std/assert";
import { readAcceptance } from "./acceptance.ts";

function read(...lines: string[]): string {
  const result = readAcceptance(lines.join("\n"));
  return "error" in result ? result.error : `${result.checked}/${result.total}`;
}

Deno.test("acceptance counts every kind of list", () => {
  assertEquals(read("- [x] a", "* [X] b", "+ [x] c", "1. [x] d", "2) [ ] e", "> - [x] f"), "5/6");
});

Deno.test("acceptance keeps text and line of each item", () => {
  assertEquals(readAcceptance("# Done when\r\n\r\n- [x] builds\r\n- [ ]  tests pass \r\n"), {
    checked: 1,
    total: 2,
    items: [
      { text: "builds", checked: true, line: 3 },
      { text: "tests pass", checked: false, line: 4 },
    ],
  });
});

Deno.test("acceptance finds nested items", () => {
  assertEquals(read("- [x] a", "  - [ ] b", "        - [x] c", "", "    - [ ] d"), "2/4");
});

Deno.test("acceptance takes other marks and empty items for not done", () => {
  assertEquals(read("- [~] a", "- [-] b", "- [] c", "- [ ]", "- [x]"), "1/5");
});

Deno.test("acceptance misses no empty box, however it is spaced", () => {
  assertEquals(read("- [x] a", "- [  ] b", "- [\u00a0] c", "- - [ ] d", "- [ ]e", "- []f"), "1/6");
  assertEquals(read("1. - [ ] a", "> * 2) [\t] b", "-\u00a0[ ] c", "- [\u200b] d"), "0/4");
  assertEquals(readAcceptance("- [ ]tests pass"), {
    checked: 0,
    total: 1,
    items: [{ text: "tests pass", checked: false, line: 1 }],
  });
  assertEquals(read("- [](https://a.b) link", "- - [x] nested"), "1/1");
});

Deno.test("acceptance takes no links, footnotes or plain words for items", () => {
  assertEquals(read("- [x](https://a.b)", "- [1] see", "[x] words", "-[x] words"), "0/0");
});

Deno.test("acceptance leaves out code", () => {
  assertEquals(read("```md", "- [x] a", "```", "~~~~", "- [x] b", "~~~", "~~~~"), "0/0");
  assertEquals(read("1. ```", "   - [x] a", "   ```", "- [ ] b"), "0/1");
  assertEquals(read("Text", "", "    - [x] a"), "0/0");
  assertEquals(read("- list", "", "Text", "", "    - [x] a", "\t- [x] b"), "0/0");
  assertEquals(read("``` one line ```", "- [ ] a"), "0/1");
});

Deno.test("acceptance leaves out comments", () => {
  assertEquals(read("<!-- - [x] a -->", "<!--", "- [x] b", "--> text", "- [ ] c"), "0/1");
  assertEquals(read("- [ ] a <!-- why", "- [x] b", "-->", "- [x] c"), "1/2");
  assertEquals(read("<!--", "```", "-->", "- [x] a"), "1/1");
});

Deno.test("acceptance refuses what hides the rest of the file", () => {
  assert(read("- [x] a", "```", "- [ ] b").includes("line 2"));
  assert(read("- [x] a", "", "<!-- note", "- [ ] b").includes("line 3"));
});

Deno.test("acceptance of an empty text has no items", () => {
  assertEquals(read(""), "0/0");
});
