import { assert, assertEquals } from "@std/assert";
import { eventLines, read, sharedCorpus } from "../../tests/parsing.ts";
import { diagnosticLimit, parse } from "./text.ts";

/** A line, or lines, and the one diagnostic in them. */
const samples: Record<string, string> = {
  "a.c:1:2: error: no [-Wx]": "error [-Wx]: no @a.c:1:2",
  "a.c:1:2: fatal error: x.h: No such file": "error: x.h: No such file @a.c:1:2",
  "C:\\p\\a.c:1:2: warning: w": "warning: w @C:/p/a.c:1:2",
  "my file.swift:1:2: error: no": "error: no @my file.swift:1:2",
  "A.java:3: error: cannot find symbol": "error: cannot find symbol @A.java:3",
  "src/a.ts(1,2): error TS2304: Cannot find name 'x'.":
    "error [TS2304]: Cannot find name 'x'. @src/a.ts:1:2",
  "src/a.ts:1:2 - error TS2304: Cannot find name 'x'.":
    "error [TS2304]: Cannot find name 'x'. @src/a.ts:1:2",
  "Program.cs(5,10): error CS0103: no [/p/a.csproj]":
    "error [CS0103]: no [/p/a.csproj] @Program.cs:5:10",
  "a.py:1:1: F401 'os' imported but unused": "error [F401]: 'os' imported but unused @a.py:1:1",
  "a.py:1:80: E501 line too long": "error [E501]: line too long @a.py:1:80",
  "a.py:1:1: W291 trailing whitespace": "warning [W291]: trailing whitespace @a.py:1:1",
  "a.py:1:0: C0114: Missing (missing-docstring)":
    "warning [C0114]: Missing (missing-docstring) @a.py:1:1",
  "./a.go:1:2: undefined: f": "error: undefined: f @a.go:1:2",
  "vet: ./a.go:1:2: undefined: f": "error: undefined: f @a.go:1:2",
  "    a_test.go:12: want 3": "error: want 3 @a_test.go:12",
  "make: *** [Makefile:15: a.o] Error 1": "error: [Makefile:15: a.o] Error 1 @Makefile:15",
  "make[2]: *** [all] Error 2": "error: [all] Error 2",
  "make: *** No rule to make target 'x'.  Stop.": "error: No rule to make target 'x'.  Stop.",
  "Makefile:3: *** missing separator.  Stop.": "error: missing separator.  Stop. @Makefile:3",
  "CMake Error at CMakeLists.txt:5 (find_package):\n  Could not find X.\n":
    "error: Could not find X. @CMakeLists.txt:5",
  "[ERROR] /project/A.java:[1,2] no": "error: no @A.java:1:2",
  "[ERROR]   CartTest.total:45 expected 3": "error: CartTest.total:45 expected 3",
  "e: file:///project/A.kt:1:2 Unresolved reference": "error: Unresolved reference @A.kt:1:2",
  "e: /project/A.kt: (1, 2): Unresolved": "error: Unresolved @A.kt:1:2",
  "ERROR: /project/BUILD:15:11: Compiling failed": "error: Compiling failed @BUILD:15:11",
  "a.rb:3:in `f': boom (RuntimeError)": "error: boom (RuntimeError) @a.rb:3",
  "a.rb:3: syntax error, unexpected end": "error: syntax error, unexpected end @a.rb:3",
  "a.rb:1:1: C: [Correctable] Style/X: no": "warning: [Correctable] Style/X: no @a.rb:1:1",
  "a.sh: line 3: foo: command not found": "error: foo: command not found @a.sh:3",
  "a.sh: 3: foo: not found": "error: foo: not found @a.sh:3",
  "PHP Fatal error:  Uncaught X in /project/a.php on line 3": "error: Uncaught X @a.php:3",
  "oops at a.pl line 3.": "error: oops @a.pl:3",
  "src/a.js\n  5:7  error  'x' is unused  no-unused-vars":
    "error [no-unused-vars]: 'x' is unused @src/a.js:5:7",
  "a.css\n  12:3  ✖  Expected a  rule-x": "error [rule-x]: Expected a @a.css:12:3",
  "error[E0425]: cannot find `x`\n --> src/main.rs:15:5\n  |\n":
    "error [E0425]: cannot find `x` @src/main.rs:15:5 < src/main.rs:15",
  "fatal: not a git repository": "error: not a git repository",
  "thread 'main' panicked at src/a.rs:1:2:\nindex out of bounds\n":
    "error: index out of bounds @src/a.rs:1:2 < src/a.rs:1",
  "E   AssertionError: no\n\ntests/a.py:45: AssertionError":
    "error: AssertionError: no @tests/a.py:45",
  "\x1b[31ma.c:1:2: \x1b[1merror:\x1b[0m no": "error: no @a.c:1:2",
  "10%\r50%\ra.c:1:2: error: no": "error: no @a.c:1:2",
};

