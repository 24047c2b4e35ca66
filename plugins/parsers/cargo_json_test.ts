import { assertEquals } from "@std/assert";
import { eventLines, read, sharedCorpus, tally } from "../../tests/parsing.ts";
import { parse } from "./cargo_json.ts";

const cargo = (...lines: (Record<string, unknown> | string)[]) =>
  eventLines(
    parse,
    lines.map((line) => typeof line === "string" ? line : JSON.stringify(line)).join("\n") + "\n",
  );

const finished = { reason: "build-finished", success: true };
const artifact = { reason: "compiler-artifact" };
const message = (fields: Record<string, unknown>) => ({
  reason: "compiler-message",
  message: { level: "error", message: "bad", spans: [], ...fields },
});

Deno.test("a build without its end is truncated, one that failed without an error has one", async () => {
  assertEquals(
    (await cargo(artifact)).at(-1),
    "broken truncated: the report is cut off: cargo's build-finished is missing",
  );
  assertEquals(await cargo(artifact, { ...finished, success: false }), [
    "suite_error cargo: the build failed, and cargo's messages hold no error",
    "end",
  ]);
  assertEquals(await cargo(finished), ["end"]);
  assertEquals(await cargo(finished, artifact), [
    "broken truncated: the report is cut off: cargo's build-finished is missing",
  ]);
  assertEquals(await cargo("Compiling x"), [
    "broken malformed: the report contains no message of cargo",
  ]);
});

Deno.test("levels, primary spans and closing remarks", async () => {
  const spans = [
    { file_name: "src/other.rs", line_start: 1, column_start: 1, is_primary: false },
    {
      file_name: "/project/src/a.rs",
      line_start: 3,
      column_start: 5,
      line_end: 3,
      column_end: 6,
      is_primary: true,
    },
  ];
  assertEquals(
    await cargo(
      message({ spans, code: { code: "E0308" } }),
      message({ level: "warning", message: "unused" }),
      message({ level: "error: internal compiler error", message: "ice" }),
      message({ level: "strange", message: "new" }),
      message({ level: "note", message: "by the way" }),
      message({ level: "failure-note", message: "For more information" }),
      message({ message: "aborting due to 2 previous errors" }),
      { ...finished, success: false },
    ),
    [
      "error [E0308]: bad @src/a.rs:3:5",
      "warning: unused",
      "error: ice",
      "error: new",
      "info: by the way",
      "end",
    ],
  );
});

Deno.test("wrong types are malformed, and so are broken messages", async () => {
  assertEquals(
    (await cargo(message({ level: 1 }))).at(-1)!.includes("message.level must be a string"),
    true,
  );
  assertEquals(
    (await cargo({ reason: "build-finished" })).at(-1)!.includes("success must be true or false"),
    true,
  );
  assertEquals(
    (await cargo('{"reason":"compiler-mess', finished)).at(-1),
    "broken malformed: the report has a line that is no JSON object (line 1)",
  );
  for (const text of ['{"reason"son":"compiler-message"}', `${JSON.stringify(artifact)}}`]) {
    assertEquals((await cargo(text, finished)).at(-1)!.split(":")[0], "broken malformed", text);
  }
  // Behind a prefix as well, whatever its keys begin with; what a program logs is passed over.
  const failed = { success: false, reason: "build-finished" };
  assertEquals(
    (await cargo(finished, `pkg-b: ${JSON.stringify(failed)}`)).at(-1),
    "broken malformed: the report contains what may be an event among other text (line 2)",
  );
  assertEquals((await cargo(finished, 'INFO {"level":"info","event":"x"}')).at(-1), "end");
  assertEquals((await cargo(`compiling${JSON.stringify(artifact)}`, finished)).at(-1), "end");
});

Deno.test("tests that failed in plain text are an error", async () => {
  assertEquals(
    (await cargo(finished, "test result: FAILED. 0 passed; 1 failed;"))[0],
    "suite_error: test result: FAILED. 0 passed; 1 failed;",
  );
});

const suite = { type: "suite", event: "started", test_count: 1 };
const test = (event: string) => ({ type: "test", event, name: "cart::adds" });
const ended = { type: "suite", event: "ok", passed: 1, failed: 0 };

