import { assert, assertEquals } from "@std/assert";
import { enclosingIn } from "./_enclosing.ts";

const folder = new URL("../../tests/corpus/source_context/", import.meta.url);
const marker = /(?:#|\/\/)= (\S+)/;

for (const { name } of Deno.readDirSync(folder)) {
  if (!name.endsWith(".txt")) continue;
  Deno.test(`the function around each marked line of ${name}`, async () => {
    const source = await Deno.readTextFile(new URL(name, folder));
    const marked = source.split("\n").flatMap((line, index) => {
      const wanted = marker.exec(line)?.[1];
      return wanted === undefined ? [] : [{ line: index + 1, wanted }];
    });
    assert(marked.length > 0, "no line is marked");
    const enclosing = enclosingIn(name.replace(/\.txt$/, ""), source);
    assertEquals(
      marked.map(({ line }) => `${line}: ${enclosing(line) ?? "-"}`),
      marked.map(({ line, wanted }) => `${line}: ${wanted}`),
    );
  });
}

Deno.test("nothing is said of a language that is not known, nor of a source without end", () => {
  const source = "function f() {\n  1;\n}\n";
  assertEquals(enclosingIn("a.js", source)(2), "f");
  assertEquals(enclosingIn("a.unknown", source)(2), undefined);
  assertEquals(enclosingIn("Makefile", source)(2), undefined);
  assertEquals(enclosingIn("a.js", source + " ".repeat(600 * 1024))(2), undefined);
});

const hostile: readonly (readonly [string, string])[] = [
  ["a.js", "/*".repeat(200_000)],
  ["a.js", "`".repeat(400_001)],
  ["a.js", "a(".repeat(200_000)],
  ["a.js", `${"const a = ".repeat(40_000)}{}`],
  ["a.c", `${"a b ".repeat(100_000)}() {}`],
  ["a.java", `${"<".repeat(300_000)}() {}`],
  ["a.rs", 'r#"'.repeat(150_000)],
  ["a.py", `${'"""'.repeat(150_001)}`],
  ["a.rb", "<<A\n".repeat(120_000)],
  ["a.go", `${"func (".repeat(60_000)}{}`],
  ["a.js", `${"{".repeat(250_000)}${"}".repeat(250_000)}`],
];

Deno.test("no source takes long", () => {
  for (const [file, source] of hostile) {
    const start = performance.now();
    enclosingIn(file, source)(1);
    const took = performance.now() - start;
    // What is not linear takes minutes; a busy machine takes seconds.
    assert(took < 10_000, `${file} ${source.slice(0, 12)}… took ${took} ms`);
  }
});
