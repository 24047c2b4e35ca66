import { assertEquals } from "@std/assert";
import { circlesIn, importsIn, importsOfOwnMod } from "./circles.ts";

const graph = (imports: Record<string, string[]>) => new Map(Object.entries(imports));

Deno.test("circles: of two files is found, with its path; an import one way is not a circle", () => {
  const files = { "src/a/x.ts": ["src/a/y.ts"], "src/a/y.ts": ["src/a/z.ts"], "src/a/z.ts": [] };
  assertEquals(circlesIn(graph(files)), []);
  assertEquals(circlesIn(graph({ ...files, "src/a/z.ts": ["src/a/x.ts"] })), [
    "src/a/x.ts → src/a/y.ts → src/a/z.ts → src/a/x.ts",
  ]);
});

Deno.test("circles: of two folders is one though no two files make it", () => {
  const files = { "src/a/1.ts": ["src/b/1.ts"], "src/b/2.ts": ["src/a/2.ts"] };
  assertEquals(circlesIn(graph(files)), ["src/a → src/b → src/a"]);
});

Deno.test("circles: of a file and a folder next to it", () => {
  const files = { "src/a/1.ts": ["src/a/b/1.ts"], "src/a/b/2.ts": ["src/a/1.ts"] };
  assertEquals(circlesIn(graph(files)), ["src/a/1.ts → src/a/b → src/a/1.ts"]);
});

Deno.test("circles: a folder's mod.ts is not for its own files; for others it is", () => {
  const files = { "src/a/1.ts": ["src/a/mod.ts"], "src/b.ts": ["src/a/mod.ts"] };
  assertEquals(importsOfOwnMod(graph(files)), ["src/a/1.ts → src/a/mod.ts"]);
});

Deno.test("circles: imports of types and dynamic ones count, words in comments do not", () => {
  const text = `/** import("./no.ts") */
// from "./no.ts"
import type { A } from "./a.ts";
import {
  b,
} from "../b.ts";
export { c } from "./c/mod.ts";
const d = await import("./d.ts");
import e from "@std/path";
`;
  assertEquals(importsIn("src/x/y.ts", text), [
    "src/x/a.ts",
    "src/b.ts",
    "src/x/c/mod.ts",
    "src/x/d.ts",
  ]);
});