Deno.test("libtest: a suite that does not end, or does not add up, does not pass", async () => {
  assertEquals(await cargo(suite, test("started"), test("ok"), ended), [
    "passed cart > adds",
    "end",
  ]);
  assertEquals(
    (await cargo(suite, test("started"), test("ok"), ended, { type: "test", name: "b" })).at(-1)!
      .includes("event must be a string"),
    true,
  );
  assertEquals(await cargo(suite, test("started"), test("ok")), [
    "passed cart > adds",
    "broken truncated: the report is cut off: the last test suite did not end",
  ]);
  assertEquals(await cargo(suite, test("started"), ended), [
    "errored cart::adds: the test did not end",
    "end",
  ]);
  assertEquals(
    (await cargo({ ...suite, test_count: 2 }, test("ok"), ended))[1],
    "suite_error libtest: the suite plans 2 tests and shows 1",
  );
  assertEquals(
    (await cargo(suite, test("ok"), { ...ended, event: "failed", failed: 1 }))[1],
    "suite_error libtest: the suite says failed, 1 failed, and shows 0 failures",
  );
  assertEquals(
    (await cargo(suite, test("ok"), suite, test("ok"), ended))[1],
    "suite_error libtest: a test suite did not end before the next began",
  );
  assertEquals((await cargo(test("ok"))).at(-1)!.startsWith("broken malformed"), true);
});

Deno.test({
  name: `other people's messages are read (${sharedCorpus ? "read" : "ASSAY_CORPUS is not set"})`,
  ignore: !sharedCorpus,
  async fn() {
    const tallyOf = async (name: string) =>
      tally(await read(parse, await Deno.readFile(`${sharedCorpus}/text/${name}`)));
    // It has no build-finished.
    assertEquals(await tallyOf("clippy_output.jsonl"), "broken 1, error 3, warning 9");
    // It plans 15 tests and holds 14.
    assertEquals(
      await tallyOf("cargo_test_output.jsonl"),
      "failed 2, passed 10, skipped 2, suite_error 1, end",
    );
  },
});

Deno.test("what a suite of libtest claims is compared with what it shows, both ways", async () => {
  const suite = (claim: Record<string, unknown>, planned = 1) =>
    cargo(
      { type: "suite", event: "started", test_count: planned },
      { type: "test", event: "started", name: "a" },
      // A test that prints without a line end.
      `1 2 3${JSON.stringify({ type: "test", event: "ok", name: "a" })}`,
      { type: "suite", event: "ok", ...claim },
    );
  assertEquals(await suite({ passed: 1, failed: 0, ignored: 0, measured: 0 }), ["passed a", "end"]);
  assertEquals(await suite({}), ["passed a", "end"]);
  assertEquals((await suite({}, 0))[1], "suite_error libtest: the suite plans 0 tests and shows 1");
  assertEquals((await suite({}, 2))[1], "suite_error libtest: the suite plans 2 tests and shows 1");
  for (const passed of [0, 2]) {
    assertEquals(
      (await suite({ passed }))[1],
      `suite_error libtest: the suite says ${passed} passed, 0 ignored, and shows 1 and 0`,
    );
  }
  assertEquals(
    (await suite({ passed: 1, ignored: 1 }))[1],
    "suite_error libtest: the suite says 1 passed, 1 ignored, and shows 1 and 0",
  );
  assertEquals((await suite({ passed: "1" })).at(-1)!.includes("passed must be an integer"), true);
});

Deno.test("a test that ended with a word libtest does not have is errored", async () => {
  const ending = (event: string) =>
    cargo(
      { type: "suite", event: "started", test_count: 1 },
      { type: "test", event: "started", name: "a" },
      { type: "test", event, name: "a" },
      { type: "test", event: "ok", name: "a" },
      { type: "suite", event: "ok" },
    );
  assertEquals(await ending("timeout"), ["passed a", "end"]);
  assertEquals((await ending("crashed"))[0], "errored a");
});

Deno.test("text of a test that failed is an error, next to whatever events", async () => {
  assertEquals(await cargo("test tests::b ... FAILED", "test tests::c ... ok", finished), [
    "suite_error: test tests::b ... FAILED",
    "end",
  ]);
});
