import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { framesOf, ownFrame } from "./_frames.ts";

const places = { root: "/work/shop", cwd: "/work/shop" };

/** Frames as `file:line:column function`, for short expectations. */
function shown(text: string): string[] {
  return framesOf(text, places).map((frame) =>
    `${frame.file}:${frame.line}${frame.column === undefined ? "" : `:${frame.column}`}` +
    (frame.function === undefined ? "" : ` ${frame.function}`)
  );
}

Deno.test("frames of a Python traceback, innermost first", () => {
  assertEquals(
    shown(`Traceback (most recent call last):
  File "/work/shop/tests/test_cart.py", line 12, in test_total
    assert total(cart) == 3
  File "/work/shop/shop/cart.py", line 4, in total
    raise ValueError("empty")
ValueError: empty`),
    ["shop/cart.py:4 total", "tests/test_cart.py:12 test_total"],
  );
});

Deno.test("frames of chained Python exceptions: the one raised last comes first", () => {
  assertEquals(
    shown(`Traceback (most recent call last):
  File "a.py", line 1, in first
KeyError: 1

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "b.py", line 2, in outer
  File "b.py", line 3, in inner
ValueError: 2`),
    ["b.py:3 inner", "b.py:2 outer", "a.py:1 first"],
  );
});

Deno.test("frames of pytest, long and short", () => {
  assertEquals(
    shown(`    def test_total():
>       helper(1)

tests/test_cart.py:12: 
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def helper(n):
>       assert n == 2
E       assert 1 == 2

tests/helpers.py:4: AssertionError`),
    ["tests/helpers.py:4", "tests/test_cart.py:12"],
  );
  assertEquals(shown("tests/test_cart.py:12: in test_total\n    helper(1)"), [
    "tests/test_cart.py:12 test_total",
  ]);
});

Deno.test("frames of Ruby: RSpec, minitest, both quotings", () => {
  assertEquals(
    shown(`Failure/Error: expect(cart.total).to eq 3
# ./lib/cart.rb:8:in 'Cart#total'
# ./spec/cart_spec.rb:5:in 'block (2 levels) in <top (required)>'
/usr/lib/ruby/gems/3.1.0/gems/rspec-core/lib/rspec/core.rb:9:in \`run'
\tfrom /work/shop/bin/run.rb:3:in \`<main>'`),
    [
      "lib/cart.rb:8 Cart#total",
      "spec/cart_spec.rb:5 block (2 levels) in <top (required)>",
      "/usr/lib/ruby/gems/3.1.0/gems/rspec-core/lib/rspec/core.rb:9 run",
      "bin/run.rb:3 <main>",
    ],
  );
  assertEquals(shown("CartTest#test_total [test/cart_test.rb:7]:\n[test/cart_test.rb:7]:"), [
    "test/cart_test.rb:7",
  ]);
});

Deno.test("frames of V8 and Deno: URLs, async, methods, eval, natives", () => {
  assertEquals(
    shown(`AssertionError: Values are not equal.
    at assertEquals (https://jsr.io/@std/assert/1.0.0/equals.ts:64:9)
    at Cart.total [as sum] (file:///work/shop/src/my%20cart.ts:4:11)
    at async file:///work/shop/src/cart_test.ts:10:3
    at async Promise.all (index 0)
    at new Cart (/work/shop/src (old)/cart.js:1:2)
    at Array.map (<anonymous>)
    at <anonymous> (/work/shop/a.js:3:1)
    at eval (eval at run (file:///work/shop/run.js:7:3), <anonymous>:1:1)
    at process.processTicks (node:internal/process/task_queues:95:5)
    at C:\\shop\\cart.js:5:6`),
    [
      "https://jsr.io/@std/assert/1.0.0/equals.ts:64:9 assertEquals",
      "src/my cart.ts:4:11 Cart.total",
      "src/cart_test.ts:10:3",
      "src (old)/cart.js:1:2 new Cart",
      "a.js:3:1",
      "run.js:7:3 eval",
      "node:internal/process/task_queues:95:5 process.processTicks",
      "C:/shop/cart.js:5:6",
    ],
  );
});

Deno.test("frames of Firefox and of vitest", () => {
  assertEquals(
    shown(
      "total@file:///work/shop/cart.js:4:11\n@http://localhost:8000/run.js:1:2\n" +
        " ❯ sum src/sum.ts:3:9\n ❯ src/sum.test.ts:8:2",
    ),
    [
      "cart.js:4:11 total",
      "http://localhost:8000/run.js:1:2",
      "src/sum.ts:3:9 sum",
      "src/sum.test.ts:8:2",
    ],
  );
});

