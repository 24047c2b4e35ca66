import { assert, assertEquals } from "@std/assert";
import { eventLines, read, sharedCorpus, tally } from "../../tests/parsing.ts";
import { parse } from "./mocha_json.ts";

const stats = { tests: 1, passes: 1, pending: 0, failures: 0 };
const test = { title: "a", fullTitle: "A a", err: {} };
const document = { stats, tests: [test], pending: [], failures: [], passes: [test] };
const report = (fields: Record<string, unknown> = {}) =>
  eventLines(parse, JSON.stringify({ ...document, ...fields }));

Deno.test("an outcome of a test that is not among the tests is an error", async () => {
  assertEquals(await report({ tests: [] }), [
    "declared tests 1, passed 1, failed 0, skipped 0",
    'suite_error: "A a" has an outcome but is not among the tests',
    "end",
  ]);
});

Deno.test("a failure that is not among the tests counts all the same", async () => {
  assertEquals(
    (await report({
      failures: [{ ...test, fullTitle: "A b", title: "b", err: { message: "no" } }],
    })).slice(1),
    [
      "passed A > a",
      "failed A > b: no",
      "end",
    ],
  );
});

Deno.test("the report is found among what tests print", async () => {
  const text = JSON.stringify({ ...document, stats: { suites: 1, ...stats } });
  assertEquals((await eventLines(parse, `{ log }\n${text}\n} log {`)).at(-1), "end");
});

Deno.test("what counting hangs on must have its type", async () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ stats: undefined }, "stats must be an object"],
    [{ stats: { ...stats, failures: "0" } }, "stats.failures must be an integer"],
    [{ tests: undefined }, "tests must be an array"],
    [{ failures: {} }, "failures must be an array"],
    [{ passes: [{}] }, "passes[0].title must be a string"],
    [{ passes: [{ title: "a", fullTitle: "A a", err: "no" }] }, "passes[0].err must be an object"],
  ];
  for (const [fields, expected] of wrong) {
    const last = (await report(fields)).at(-1)!;
    assert(last.startsWith("broken malformed") && last.includes(expected), last);
  }
});

Deno.test({
  name: `reports that mocha wrote have the counts of their stats (${
    sharedCorpus ? "read" : "ASSAY_CORPUS is not set"
  })`,
  ignore: !sharedCorpus,
  async fn() {
    const tallyOf = async (name: string) =>
      tally(await read(parse, await Deno.readFile(`${sharedCorpus}/mocha-json/${name}`)));
    assertEquals(await tallyOf("mocha-json.json"), "failed 4, passed 1, skipped 1, end");
    assertEquals(await tallyOf("empty.json"), "end");
  },
});