Deno.test("what many tools print is found", async () => {
  for (const [output, expected] of Object.entries(samples)) {
    assertEquals(await eventLines(parse, output), [expected, "end"], output);
  }
});

Deno.test("what only looks like a place is not", async () => {
  const lines = [
    "12:30:45: starting",
    "2024-01-15T10:00:00: x",
    "http://localhost:8000: up",
    "localhost:80:1: x",
    '{"a.c": 1}',
    "    at f (file.js:1:2)",
    "Listening on :8080",
    "warning",
    "3 errors",
    "error: could not compile `x`",
    "src/a.js:12",
    "Time: 1:20: done",
  ];
  assertEquals(await eventLines(parse, lines.join("\n\n")), ["end"]);
});

Deno.test("the same diagnostic is reported once, and no more than the limit", async () => {
  assertEquals(await eventLines(parse, "a.c:1:2: error: no\n".repeat(3)), [
    "error: no @a.c:1:2",
    "end",
  ]);
  const many = Array.from(
    { length: diagnosticLimit + 10 },
    (_, index) => `a.c:${index + 1}:1: error: no\n`,
  );
  assertEquals((await read(parse, many.join(""))).length, diagnosticLimit + 1);
  assertEquals(await eventLines(parse, ""), ["end"]);
});

Deno.test("hostile output takes linear time", async () => {
  const units = [
    "a:",
    "(",
    ":1",
    "a.c:1:",
    " at ",
    "make: *** [",
    "x.y.",
    "[0;",
    "\x1b[",
    'File "',
    " ",
    "thread '",
    "[",
    ": not found",
    " in f on line 1",
  ];
  const started = performance.now();
  for (const unit of units) {
    await read(parse, `${unit.repeat(200_000)}\n${`${unit.repeat(500)}\n`.repeat(200)}`);
  }
  const elapsed = performance.now() - started;
  assert(elapsed < 10_000, `${elapsed} ms`);
});

Deno.test({
  name: `the samples of the corpus hold what a person sees in them (${
    sharedCorpus ? "read" : "ASSAY_CORPUS is not set"
  })`,
  ignore: !sharedCorpus,
  async fn() {
    const expected: Record<string, [number, number, number]> = {
      ansi_escape_codes: [1, 1, 0],
      bazel_build_errors: [5, 0, 1],
      cargo_build_errors: [3, 1, 0],
      clang_tidy_output: [2, 6, 3],
      cmake_build_errors: [8, 1, 1],
      flake8_output: [13, 8, 0],
      gradle_build_failures: [3, 0, 0],
      make_errors: [5, 2, 1],
      maven_build_failures: [6, 1, 0],
      mixed_formats: [1, 1, 0],
      mypy_output: [13, 1, 1],
      pylint_output: [3, 14, 0],
      truncated_output: [1, 0, 0],
    };
    for (const [name, counts] of Object.entries(expected)) {
      const events = await read(parse, await Deno.readFile(`${sharedCorpus}/text/${name}.txt`));
      const found = ["error", "warning", "info"].map((severity) =>
        events.filter((event) => event.kind === "diagnostic" && event.severity === severity).length
      );
      assertEquals(found, [...counts], name);
    }
  },
});
