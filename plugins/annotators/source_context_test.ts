import { assertEquals } from "@std/assert";
import type { Event } from "../../src/model.ts";
import { annotating } from "./_testing.ts";

const cart = `class Cart:
    def __init__(self):
        self.items = []

    def total(self):
        result = 0
        for item in self.items:
\t\tresult += item
        return result
`;

const at = (file: string, line: number, more: Partial<Event> = {}) => ({ file, line, ...more });

Deno.test("source_context shows the lines around, marks the one meant and names the function", () =>
  annotating({ "src/cart.py": cart }, async ({ annotate }) => {
    const { said, warnings } = await annotate("source_context", [at("src/cart.py", 6)]);
    assertEquals(warnings, []);
    assertEquals(said, [{
      ref: "test:1:1",
      annotator: "source_context",
      key: "source_context",
      type: "source_context",
      display: "detail",
      text: [
        "src/cart.py:6 in Cart.total",
        "  3 |         self.items = []",
        "  4 |",
        "  5 |     def total(self):",
        "> 6 |         result = 0",
        "  7 |         for item in self.items:",
        "  8 | \t\tresult += item",
        "  9 |         return result",
      ].join("\n"),
      data: {
        file: "src/cart.py",
        line: 6,
        first_line: 3,
        lines: cart.split("\n").slice(2, 9),
        enclosing: "Cart.total",
      },
    }]);
  }));

Deno.test("source_context shows the innermost frame of the project's own", () =>
  annotating(
    { "src/cart.py": cart, "t.py": "cart.total()\n", "node_modules/x.js": "x" },
    async ({ annotate }) => {
      const { said } = await annotate("source_context", [
        at("t.py", 1, {
          frames: [
            { file: "/usr/lib/python3/unittest.py", line: 1 },
            { file: "node_modules/x.js", line: 1 },
            { file: "src/cart.py", line: 2, function: "__init__" },
            { file: "t.py", line: 1 },
          ],
        }),
        at("t.py", 1),
      ]);
      assertEquals(said.map(({ text }) => text!.split("\n")[0]), [
        "src/cart.py:2 in Cart.__init__",
        "t.py:1",
      ]);
    },
  ));

Deno.test("source_context knows every end of line and the edges of a file", () =>
  annotating(
    { "crlf.js": "\ufefffunction f() {\r\n  a;\r\n}\r\n", "cr.txt": "one\rtwo", "one.txt": "only" },
    async ({ annotate }) => {
      const { said } = await annotate("source_context", [
        at("crlf.js", 2),
        at("cr.txt", 2),
        at("one.txt", 1),
        at("one.txt", 2),
        at("one.txt", 0),
        at("crlf.js", 4),
      ]);
      assertEquals(said.map(({ text }) => text), [
        "crlf.js:2 in f\n  1 | function f() {\n> 2 |   a;\n  3 | }",
        "cr.txt:2\n  1 | one\n> 2 | two",
        "one.txt:1\n> 1 | only",
      ]);
    },
  ));

Deno.test("source_context says nothing of what is binary, huge, a folder, nameless or not there", () =>
  annotating(
    {
      "image.png": new Uint8Array([0x89, 0x50, 0, 1, 10, 13]),
      "huge.txt": "line\n".repeat(600_000),
      "folder/file.txt": "x",
      "plain.txt": "yes\n",
    },
    async ({ annotate }) => {
      const files = [
        "image.png",
        "huge.txt",
        "folder",
        "gone.txt",
        "",
        "nul\0.txt",
        "x".repeat(5000),
      ];
      const { said, warnings } = await annotate("source_context", [
        ...files.map((file) => at(file, 1)),
        {},
        { file: "plain.txt" },
        at("plain.txt", 1),
      ]);
      assertEquals(said.map(({ text }) => text), ["plain.txt:1\n> 1 | yes"]);
      assertEquals(warnings, []);
    },
  ));

Deno.test("source_context reads nothing outside the root, by no way", () =>
  annotating({ "in/own.txt": "own\n" }, async ({ root, annotate }) => {
    const outside = `${root}/../secret.txt`;
    await Deno.writeTextFile(outside, "secret\n");
    await Deno.mkdir(`${root}-beside`);
    await Deno.writeTextFile(`${root}-beside/secret.txt`, "secret\n");
    await Deno.symlink(outside, `${root}/link.txt`);
    await Deno.symlink("..", `${root}/up`);
    await Deno.symlink("in/own.txt", `${root}/inner.txt`);
    const ways = [
      "../secret.txt",
      "in/../../secret.txt",
      await Deno.realPath(outside),
      "link.txt",
      "up/secret.txt",
      `${root}-beside/secret.txt`,
      "file:///etc/passwd",
      "/etc/passwd",
    ];
    const { said } = await annotate("source_context", [
      ...ways.map((file) => at(file, 1)),
      ...ways.map((file) => ({ frames: [{ file, line: 1 }] })),
      at("inner.txt", 1),
    ]);
    assertEquals(said.map(({ text }) => text), ["inner.txt:1\n> 1 | own"]);
  }));

Deno.test("source_context cuts the lines of a minified file", () =>
  annotating({ "a.min.js": "x;".repeat(50_000) }, async ({ annotate }) => {
    const { said, warnings } = await annotate("source_context", [at("a.min.js", 1)]);
    assertEquals([said[0]!.text!.length, warnings], ["a.min.js:1\n> 1 | ".length + 300, []]);
  }));

Deno.test("source_context looks at the first thousand problems, and says so", () =>
  annotating({ "a.txt": "a\n" }, async ({ annotate }) => {
    const events = Array.from({ length: 1001 }, () => at("a.txt", 1));
    const { said, warnings } = await annotate("source_context", events);
    assertEquals(said.length, 1000);
    assertEquals(warnings, [
      'annotator "source_context": only the first 1000 problems were looked at',
    ]);
  }));
