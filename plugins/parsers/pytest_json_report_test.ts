import { assertEquals } from "@std/assert";
import { context, eventLines, read, sharedCorpus } from "../../tests/parsing.ts";
import { parse } from "./pytest_json_report.ts";

const report = (fields: Record<string, unknown>) =>
  eventLines(parse, JSON.stringify({ exitcode: 0, summary: { total: 1, passed: 1 }, ...fields }));

const passing = { nodeid: "t.py::a", lineno: 0, outcome: "passed" };

Deno.test("an exit code that says more than the tests is an error", async () => {
  const exits: Record<number, string> = {
    1: "suite_error: pytest ended with exit code 1 (tests failed), but no failed test is in the report",
    2: "suite_error: pytest was interrupted (exit code 2)",
    3: "suite_error: pytest had an internal error (exit code 3)",
    4: "suite_error: pytest was called wrongly (exit code 4)",
    9: "suite_error: pytest ended with exit code 9",
  };
  for (const [exitcode, expected] of Object.entries(exits)) {
    const lines = await report({ exitcode: Number(exitcode), tests: [passing] });
    assertEquals(lines.slice(2), [expected, "end"]);
  }
  for (const exitcode of [0, 5]) {
    assertEquals((await report({ exitcode, tests: [passing] })).slice(2), ["end"]);
  }
});

Deno.test("an interruption that a collector explains is reported once", async () => {
  const collectors = [{
    nodeid: "x.py",
    outcome: "failed",
    longrepr: "E   SyntaxError: bad",
    result: [],
  }];
  assertEquals(await report({ exitcode: 2, collectors, tests: [] }), [
    "declared tests 1, passed 1",
    "suite_error x.py: SyntaxError: bad @x.py",
    "end",
  ]);
});

Deno.test("without tests only the counts are declared", async () => {
  assertEquals(await report({ summary: { total: 3, passed: 3 } }), [
    "declared tests 3, passed 3",
    "end",
  ]);
});

Deno.test("what counting hangs on must have its type", async () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ exitcode: "0" }, "exitcode must be an integer from 0"],
    [{ tests: {} }, "tests must be an array"],
    [{ tests: [1] }, "tests[0] must be an object"],
    [{ tests: [{ ...passing, outcome: 1 }] }, "tests[0].outcome must be a string"],
    [{ tests: [{ nodeid: "a" }] }, "tests[0].outcome must be a string, it is missing"],
    [{ tests: [{ ...passing, call: [] }] }, "tests[0].call must be an object"],
    [
      { tests: [{ ...passing, call: { outcome: true } }] },
      "tests[0].call.outcome must be a string",
    ],
    [{ summary: { total: "1" } }, "summary.total must be an integer"],
    [{ collectors: {} }, "collectors must be an array"],
  ];
  for (const [fields, expected] of wrong) {
    const last = (await report(fields)).at(-1)!;
    assertEquals(last.startsWith("broken malformed") && last.includes(expected), true, last);
  }
  assertEquals((await eventLines(parse, "{}"))[0]!.includes("summary must be an object"), true);
  assertEquals((await eventLines(parse, "[]"))[0]!.includes("must be an object"), true);
});

Deno.test("node ids are relative to pytest's rootdir when that lies in the project", async () => {
  const text = JSON.stringify({ root: "/project/api", summary: {}, tests: [passing] });
  const inside = await eventLines(parse, text, { ...context, cwd: "/project/api/tests" });
  assertEquals(inside[1], "passed t.py > a @api/t.py:1");
});

Deno.test({
  name: `the sample of pytest-json-report has its own summary's counts (${
    sharedCorpus ? "read" : "ASSAY_CORPUS is not set"
  })`,
  ignore: !sharedCorpus,
  async fn() {
    const text = await Deno.readTextFile(`${sharedCorpus}/pytest-json-report/sample_report.json`);
    const events = await read(parse, text);
    const { summary } = JSON.parse(text);
    const having = (status: string) =>
      events.filter((event) => event.kind === "test" && event.status === status).length;
    assertEquals(having("passed"), summary.passed + summary.xpassed);
    assertEquals(having("failed"), summary.failed);
    assertEquals(having("errored"), summary.error);
    assertEquals(having("skipped"), summary.skipped + summary.xfailed);
    assertEquals(events.at(-1), { kind: "end" });
    const nested = events.find((event) =>
      event.kind === "test" && event.name === "test_fail_nested"
    );
    assertEquals(nested?.kind === "test" && nested.frames?.map(({ line }) => line), [
      55,
      60,
      64,
      64,
      66,
    ]);
  },
});

Deno.test("what the summary counts is compared with the tests, both ways", async () => {
  const skip = { nodeid: "t.py::b", outcome: "skipped", setup: { outcome: "skipped" } };
  const honest: [Record<string, number>, readonly unknown[]][] = [
    [{ passed: 1, total: 1, collected: 1 }, [passing]],
    [{ passed: 1, total: 1, collected: 3, deselected: 2 }, [passing]],
    // Before version 1.5.
    [{ passed: 1, total: 1, collected: 1, deselected: 2 }, [passing]],
    [{ passed: 1, skipped: 1, total: 2, collected: 2 }, [passing, skip]],
    [{ total: 1 }, [passing]],
  ];
  for (const [summary, tests] of honest) {
    const [claim, ...rest] = await report({ summary, tests });
    const passed = tests.includes(skip) ? "tests 2, passed 1" : "tests 1, passed 1";
    assertEquals(claim!.replace(", skipped 1", ""), `declared ${passed}`, JSON.stringify(summary));
    assertEquals(
      rest.filter((line) => line.startsWith("suite_error")),
      [],
      JSON.stringify(summary),
    );
  }
  // After `pytest.exit(returncode=0)`.
  assertEquals(
    (await report({ summary: { passed: 1, total: 1, collected: 2 }, tests: [passing] }))[0],
    "declared tests 2, passed 1",
  );
  assertEquals(
    (await report({ summary: { passed: 1, total: 1, collected: 0 }, tests: [passing] }))[0],
    "declared tests 0, passed 1",
  );
  assertEquals(
    (await report({
      summary: { passed: 2, total: 2 },
      tests: [passing, { ...passing, outcome: "xpassed" }],
    }))[1],
    "suite_error: the summary counts 2 passed, the tests 1",
  );
  for (const wrong of ["1", -1, 0.5, null, true]) {
    for (const key of ["passed", "total", "collected", "deselected", "xfailed"]) {
      const lines = await report({ summary: { [key]: wrong }, tests: [passing] });
      assertEquals(
        lines.at(-1)!.includes(`summary.${key} must be an integer`),
        true,
        `${key} ${wrong}`,
      );
    }
  }
});

Deno.test("a skipped test of which a stage did not pass has an error", async () => {
  const test = (outcome: string, call: string, teardown = "passed") => ({
    nodeid: "t.py::a",
    outcome,
    call: { outcome: call },
    teardown: { outcome: teardown },
  });
  const statuses = async (...tests: unknown[]) =>
    (await report({ summary: {}, tests })).slice(1, -1).map((line) => line.split(" ", 1)[0]);
  const quiet = [test("skipped", "skipped"), test("xfailed", "skipped"), test("xfailed", "failed")];
  assertEquals(await statuses(...quiet), ["skipped", "skipped", "skipped"]);
  const odd = [
    test("skipped", "failed"),
    test("xfailed", "skipped", "failed"),
    test("skipped", "Passed"),
  ];
  assertEquals(await statuses(...odd), ["errored", "errored", "errored"]);
});