Deno.test("frames of Java and Kotlin carry the package's folder", () => {
  assertEquals(
    shown(`org.opentest4j.AssertionFailedError: expected: <3> but was: <2>
	at app//org.junit.jupiter.api.Assertions.assertEquals(Assertions.java:150)
	at com.acme.Cart$Inner.<init>(Cart.java:12)
	at com.acme.CartTestKt.total(CartTest.kt:9) [classes/:na]
	at com.acme.CartTest.total(CartTest.kt:9)
	at java.base/java.lang.reflect.Method.invoke(Native Method)
	at Main.main(Main.java:3)
Caused by: java.lang.IllegalStateException
	... 40 more`),
    [
      "org/junit/jupiter/api/Assertions.java:150 org.junit.jupiter.api.Assertions.assertEquals",
      "com/acme/Cart.java:12 com.acme.Cart$Inner.<init>",
      "com/acme/CartTest.kt:9 com.acme.CartTestKt.total",
      "Main.java:3 Main.main",
    ],
  );
});

Deno.test("frames of Go: t.Error, a panic, testify", () => {
  assertEquals(shown("    cart_test.go:12: got 2, want 3"), ["cart_test.go:12"]);
  assertEquals(
    shown(`panic: boom [recovered]

goroutine 7 [running]:
panic({0x51e2a0?, 0x56a1b8?})
	/usr/local/go/src/runtime/panic.go:914 +0x21f
example.com/shop.(*Cart).Total(0xc000007ba0, {0x1, 0x2})
	/work/shop/cart.go:8 +0x1d
created by testing.(*T).Run in goroutine 1
	/usr/local/go/src/testing/testing.go:1648 +0x3ad`),
    [
      "/usr/local/go/src/runtime/panic.go:914 panic",
      "cart.go:8 example.com/shop.(*Cart).Total",
      "/usr/local/go/src/testing/testing.go:1648 testing.(*T).Run",
    ],
  );
  assertEquals(shown("        	Error Trace:	/work/shop/cart_test.go:14"), ["cart_test.go:14"]);
});

Deno.test("frames of .NET, PHP, Rust, C++", () => {
  assertEquals(
    shown("   at Shop.Tests.Cart.Total(Int32 count) in C:\\shop\\CartTest.cs:line 12"),
    ["C:/shop/CartTest.cs:12 Shop.Tests.Cart.Total(Int32 count)"],
  );
  assertEquals(
    shown(
      "#0 /work/shop/src/Cart.php(12): Cart->total(Array)\n#1 {main}\n/work/shop/CartTest.php:9",
    ),
    ["src/Cart.php:12 Cart->total", "CartTest.php:9"],
  );
  assertEquals(
    shown(
      "thread 'cart::total' (77) panicked at src/cart.rs:12:5:\n   3: shop::total\n" +
        "             at ./src/cart.rs:9:1",
    ),
    ["src/cart.rs:12:5", "src/cart.rs:9:1 shop::total"],
  );
  assertEquals(shown("/work/shop/cart_test.cc:12: Failure"), ["cart_test.cc:12"]);
});

Deno.test("prose is not taken for frames", () => {
  for (
    const text of [
      "expected the server at http://localhost:3000",
      "    at http://localhost:3000",
      "at 12:30 the clock struck",
      "got (1:2), want 3:4",
      "see section 3.2:1 of the manual",
      "ratio 16:9",
    ]
  ) assertEquals(shown(text), [], text);
});

Deno.test("colours do not hide frames, repeated places count once, fifty are kept", () => {
  assertEquals(shown("\x1b[2m    at \x1b[22mf (\x1b[36m/work/shop/a.js:1:2\x1b[39m)"), [
    "a.js:1:2 f",
  ]);
  assertEquals(shown("    at f (/a.js:1:2)\n".repeat(9)).length, 1);
  const deep = Array.from({ length: 400 }, (_, n) => `  File "a.py", line ${n + 1}, in f`);
  assertEquals(shown(deep.join("\n")).length, 50);
  assertEquals(shown(deep.join("\n"))[0], "a.py:400 f");
});

Deno.test("the project's own frame is neither a library's nor the runtime's", () => {
  const frames = framesOf(
    "at a (node:internal/x:1:2)\nat b (/work/shop/node_modules/chai/index.js:1:1)\n" +
      "at c (/opt/x.js:1:1)\nat org.junit.Assert.fail(Assert.java:86)\nat d (/work/shop/src/d.js:5:6)",
    places,
  );
  assertEquals(ownFrame(frames)?.file, "src/d.js");
  assertEquals(ownFrame([{ file: "/usr/lib/x.py" }]), undefined);
});

Deno.test("property: any text is read, whatever it holds", () => {
  const piece = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(" at ", "(", ")", ":1:2", ".py", "\n", 'File "', "/", " in ", "%ff", "file://"),
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    for (const frame of framesOf(pieces.join(""), places)) {
      assert(frame.file.isWellFormed() && !frame.file.includes("\n"), frame.file);
    }
  }));
});

Deno.test("hostile text of a megabyte is read in linear time", () => {
  const started = performance.now();
  const parts = ["at ", " in ", "@/", ":1", "/a.py:", "at x (", " (1) ", "# from ", "\x1b["];
  for (const part of parts) {
    framesOf(part.repeat(1_000_000 / part.length), places);
    framesOf(`at ${part.repeat(30)}\n`.repeat(10_000), places);
    framesOf(`at ${part.repeat(300)}:line 1\n`.repeat(1_000), places);
  }
  assert(performance.now() - started < 5000, `${performance.now() - started} ms`);
});
