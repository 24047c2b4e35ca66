import { assert, assertEquals } from "@std/assert";
import { eventLines } from "../../tests/parsing.ts";
import { parse } from "./jest_json.ts";

const passed = { ancestorTitles: [], title: "a", status: "passed", failureMessages: [] };
const file = {
  name: "/project/a.test.js",
  status: "passed",
  message: "",
  assertionResults: [passed],
};
const report = (fields: Record<string, unknown> = {}) =>
  eventLines(
    parse,
    JSON.stringify({ numTotalTests: 1, success: true, testResults: [file], ...fields }),
  );

Deno.test("a run that is no success, and shows no failure, has an error", async () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ success: false }, 'suite_error: the report says "success": false and shows no failure'],
    [{ wasInterrupted: true }, "suite_error: the run was interrupted"],
    [{ wasInterrupted: true, success: false }, "suite_error: the run was interrupted"],
    [
      { numRuntimeErrorTestSuites: 1 },
      "suite_error: 1 test file failed, and the report does not say how",
    ],
    [
      { snapshot: { failure: true, unmatched: 0, unchecked: 2 } },
      "suite_error: snapshots failed: 0 do not match, 2 are obsolete",
    ],
    [
      { numFailedTestSuites: 2, success: false },
      "suite_error: 2 test files failed, and the report does not say how",
    ],
  ];
  for (const [fields, expected] of cases) {
    assertEquals((await report(fields)).slice(2), [expected, "end"]);
  }
  assertEquals((await report()).slice(2), ["end"]);
  assertEquals((await report({ snapshot: { failure: false } })).slice(2), ["end"]);
});

Deno.test("a file that failed to run is an error, whatever it says of its tests", async () => {
  const broken = { ...file, testExecError: { message: "boom" } };
  assertEquals((await report({ success: false, testResults: [broken] })).slice(1), [
    "passed a @a.test.js",
    "suite_error a.test.js: boom @a.test.js",
    "end",
  ]);
  const strange = { ...file, status: "exploded" };
  assertEquals(
    (await report({ testResults: [strange] }))[2],
    'suite_error a.test.js: the test file has the status "exploded" @a.test.js',
  );
  const vitest = {
    ...file,
    status: "failed",
    message: "Failed to load url ./x",
    assertionResults: [],
  };
  assertEquals((await report({ testResults: [vitest] })).slice(1), [
    "suite_error a.test.js: Failed to load url ./x @a.test.js",
    "end",
  ]);
});

Deno.test("retried tests that pass are flaky", async () => {
  for (const fields of [{ retryReasons: ["Error: once"] }, { failureMessages: ["Error: once"] }]) {
    const lines = await report({
      testResults: [{ ...file, assertionResults: [{ ...passed, ...fields }] }],
    });
    assert(lines[1]!.startsWith("passed (flaky) a"), lines[1]);
  }
});

Deno.test("what counting hangs on must have its type", async () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ testResults: undefined }, "testResults must be an array, it is missing"],
    [
      { testResults: [{ ...file, assertionResults: undefined }] },
      "testResults[0].assertionResults must be an array",
    ],
    [
      { testResults: [{ ...file, assertionResults: [{}] }] },
      "assertionResults[0].status must be a string",
    ],
    [{ testResults: [{ ...file, status: 1 }] }, "testResults[0].status must be a string"],
    [{ success: "true" }, "success must be true or false"],
    [{ wasInterrupted: 1 }, "wasInterrupted must be true or false"],
    [{ numTotalTests: "1" }, "numTotalTests must be an integer"],
  ];
  for (const [fields, expected] of wrong) {
    const last = (await report(fields)).at(-1)!;
    assert(last.startsWith("broken malformed") && last.includes(expected), last);
  }
});
