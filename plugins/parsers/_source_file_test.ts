import { assertEquals } from "@std/assert";
import { sourceFile, sourceFiles } from "./_source_file.ts";

const places = { root: "/work/shop", cwd: "/work/shop" };

Deno.test("files inside the root are relative to it, others absolute, URLs as they are", () => {
  const cases: [string, string][] = [
    ["src/cart.ts", "src/cart.ts"],
    ["./src/cart.ts", "src/cart.ts"],
    ["/work/shop/src/cart.ts", "src/cart.ts"],
    ["/work/shop/../other/cart.ts", "/work/other/cart.ts"],
    ["/work/shopping/cart.ts", "/work/shopping/cart.ts"],
    ["../other/cart.ts", "/work/other/cart.ts"],
    ["src/./a//cart.ts", "src/a/cart.ts"],
    [".github/check.py", ".github/check.py"],
    ["file:///work/shop/my%20cart.ts", "my cart.ts"],
    ["file:///work/shop/100%.ts", "100%.ts"],
    ["file:///work/shop/cart.ts?t=1", "cart.ts"],
    ["node:internal/modules/run_main", "node:internal/modules/run_main"],
    ["https://example.com/x.js", "https://example.com/x.js"],
    ["tests\\cart_test.cs", "tests/cart_test.cs"],
    ["C:\\shop\\cart.cs", "C:/shop/cart.cs"],
    ["cart\x1b[2J.ts", "cart.ts"],
  ];
  for (const [input, expected] of cases) assertEquals(sourceFile(input, places), expected, input);
});

Deno.test("relative names start at the folder the command ran in", () => {
  const inside = { root: "/work/shop", cwd: "/work/shop/api" };
  assertEquals(sourceFile("cart.go", inside), "api/cart.go");
  assertEquals(sourceFile("../web/cart.go", inside), "web/cart.go");
});

Deno.test("a root with a drive letter", () => {
  const windows = { root: "C:\\shop", cwd: "C:\\shop" };
  assertEquals(sourceFile("C:\\shop\\src\\cart.cs", windows), "src/cart.cs");
  assertEquals(sourceFile("file:///C:/shop/src/cart.ts", windows), "src/cart.ts");
});

Deno.test("names remembered from one test to the next", () => {
  const file = sourceFiles(places);
  assertEquals([file("./a.ts"), file("./a.ts"), file("./b.ts")], ["a.ts", "a.ts", "b.ts"]);
});
