import { assertEquals, assertRejects } from "@std/assert";
import { context, type Parse, read, told } from "../../tests/parsing.ts";
import { Broken } from "./_broken.ts";
import { suiteErrorEvent } from "./_events.ts";
import { readDocument, readText } from "./_json.ts";

/** Tells each element of an array, which must be strings. */
const parse: Parse = (input, from) =>
  readDocument(input, from, function* (root) {
    for (const item of root.items()) yield suiteErrorEvent({ message: item.string() });
  });

Deno.test("a document's events come before what breaks it, and nothing comes after", async () => {
  assertEquals(await told(parse, '["a", "b"]'), ["suite_error: a", "suite_error: b", "end"]);
  assertEquals(await told(parse, '["a", 3, "c"]'), [
    "suite_error: a",
    "broken malformed: the report is not what its format says: [1] must be a string, found the number 3",
  ]);
});

Deno.test("empty, cut and wrong documents are told apart", async () => {
  const reason = async (text: string) => (await told(parse, text)).at(-1)!.split(":")[0];
  for (
    const text of ["", " \n", "[", '["', '["a', '["a\\', '["a\\u00', '["a"', '["a",', "[tru", "[1e"]
  ) {
    assertEquals(await reason(text), "broken truncated", text);
  }
  for (
    const text of ["]", "[}", "['a']", "[1 2]", "[] []", "nope", "[01]", '["\n"]', '["\\x"]', "[,]"]
  ) {
    assertEquals(await reason(text), "broken malformed", text);
  }
});

Deno.test("a byte order mark is skipped; UTF-16 is named", async () => {
  assertEquals(await told(parse, "\ufeff[]"), ["end"]);
  const utf16 = new Uint8Array([0xff, 0xfe, 0x5b, 0, 0x5d, 0]);
  assertEquals((await read(parse, utf16)).map(({ kind }) => kind), ["broken"]);
  assertEquals((await told(parse, "[\0]\0"))[0]!.includes("UTF-16"), true);
});

Deno.test("nesting of a million levels is refused, not a stack overflow", async () => {
  const deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);
  assertEquals(await told(parse, deep), [
    "broken malformed: the report is not the JSON it should be: it nests deeper than 500 levels " +
    "(line 1, column 501)",
  ]);
});

Deno.test("a key that stands twice in one object is refused, escaped or not", async () => {
  for (const second of ['"status"', '"\\u0073tatus"']) {
    const text = `[\n  {"status": 1, ${second}: 2}]`;
    assertEquals(await told(parse, text), [
      'broken malformed: the report is not the JSON it should be: it holds the key "status" twice in ' +
      "one object (line 2, column 17)",
    ]);
  }
  const many = Array.from({ length: 20 }, (_, index) => `"k${index}": 0`).join(", ");
  assertEquals(
    (await told(parse, `[{${many}, "k3": 1}]`))[0]!.includes('the key "k3" twice'),
    true,
  );
  assertEquals((await told(parse, `[{${many}}]`))[0]!.includes("[0] must be a string"), true);
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
  assertEquals(error.reason, "malformed");
  assertEquals(pulled < 8, true);
});

Deno.test("an error that is a bug of ours is not taken for a broken report", async () => {
  const buggy: Parse = (input, from) =>
    // deno-lint-ignore require-yield
    readDocument(input, from, function* () {
      throw new TypeError("bug");
    });
  await assertRejects(() => read(buggy, "[]", context), TypeError, "bug");
});

Deno.test("among other text the report is found, a second one and half a one refused", async () => {
  const embedded: Parse = (input, from) =>
    readDocument(
      input,
      from,
      (root) => [suiteErrorEvent({ message: root.text("report") })],
      /\{\s*"report"/,
    );
  assertEquals(await told(embedded, '{ x: {"a": 1} [\n{"report": "a"}\n} done {'), [
    "suite_error: a",
    "end",
  ]);
  assertEquals(await told(embedded, '{"report": "a"} {"report": "b"}'), [
    "suite_error: a",
    "broken malformed: the report holds more than one report; write each to a file of its own",
  ]);
  assertEquals(
    (await told(embedded, '{"report": "a"}\n{"report": "b'))[1], //
    "broken truncated: the report is cut off: the JSON ends inside a string (line 2)",
  );
  assertEquals(await told(embedded, "only {noise}"), [
    "broken malformed: the report holds no report, only other text",
  ]);
  assertEquals(
    (await told(embedded, '{"other": 1}'))[0]!.includes("report must be a string"),
    true,
  );
});
