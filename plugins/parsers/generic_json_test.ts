import { assert, assertEquals } from "@std/assert";
import { eventLines, read, sharedCorpus } from "../../tests/parsing.ts";
import { parse } from "./generic_json.ts";
import { genericJsonSchema } from "./generic_json_schema.ts";

const own = (fields: Record<string, unknown>) =>
  eventLines(parse, JSON.stringify({ schema: "assay.report/1", ...fields }));

Deno.test("assay.report/1 is strict about keys, types and words", async () => {
  const test = { name: "a", status: "passed" };
  const wrong: [Record<string, unknown>, string][] = [
    [{ schema: "assay.report/2" }, 'schema must be "assay.report/1", found "assay.report/2"'],
    [{ test: [] }, "it has no key test"],
    [{ tests: [{ ...test, time: 1 }] }, "it has no key tests[0].time"],
    [{ tests: [{ name: "a" }] }, "tests[0].status must be given, it is missing"],
    [{ tests: [{ ...test, name: "" }] }, "tests[0].name must be"],
    [{ tests: [{ ...test, status: "ok" }] }, "tests[0].status must be"],
    [{ tests: [{ ...test, line: 0 }] }, "tests[0].line must be"],
    [{ tests: [{ ...test, duration_ms: -1 }] }, "tests[0].duration_ms must be"],
    [{ tests: {} }, "tests must be Array, found an object"],
    [
      { tests: [{ ...test, status: "failed", flaky: true }] },
      '"a" that it is flaky but did not pass',
    ],
    [{ diagnostics: [{ severity: "fatal", message: "" }] }, "diagnostics[0].severity must be"],
    [{ errors: [{}] }, "errors[0].message must be given"],
    [{ summary: { tests: 1 } }, "summary.passed must be given"],
  ];
  for (const [fields, expected] of wrong) {
    const last = (await own(fields)).at(-1)!;
    assert(last.startsWith("broken malformed") && last.includes(expected), last);
  }
  assertEquals(await own({}), ["end"]);
});

Deno.test("a document that is neither of the two says what it may be", async () => {
  const [only] = await eventLines(parse, '{"tests": []}');
  assert(only!.includes("CTRF") && only!.includes("assay.report/1"), only);
});

Deno.test("the JSON Schema is that of the shape that is read", () => {
  assertEquals(genericJsonSchema.title, "assay.report/1");
  assertEquals(genericJsonSchema.additionalProperties, false);
  assertEquals(genericJsonSchema.required, ["schema"]);
  const { tests } = genericJsonSchema.properties as { tests: { items: Record<string, unknown> } };
  assertEquals(tests.items.required, ["name", "status"]);
  assertEquals(tests.items.additionalProperties, false);
});

/** A case of CTRF's own conformance suite. */
interface Case {
  readonly description: string;
  readonly valid: boolean;
  readonly data?: unknown;
  readonly dataPath?: string;
}

Deno.test("what reporters of other versions of CTRF write is read", async () => {
  const summary = {
    tests: 2,
    passed: 1,
    failed: 0,
    pending: 1,
    skipped: 0,
    other: 0,
    start: "now",
  };
  const report = {
    results: {
      tool: { name: "jest", vendor: "x" },
      summary,
      tests: [
        { name: "a", status: "passed", suite: "cart", extra: { deep: [1] }, retry: 0 },
        { name: "b", status: "pending", duration: "1s" },
      ],
      environment: { buildNumber: "1" },
    },
    $schema: "x",
  };
  assertEquals(await eventLines(parse, JSON.stringify(report)), [
    "declared tests 2, passed 1, failed 0, errored 0, skipped 1",
    "passed cart > a",
    "skipped b",
    "end",
  ]);
  const odd = { ...report, results: { ...report.results, summary: { ...summary, pending: 2 } } };
  assertEquals(
    (await eventLines(parse, JSON.stringify(odd))).at(-2),
    "suite_error: the report declares 2 tests, of them 1 that passed and 2 that were skipped",
  );
});

/**
 * The cases that CTRF refuses and whose mistake is in the evidence: outcomes, names and counts. Its schema also
 * refuses unknown keys and wrong types of what only adorns a test, such as a suite or a build number that is a string,
 * which its own reporters of other versions write: those are read.
 */
const inEvidence = new RegExp(
  [
    "reportFormat (enum|as)",
    "(results|summary|tests) (as|property)",
    "^Summary .* (tests|passed|failed|skipped|pending|other|flaky|suites) ",
    "^Test (object|with) (missing required )?(name|status|flaky|retryAttempts|invalid status)\\b",
    "^Test array",
    "^RetryAttempt .*status",
  ].join("|"),
);

Deno.test({
  name: `CTRF's normative cases are read, and refused where their evidence is wrong (${
    sharedCorpus ? "read" : "ASSAY_CORPUS is not set"
  })`,
  ignore: !sharedCorpus,
  async fn() {
    const folder = `${sharedCorpus}/ctrf`;
    let cases = 0;
    let refused = 0;
    for (const { name } of Deno.readDirSync(folder)) {
      if (!name.endsWith(".test.json")) continue;
      const { tests } = JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
      for (const { description, valid, data, dataPath } of tests as Case[]) {
        const text = dataPath
          ? await Deno.readTextFile(`${folder}/${dataPath.split("/").at(-1)}`)
          : JSON.stringify(data);
        const last = (await read(parse, text)).at(-1)!;
        const isRead = valid || !inEvidence.test(description);
        assertEquals(last.kind, isRead ? "end" : "broken", `${name}: ${description}`);
        if (!isRead) refused++;
        cases++;
      }
    }
    assert(cases >= 150 && refused >= 34, `${refused} of ${cases} cases refused`);
  },
});

Deno.test({
  name: `CTRF's examples have the counts of their own summaries (${
    sharedCorpus ? "read" : "ASSAY_CORPUS is not set"
  })`,
  ignore: !sharedCorpus,
  async fn() {
    for (
      const name of [
        "minimal",
        "comprehensive",
        "with-retries",
        "with-insights",
        "with-diagnostics",
      ]
    ) {
      const text = await Deno.readTextFile(`${sharedCorpus}/ctrf/${name}.json`);
      const tests = (await read(parse, text)).filter((event) => event.kind === "test");
      const having = (status: string) => tests.filter((test) => test.status === status).length;
      const { summary } = JSON.parse(text).results;
      const { passed, failed, other, skipped, pending, flaky = 0 } = summary;
      assertEquals(
        [tests.length, having("passed"), having("failed"), having("errored"), having("skipped")],
        [summary.tests, passed, failed, other, skipped + pending],
        name,
      );
      assertEquals(tests.filter((test) => test.flaky).length, flaky, name);
    }
  },
});
