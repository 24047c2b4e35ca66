import { assert, assertEquals } from "@std/assert";
import type { ReportEvent } from "../../src/plugin.ts";
import { parse } from "./trx.ts";

const shared = Deno.env.get("ASSAY_CORPUS");
const context = { root: "/project", cwd: "/project", source: "report.trx" };

async function read(input: ReadableStream<Uint8Array>): Promise<ReportEvent[]> {
  return (await Array.fromAsync(parse(input, context))).flat();
}

function run(results: string, summary = "", definitions = ""): Promise<ReportEvent[]> {
  const xml = `\ufeff<?xml version="1.0" encoding="utf-8"?>
<TestRun id="1" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
<Results>${results}</Results><TestDefinitions>${definitions}</TestDefinitions>${summary}</TestRun>`;
  return read(new Blob([xml]).stream());
}

const result = (outcome: string, more = "") =>
  `<UnitTestResult testId="t" testName="Shop.Cart.Total" outcome="${outcome}" ${more}/>`;

Deno.test("every outcome has its status, and an unknown one is errored", async () => {
  const cases: [string, string][] = [
    ["Passed", "passed"],
    ["Failed", "failed"],
    ["NotExecuted", "skipped"],
    ["Inconclusive", "skipped"],
    ["Error", "errored"],
    ["Timeout", "errored"],
    ["Aborted", "errored"],
    ["NotRunnable", "errored"],
    ["PassedButRunAborted", "errored"],
    ["Disconnected", "errored"],
    ["InProgress", "errored"],
    ["Pending", "errored"],
    ["Warning", "errored"],
    ["Splendid", "errored"],
    ["passed", "errored"],
    ["", "errored"],
  ];
  for (const [outcome, status] of cases) {
    const [test] = await run(result(outcome));
    assert(test?.kind === "test");
    assertEquals(test.status, status, outcome);
  }
  const [other] = await run(`<LoadTestResult testName="a" outcome="Failed"/>`);
  assert(other?.kind === "test" && other.status === "failed");
  const [test] = await run(`<UnitTestResult testName="a"/>`);
  assert(test?.kind === "test" && test.status === "errored" && test.message === "outcome missing");
});

Deno.test("a result that passed contains no error", async () => {
  const statusOf = async (inside: string, outcome = "Passed", name = "UnitTestResult") => {
    const [test] = await run(`<${name} testName="a" outcome="${outcome}">${inside}</${name}>`);
    return test?.kind === "test" ? test.status : test?.kind;
  };
  const error = (inside: string) => `<Output><ErrorInfo>${inside}</ErrorInfo></Output>`;
  const trace = error("<Message>m</Message><StackTrace>at A</StackTrace>");
  assertEquals(await statusOf(trace), "errored");
  assertEquals(await statusOf(trace, "Inconclusive"), "skipped");
  assertEquals(await statusOf(error("<Message>what Assert.Pass says</Message>")), "passed");
  assertEquals(await statusOf("<aborted/>"), "errored");
  assertEquals(await statusOf("<exception/>"), "errored");
  assertEquals(await statusOf("", "Passed", "error"), "errored");
  assertEquals(await statusOf("", "NotExecuted", "error"), "errored");
  assertEquals(await statusOf("", "Passed", "TestResultAggregation"), "passed");
});

Deno.test("message, stack, time and class of a test", async () => {
  const events = await run(
    `<UnitTestResult testId="t" testName="Shop.Cart.Total" outcome="Failed" duration="1.00:01:02.5">
      <Output><StdOut>Message nobody wants</StdOut><ErrorInfo><Message>Assert.Equal() Failure&#xD;
Expected: 3</Message><StackTrace>   at Shop.Cart.Total() in /project/Cart.cs:line 12</StackTrace>
      </ErrorInfo></Output></UnitTestResult>`,
    "",
    `<UnitTest id="t"><TestMethod className="Shop.Cart, Shop, Version=1.0" name="Total"/></UnitTest>`,
  );
  assertEquals(events, [{
    kind: "test",
    status: "failed",
    name: "Total",
    suite: "Shop.Cart",
    durationMs: 86_462_500,
    message: "Assert.Equal() Failure",
    details:
      "Assert.Equal() Failure\nExpected: 3\n   at Shop.Cart.Total() in /project/Cart.cs:line 12",
    frames: [{ file: "Cart.cs", line: 12, function: "Shop.Cart.Total()" }],
    file: "Cart.cs",
    line: 12,
  }, { kind: "end" }]);
});

