import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parse as strict } from "npm:smol-toml@1.9.1";
import { parseToml, scanToml, TomlError } from "./toml.ts";

async function refusal(text: string): Promise<string> {
  const { line, column, message } = await assertRejects(() => parseToml(text), TomlError);
  return `${line}:${column} ${message}`;
}

Deno.test("a key given twice in TOML is refused, whichever parser there is", async () => {
  const rows: [string, string][] = [
    ["a = 1\nb = 2\na = 3", '3:1 duplicate key "a"; it is already on line 1'],
    ["[t]\na = 1\n[t]\nb = 1", '3:1 duplicate key "t"; it is already on line 1'],
    ['[t]\na = 1\n"\\u0061" = 2', '3:1 duplicate key "t.a"; it is already on line 2'],
    ["a = 1\n'a' = 2", '2:1 duplicate key "a"; it is already on line 1'],
    ["t = { a = 1, b = 2, a = 3 }", '1:21 duplicate key "t.a"; it is already on line 1'],
    ["t = { a = 1 }\n[t.b]", '2:1 duplicate key "t"; it is already on line 1'],
    ["[[l]]\na = 1\n[[l]]\na = 1\na = 2", '5:1 duplicate key "l[1].a"; it is already on line 4'],
    ["[[l]]\n[l]", '2:1 duplicate key "l"; it is already on line 1'],
    ["l = []\n[[l]]", '2:1 duplicate key "l"; it is already on line 1'],
    ["a.b = 1\n[a]", '2:1 duplicate key "a"; it is already on line 1'],
    ["a = 1\na = 2\nb = = 3", '2:1 duplicate key "a"; it is already on line 1'],
  ];
  for (const [text, expected] of rows) assertEquals(await refusal(text), expected, text);
});

Deno.test("TOML that nests too deep is refused with its line, however it nests", async () => {
  const deep = (depth: number) => [
    `x = 1\n[${Array(depth).fill("a").join(".")}]`,
    `x = 1\n${Array(depth).fill("a").join(".")} = 1`,
    `x = 1\na = ${"[".repeat(depth)}${"]".repeat(depth)}`,
    `x = 1\n${"a = { ".repeat(depth - 1)}a = 1${" }".repeat(depth - 1)}`,
  ];
  for (const text of [...deep(501), ...deep(20_000)]) {
    assertMatch(await refusal(text), /^2:\d+ it nests deeper than 500 levels$/);
  }
  for (const text of deep(500)) await parseToml(text);
});

Deno.test("what TOML lets be opened again is no key given twice", () => {
  // Not parsed: `@std/toml` refuses the first.
  const again = [
    "[a.b]\n[a]",
    "a.b = 1\na.c = 2",
    "[[l]]\na = 1\n[[l]]\na = 1",
    "[a]\nb.c = 1\n[a.b.d]",
  ];
  for (const text of [...again, "l = [{ a = 1 }, { a = 1 }]", 'a = "a = 1"\nb = 1']) {
    assertEquals(scanToml(text).repeated, undefined, text);
  }
});

Deno.test("an error of syntax is where it is, even if the rest looks like keys given twice", async () => {
  assertEquals((await refusal("a = = 3\na = 1\na = 1")).slice(0, 2), "1:");
  assertEquals((await refusal("[a]\nb = = 1\n[a]")).slice(0, 2), "2:");
});

Deno.test("property: a key is given twice where a strict parser says so", () => {
  const key = fc.array(fc.constantFrom("a", "b", '"a"'), { minLength: 1, maxLength: 3 })
    .map((names) => names.join("."));
  const value = fc.constantFrom("1", "[]", "[{ a = 1 }]", "{}", "{ a.b = 1, a.a = 2 }");
  const statement = fc.oneof(
    fc.tuple(key, value).map((pair) => pair.join(" = ")),
    key.map((name) => `[${name}]`),
    key.map((name) => `[[${name}]]`),
  );
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 5 }), (statements) => {
      const text = statements.join("\n");
      if (scanToml(text).repeated === undefined) strict(text);
      // It lets dotted keys add to a table that nothing but `[[…]]` implies; TOML does not.
      else if (!text.includes("[[")) assertThrows(() => strict(text), Error, "redefine");
    }),
    { numRuns: 2000 },
  );
});
