import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { context, eventLines, type Parse, read } from "../../tests/parsing.ts";
import { Broken, declaredEvent, suiteErrorEvent, testEvent } from "./_events.ts";
import { jsonReports, readText } from "./_json.ts";

/** Tells each element of an array, which must be strings. */
const parse: Parse = jsonReports(function* (root) {
  for (const item of root.items()) yield suiteErrorEvent({ message: item.string() });
});

Deno.test("a document's events come before what breaks it, and nothing comes after", async () => {
  assertEquals(await eventLines(parse, '["a", "b"]'), ["suite_error: a", "suite_error: b", "end"]);
  assertEquals(await eventLines(parse, '["a", 3, "c"]'), [
    "suite_error: a",
    "broken malformed: the report is not what its format says: [1] must be a string, found the number 3",
  ]);
});

Deno.test("empty, cut and wrong documents are distinguished", async () => {
  const reason = async (text: string) => (await eventLines(parse, text)).at(-1)!.split(":")[0];
  for (
    const text of ["", " \n", "[", '["', '["a', '["a\\', '["a\\u00', '["a"', '["a",', "[tru", "[1e"]
  ) {
    assertEquals(await reason(text), "broken truncated", text);
  }
  for (
    const text of ["]", "[}", "['a']", "[1 2]", "nope", "[01]", '["\n"]', '["\\x"]', "[,]"]
  ) {
    assertEquals(await reason(text), "broken malformed", text);
  }
});

Deno.test("a byte order mark is skipped; UTF-16 is named", async () => {
  assertEquals(await eventLines(parse, "\ufeff[]"), ["end"]);
  const utf16 = new Uint8Array([0xff, 0xfe, 0x5b, 0, 0x5d, 0]);
  assertEquals((await read(parse, utf16)).map(({ kind }) => kind), ["broken"]);
  assertEquals((await eventLines(parse, "[\0]\0"))[0]!.includes("UTF-16"), true);
});

Deno.test("nesting of a million levels is refused, not a stack overflow", async () => {
  const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
  assertEquals(await eventLines(parse, deep), [
    "broken malformed: the report is not the JSON it should be: it nests deeper than 500 levels " +
    "(line 1, column 501)",
  ]);
});

Deno.test("a key that occurs twice in one object is refused, escaped or not", async () => {
  for (const second of ['"status"', '"\\u0073tatus"']) {
    const text = `[\n  {"status": 1, ${second}: 2}]`;
    assertEquals(await eventLines(parse, text), [
      'broken malformed: the report is not the JSON it should be: it contains the key "status" twice in ' +
      "one object (line 2, column 17)",
    ]);
  }
  const many = Array.from({ length: 20 }, (_, index) => `"k${index}": 0`).join(", ");
  assertEquals(
    (await eventLines(parse, `[{${many}, "k3": 1}]`))[0]!.includes('the key "k3" twice'),
    true,
  );
  assertEquals((await eventLines(parse, `[{${many}}]`))[0]!.includes("[0] must be a string"), true);
});

Deno.test("a document above the limit is refused and the rest of it not read", async () => {
  let pulled = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(1024 * 1024).fill(0x20));
    },
  });
  const error = await assertRejects(
    () => readText(endless, 3 * 1024 * 1024),
    Broken,
    "larger than 3 MiB",
  );
  assertEquals(error.reason, "too_large");
  assertEquals(pulled < 8, true);
});

Deno.test("an error that is a bug of ours is not taken for a broken report", async () => {
  // deno-lint-ignore require-yield
  const buggy: Parse = jsonReports(function* () {
    throw new TypeError("bug");
  });
  await assertRejects(() => read(buggy, "[]", context), TypeError, "bug");
});

