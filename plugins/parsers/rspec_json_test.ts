import { assertEquals } from "@std/assert";
import { eventLines, read, sharedCorpus, tally } from "../../tests/parsing.ts";
import { parse } from "./rspec_json.ts";

const summary = {
  example_count: 1,
  failure_count: 0,
  pending_count: 0,
  errors_outside_of_examples_count: 0,
};
const example = {
  id: "./a_spec.rb[1:1]",
  description: "a",
  full_description: "A a",
  status: "passed",
};
const document = (fields: Record<string, unknown> = {}) => ({
  version: "3.13.0",
  examples: [example],
  summary,
  ...fields,
});
const report = (fields?: Record<string, unknown>) =>
  eventLines(parse, JSON.stringify(document(fields)));

Deno.test("errors outside of examples are reported, those without a text too", async () => {
  const messages = [
    "No examples found.",
    "\nAn error occurred in an `after(:suite)` hook.\nFailure/Error: x\n",
  ];
  const three = { ...summary, errors_outside_of_examples_count: 3 };
  assertEquals(await report({ messages, summary: three }), [
    "declared tests 1, passed 1, failed 0, skipped 0",
    "suite_error: An error occurred in an `after(:suite)` hook.",
    "suite_error: RSpec counts 2 errors outside of examples besides the 1 shown",
    "passed A > a",
    "end",
  ]);
});

Deno.test("an error in the messages is one though the count is not there", async () => {
  const { errors_outside_of_examples_count: _, ...old } = summary;
  const lines = await report({
    messages: ["An error occurred while loading ./a.rb."],
    summary: old,
  });
  assertEquals(lines[1], "suite_error: An error occurred while loading ./a.rb. @a.rb");
});

Deno.test("noise may hold brackets, quotes and JSON that is not the report", async () => {
  const text = JSON.stringify(document());
  for (
    const noise of [
      "{",
      "[DEPRECATION] {",
      '{"version": 3}',
      '{"a": [1]}\n',
      '"',
      "{ :a => {} }",
      "}",
    ]
  ) {
    assertEquals((await eventLines(parse, `${noise}${text}`)).at(-1), "end", noise);
    assertEquals(
      (await eventLines(parse, `${noise}${text} and\nof ${noise}`)).at(-1),
      "end",
      noise,
    );
  }
  const covered =
    "Coverage report generated for RSpec to /p/coverage. 10 / 12 LOC (83.33%) covered.";
  for (const between of ["", "\n", "\n\n"]) {
    assertEquals((await eventLines(parse, `${text}${between}${covered}\n`)).at(-1), "end", between);
  }
  assertEquals(
    (await eventLines(parse, `${text}\n${text}`)).filter((line) => line === "passed A > a").length,
    2,
  );
  assertEquals(
    (await eventLines(parse, `${text}\n${text.slice(0, 60)}`)).at(-1)!.startsWith(
      "broken truncated",
    ),
    true,
  );
});

Deno.test("an unknown status and wrong types are malformed", async () => {
  const wrong: [Record<string, unknown>, string][] = [
    [
      { examples: [{ ...example, status: "flaky" }] },
      "examples[0].status must be one of passed, failed, pending",
    ],
    [{ examples: [{ ...example, status: true }] }, "examples[0].status must be one of"],
    [{ examples: {} }, "examples must be an array"],
    [{ summary: { ...summary, example_count: "1" } }, "summary.example_count must be an integer"],
    [{ summary: null }, "summary must be an object, found null"],
    [{ messages: [1] }, "messages[0] must be a string"],
  ];
  for (const [fields, expected] of wrong) {
    const last = (await report(fields)).at(-1)!;
    assertEquals(last.startsWith("broken malformed") && last.includes(expected), true, last);
  }
});

Deno.test({
  name: `reports that RSpec wrote have their summary's counts (${
    sharedCorpus ? "read" : "ASSAY_CORPUS is not set"
  })`,
  ignore: !sharedCorpus,
  async fn() {
    const tallyOf = async (name: string) =>
      tally(await read(parse, await Deno.readFile(`${sharedCorpus}/rspec-json/${name}`)));
    assertEquals(await tallyOf("rspec-json.json"), "failed 1, passed 1, skipped 1, end");
    assertEquals(await tallyOf("empty.json"), "end");
  },
});