Deno.test("rows of a data-driven test are its results", async () => {
  const rows = (outcome: string, ...inner: string[]) =>
    `<UnitTestResult testName="all" outcome="${outcome}"><InnerResults>${
      inner.map((each) => result(each)).join("")
    }</InnerResults></UnitTestResult>`;
  const statuses = async (xml: string) =>
    (await run(xml)).map((event) => event.kind === "test" ? event.status : event.kind);
  assertEquals(await statuses(rows("Passed", "Passed", "Passed")), ["passed", "passed", "end"]);
  assertEquals(await statuses(rows("Failed", "Passed", "Failed")), ["passed", "failed", "end"]);
  assertEquals(await statuses(rows("Failed", "Passed")), ["passed", "failed", "end"]);

  const summary = (total: number) =>
    `<ResultSummary outcome="Completed"><Counters total="${total}" failed="0"/></ResultSummary>`;
  for (const [total, tests] of [[2, 2], [3, 2], [4, 4]] as const) {
    const events = await run(rows("Passed", "Passed", "Passed"), summary(total));
    const declared = events.find((event) => event.kind === "declared");
    assertEquals(declared?.tests, tests);
  }
});

Deno.test("counts that are none make the report malformed, and all others are claims", async () => {
  const counters = (text: string) =>
    run(result("Passed"), `<ResultSummary><Counters ${text}/></ResultSummary>`);
  const other = (await counters('total="" error="1"')).find(({ kind }) => kind === "declared");
  assertEquals(other, { kind: "declared", errored: 1 });
  for (const text of ['total="abc"', 'total="1" passed="NaN"', 'total="1" timeout="-1"']) {
    const events = await counters(text);
    assertEquals(events.map(({ kind }) => kind).filter((kind) => kind !== "declared"), [
      "test",
      "broken",
    ], text);
  }
  assertEquals(
    (await counters('total="1" passed="1" failed="0" timeout="1" inProgress="1"')).slice(1),
    [{ kind: "declared", tests: 1, passed: 1, failed: 0, errored: 2 }, { kind: "end" }],
  );
  assertEquals((await counters('total="1" passed="1" warning="1"')).slice(1), [
    { kind: "declared", tests: 1, passed: 1, errored: 1 },
    { kind: "end" },
  ]);
  const kinds = async (text: string) => (await counters(text)).map(({ kind }) => kind).slice(1, -1);
  assertEquals(await kinds('total="1" inconclusive="1"'), ["suite_error", "declared"]);
  assertEquals(await kinds('total="1" inconclusive="0" completed="1"'), ["declared"]);
});

Deno.test("a run that went wrong by itself does not pass", async () => {
  const summary = (outcome: string, info = "") =>
    `<ResultSummary outcome="${outcome}"><Counters total="1" failed="0" error="0"/>` +
    `<RunInfos>${info}</RunInfos></ResultSummary>`;
  const crashed = `<RunInfo outcome="Error"><Text>Test host process crashed</Text></RunInfo>`;
  const errors = async (test: string, ...args: [string, string?]) =>
    (await run(result(test), summary(...args)))
      .flatMap((event) => event.kind === "suite_error" ? [event.message] : []);
  assertEquals(await errors("Passed", "Completed"), []);
  assertEquals(await errors("Passed", "Failed"), [
    "the run's outcome is Failed, and no test says why",
  ]);
  assertEquals(await errors("Passed", "Failed", crashed), ["Test host process crashed"]);
  assertEquals(await errors("Passed", "Completed", crashed), ["Test host process crashed"]);
  assertEquals(await errors("Passed", "Completed", `<RunInfo outcome="Error"/>`), [
    "the run's outcome is an error, and no test says why",
  ]);
  assertEquals(await errors("Failed", "Failed", crashed), []);
  assertEquals(await errors("Failed", "Aborted", crashed), ["Test host process crashed"]);
  assertEquals((await errors("Passed", "Aborted")).length, 1);
});

Deno.test("what is no trx report is refused", async () => {
  const last = async (text: string) => (await read(new Blob([text]).stream())).at(-1);
  assertEquals(await last("<testsuite/>"), {
    kind: "broken",
    reason: "malformed",
    message: "report.trx has the root element <testsuite>, not <TestRun>",
    line: 1,
    column: 1,
  });
  const cut = await last(`<TestRun><Results>${result("Passed")}`);
  assert(cut?.kind === "broken" && cut.reason === "truncated");
});

Deno.test("tests wait for their class, but not forever", async () => {
  const events = await run(result("Passed").repeat(20_001));
  assertEquals(events.length, 20_002);
});

Deno.test({
  name: `the trx report of the shared corpus${shared ? "" : " (ASSAY_CORPUS is not set)"}`,
  ignore: !shared,
  async fn() {
    const events = await read((await Deno.open(`${shared}/trx/dotnet-trx.trx`)).readable);
    const having = (status: string) =>
      events.filter((event) => event.kind === "test" && event.status === status).length;
    assertEquals([having("passed"), having("failed"), having("errored"), having("skipped")], [
      5,
      5,
      0,
      1,
    ]);
    assertEquals(events.slice(-2), [
      { kind: "declared", tests: 11, passed: 5, failed: 5, errored: 0 },
      { kind: "end" },
    ]);
  },
});