/** A format whose reports begin in their own way and come among other text. */
const embedded: Parse = jsonReports(
  (root) => [suiteErrorEvent({ message: root.text("report") })],
  /\{\s*"report"/,
);

const unread = (text: string) =>
  `warning: the report holds other text, which was not read: ${JSON.stringify(text)}`;

Deno.test("several documents are one report, with whatever between them", async () => {
  const together: Record<string, readonly string[]> = {
    '["a"]["b"]': [],
    '["a"] ["b"]\n': [],
    '["a"]\n\n \r\n\t["b"]': [],
    '\ufeff["a"]\ufeff["b"]': [],
    '["a"] next\n["b"] done': [unread("next")],
  };
  for (const sign of [",", ";", "\0", "\x1e", " |\t", "]", '"', "}"]) {
    for (const rest of ['["b"]', "", "\n"]) {
      const [first, last = "", ...more] = await eventLines(parse, `["a"]${sign}${rest}`);
      assertEquals([first, more], ["suite_error: a", []], sign);
      assertEquals(/^broken malformed: .* right behind a document$/.test(last), true, last);
    }
  }
  for (const [text, more] of Object.entries(together)) {
    const lines = await eventLines(parse, text);
    assertEquals(lines.slice(0, 2), ["suite_error: a", "suite_error: b"], text);
    assertEquals(lines.slice(2), [...more, "end"], text);
  }
  assertEquals(await eventLines(embedded, '{"report": "a"} {"report": "b"}'), [
    "suite_error: a",
    "suite_error: b",
    "end",
  ]);
  assertEquals(await eventLines(embedded, '{"report": "a"} of 3: {"report": "b"}'), [
    "suite_error: a",
    "suite_error: b",
    unread("of 3:"),
    "end",
  ]);
});

Deno.test("what follows and begins as a document does must be one, whole", async () => {
  const reason = async (of: Parse, text: string) =>
    (await eventLines(of, text)).at(-1)!.split(":")[0];
  for (const text of ["{", '{"report": "b', '\n{"report": "b"', "\n  {", '["', "\r["]) {
    assertEquals(await reason(embedded, `{"report": "a"}${text}`), "broken truncated", text);
  }
  for (
    const text of [
      "{}",
      "[]",
      '{"b": 1}',
      "\n{b}",
      "\n[info] b",
      "[info] b",
      " { b }",
      " b {}",
      `${"b".repeat(9)} {"b": 1}`,
      "\n, {}",
      '\nb\n], [{"b": 1}]',
      '\n,{"report": "b"}',
      "\ntext\n\t{",
      ',["b"]',
      "\n[b",
    ]
  ) {
    const expected = text.endsWith("\t{") ? "broken truncated" : "broken malformed";
    assertEquals(await reason(embedded, `{"report": "a"}${text}`), expected, text);
  }
  // As SimpleCov writes it behind RSpec's document, which ends without a newline.
  const coverage = "Coverage report generated for RSpec to /p. 3 / 3 LOC (100.0%) covered.";
  for (
    const text of [coverage, " b [c] {d}", "b (c) [d]", "\nb {}", "\n} b [", "\n-- [b]", "3 of 3"]
  ) {
    const lines = await eventLines(embedded, `{"report": "a"}${text}`);
    assertEquals(lines, ["suite_error: a", unread(text.trim()), "end"], text);
  }
});

Deno.test("text before a report is no report, unless it is one", async () => {
  for (const text of ["{ x: [\n", "[dotenv] 3 variables\n", "{", "log {} ", "['a'] "]) {
    assertEquals(
      await eventLines(embedded, `${text}{"report": "a"}`),
      ["suite_error: a", "end"],
      text,
    );
  }
  assertEquals(await eventLines(embedded, '{"level": 30}\n{"report": "a"}'), [
    "suite_error: a",
    unread('{"level": 30}'),
    "end",
  ]);
  assertEquals(await eventLines(embedded, '{"seed": 1, "report": "b"}\n{"report": "a"}'), [
    "suite_error: b",
    "suite_error: a",
    "end",
  ]);
  for (const text of ['{"seed": 1, "report"', '  {"seed": 1, "report": "a"', '\n{ "seed":']) {
    assertEquals((await eventLines(embedded, `${text}\n{"report": "a"}`)).length, 1, text);
  }
  // A report that is broken, or is followed by something else, is not passed over.
  for (
    const text of [
      '{"rep{',
      '{"seed": 1, "report": 7}\n',
      '{"b": 1},',
      '{"b": 1}]\n',
      '{"b": 1}\0\n',
    ]
  ) {
    const lines = await eventLines(embedded, `${text}{"report": "a"}`);
    assertEquals([lines.length, lines[0]!.split(":")[0]], [1, "broken malformed"], text);
  }
  // Inside something else it is not a report either.
  const wrapped = await eventLines(embedded, '{"all": [{"report": "b"}]}\n{"report": "a"}');
  assertEquals([wrapped.length, wrapped[0]!.split(":")[0]], [1, "broken malformed"]);
  assertEquals(await eventLines(embedded, "only {noise}"), [
    "broken malformed: the report contains no report, only other text",
  ]);
  assertEquals(
    (await eventLines(embedded, '{"other": 1}'))[0]!.includes("report must be a string"),
    true,
  );
});

Deno.test("a report behind a prefix or a colour code is never passed over, before or after a clean one", async () => {
  const clean = '{"report": "a"}\n';
  const bad = '{"seed": 1, "report": "b"}';
  const pretty = JSON.stringify(JSON.parse(bad), null, 2);
  const hidden = [
    `pkg-b: ${bad}`,
    `\x1b[0m${bad}`,
    `\x1b[1mpkg-b\x1b[0m | ${bad}`,
    `${JSON.stringify({ level: 30 })} ${bad}`,
    pretty.replace(/^/gm, "pkg-b: "),
    pretty.replace(/^/gm, "[1] "),
    pretty.replace(/"(\w+)"/g, '\x1b[34m"$1"\x1b[39m'),
    `pkg-b: ${bad.slice(0, -1)}`,
    bad.slice(1),
  ];
  for (const text of hidden) {
    for (const report of [`${clean}${text}\n`, `${text}\n${clean}`]) {
      const lines = await eventLines(embedded, report);
      const isRead = lines.includes("suite_error: b") || lines.at(-1)!.startsWith("broken");
      assertEquals(isRead, true, report);
    }
  }
  const noise = [
    "Coverage report generated for RSpec to /p/coverage. 0 / 5 LOC (0.0%) covered.",
    "> x@1.0 test",
    '> jest --globals {"a": 1}',
    "[12:00:01] Starting 'test'...",
    "npm notice New minor version of npm available! 10.1.0 -> 10.2.0",
    "(node:123) [DEP0040] DeprecationWarning: The `punycode` module is deprecated.",
    "Run options: include {:focus=>true}",
    'Run options: include {"focus" => true, seed: 3}',
    "\x1b[32mINFO\x1b[0m { port: 80, name: 'a' }",
    '[12:00:01] INFO {"port": 80, "tags": [{"a": {}}]}',
    'Config: {\n  "port": 80,\n  "tags": ["a"]\n}',
    'key "a": missing',
    "  3 | it('adds', () => {",
  ];
  for (const text of noise) {
    // Behind a document a line that begins with a bracket is no noise.
    const after = /^[{[]/.test(text) ? [] : [`${clean}${text}\n`];
    for (const report of [...after, `${text}\n${clean}`]) {
      const lines = (await eventLines(embedded, report)).filter((line) =>
        !line.startsWith("warning")
      );
      assertEquals(lines, ["suite_error: a", "end"], report);
    }
  }
});

/** Documents that declare a number of tests, or none, and show some. */
const claiming: Parse = jsonReports(function* (root) {
  yield declaredEvent({ tests: root.countIf("tests") });
  for (let shown = root.count("shown"); shown > 0; shown--) {
    yield testEvent({ name: "t", status: "passed" });
  }
});

Deno.test("one document does not make up for another, and its claims are its own", async () => {
  const rest = async (text: string) =>
    (await eventLines(claiming, text)).filter((line) => line !== "passed t" && line !== "end");
  assertEquals(await rest('{"tests": 2, "shown": 1} {"tests": 1, "shown": 2}'), [
    "declared tests 2",
    "declared tests 1",
    "suite_error: one of the report's documents declares 2 tests and shows 1",
  ]);
  assertEquals(await rest('{"tests": 1, "shown": 1} {"shown": 2}'), [
    "declared tests 1",
    "declared ",
    "declared tests 2",
  ]);
  assertEquals(await rest('{"shown": 1} {"shown": 2}'), ["declared ", "declared "]);
});

Deno.test("skipped tests that are claimed are those that are not claimed to have passed", async () => {
  const counts: Parse = jsonReports(function* (root) {
    const { tests, passed, skipped } = root.value as Record<string, number>;
    yield declaredEvent({ tests, passed, skipped });
    yield testEvent({ name: "a", status: "passed" });
    yield testEvent({ name: "b", status: "skipped" });
  });
  const errors = async (claims: object) =>
    (await read(counts, JSON.stringify(claims))).filter(({ kind }) => kind === "suite_error")
      .length;
  assertEquals(await errors({ tests: 2, passed: 1, skipped: 1 }), 0);
  assertEquals(await errors({ tests: 2, skipped: 1 }), 0);
  assertEquals(await errors({ tests: 2 }), 0);
  assertEquals(await errors({ tests: 2, skipped: 0 }), 1);
});

Deno.test("nothing was checked only if no document says otherwise", async () => {
  const idle: Parse = jsonReports(function* (root) {
    for (const item of root.items()) yield { kind: "nothing_checked", message: item.string() };
  });
  assertEquals(await eventLines(idle, '["a"]["b"]'), ["nothing_checked: a", "end"]);
  assertEquals(await eventLines(idle, '["a"][]'), ["end"]);
});

Deno.test("many lines, documents and brackets cost no more than they are long", async () => {
  for (const text of ["[\n", "[]\n", "x\n[]\n", " ", "\n", "[ ", '{"a":', "}{"]) {
    const began = performance.now();
    await eventLines(embedded, text.repeat(20_000) + '{"report": "a"}' + text.repeat(20_000));
    assertEquals(performance.now() - began < 10_000, true, JSON.stringify(text));
  }
});

Deno.test("text that begins like JSON on every line but is not is refused before it takes long", async () => {
  const { parse } = await import("./rspec_json.ts");
  assertMatch(
    (await eventLines(parse, "[[1],\n".repeat(20_000))).at(-1)!,
    /^broken malformed: .*contains too much that begins like JSON but is not/,
  );
  // The control: a log of as many lines, each of which breaks at once.
  const log = "[info] starting\n".repeat(20_000);
  const summary = '"example_count":0,"failure_count":0,"pending_count":0';
  const report = `{"version":"3","examples":[],"summary":{${summary}}}`;
  assertEquals((await eventLines(parse, log + report)).at(-1), "end");
});
