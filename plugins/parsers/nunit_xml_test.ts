import { assert, assertEquals } from "@std/assert";
import type { ReportEvent } from "../../src/plugin.ts";
import { parse } from "./nunit_xml.ts";

const shared = Deno.env.get("ASSAY_CORPUS");
const context = { root: "/project", cwd: "/project", source: "report.xml" };

async function read(input: ReadableStream<Uint8Array>): Promise<ReportEvent[]> {
  return (await Array.fromAsync(parse(input, context))).flat();
}

function readText(xml: string): Promise<ReportEvent[]> {
  return read(new Blob([xml]).stream());
}

Deno.test("every result has its status, and an unknown one is errored", async () => {
  const cases: [string, string][] = [
    [`result="Passed"`, "passed"],
    [`result="Warning"`, "skipped"],
    [`result="Failed"`, "failed"],
    [`result="Failed" label="Error"`, "errored"],
    [`result="Failed" label="Invalid"`, "errored"],
    [`result="Failed" label="Cancelled"`, "errored"],
    [`result="Failed" label="Test exceeded Timeout value 1ms."`, "failed"],
    [`result="Skipped" label="Ignored"`, "skipped"],
    [`result="Inconclusive"`, "skipped"],
    [`result="Success"`, "passed"],
    [`result="Failure"`, "failed"],
    [`result="Error"`, "errored"],
    [`result="NotRunnable"`, "errored"],
    [`result="Marvellous"`, "errored"],
    [`result=""`, "errored"],
    [`executed="False"`, "skipped"],
    [`executed="True" success="True"`, "passed"],
    [`executed="True" success="False"`, "failed"],
    ["", "errored"],
    [`result="Success" executed="True" success="True"`, "passed"],
    [`result="Success" success="False"`, "errored"],
    [`result="Success" executed="False"`, "errored"],
    [`result="Passed" label="Error"`, "errored"],
  ];
  for (const [attributes, status] of cases) {
    const [test] = await readText(`<test-run><test-case name="a" ${attributes}/></test-run>`);
    assert(test?.kind === "test");
    assertEquals(test.status, status, attributes);
  }
});

Deno.test("version 3: message, stack, class, time; assertions are not reported twice", async () => {
  const failure = `<failure><message><![CDATA[  Expected: 3
  But was:  2]]></message><stack-trace>at Cart.Total() in /project/Cart.cs:line 9</stack-trace></failure>`;
  const events = await readText(
    `<test-run total="1" failed="1" skipped="0" result="Failed"><test-suite name="Cart" result="Failed"
site="Child"><failure><message>One or more child tests had errors</message></failure>
<test-case name="Total" classname="Shop.Cart" result="Failed" duration="0.028162">${failure}
<output>printed</output><assertions><assertion><message>again</message></assertion></assertions>
</test-case></test-suite></test-run>`,
  );
  assertEquals(events, [
    {
      kind: "test",
      status: "failed",
      name: "Total",
      suite: "Shop.Cart",
      durationMs: 28.162,
      message: "Expected: 3",
      details: "  Expected: 3\n  But was:  2\nat Cart.Total() in /project/Cart.cs:line 9",
      frames: [{ file: "Cart.cs", line: 9, function: "Cart.Total()" }],
      file: "Cart.cs",
      line: 9,
    },
    { kind: "declared", tests: 1, failed: 1, skipped: 0 },
    { kind: "end" },
  ]);
});

Deno.test("a suite that failed by itself is an error outside any test", async () => {
  const errors = async (suite: string, inside: string) =>
    (await readText(`<test-run><test-suite name="Cart" ${suite}>${inside}</test-suite></test-run>`))
      .flatMap((event) => event.kind === "suite_error" ? [event.message] : []);
  const message = "<failure><message>no database</message></failure>";
  const passed = `<test-case name="a" result="Passed"/>`;
  const failed = `<test-case name="a" result="Failed"/>`;
  assertEquals(await errors(`result="Failed" site="SetUp"`, message + failed), ["no database"]);
  assertEquals(await errors(`result="Failed" site="TearDown"`, message + passed), ["no database"]);
  assertEquals(await errors(`result="Failed" label="Invalid"`, message), ["no database"]);
  assertEquals(await errors(`result="Failed" site="Child"`, failed), []);
  assertEquals(await errors(`result="Failed" site="Child"`, passed), ["result Failed"]);
  assertEquals(await errors(`success="False"`, passed), [`result success="False"`]);
  assertEquals(await errors(`result="Passed"`, passed), []);
  assertEquals(await errors(`result="Passed"`, passed + message), ["no database"]);
  assertEquals(await errors(`result="Skipped"`, ""), []);
  assertEquals(await errors(`result="Inconclusive"`, passed), []);
});

Deno.test("a test that passed contains no failure", async () => {
  const statusOf = async (inside: string) => {
    const [test] = await readText(
      `<test-run><test-case name="a" result="Passed">${inside}</test-case></test-run>`,
    );
    return test?.kind === "test" ? test.status : test?.kind;
  };
  const assertion = (result: string) =>
    `<assertions><assertion result="${result}"><message>m</message></assertion></assertions>`;
  assertEquals(await statusOf("<failure><message>m</message></failure>"), "errored");
  assertEquals(await statusOf(assertion("Failed")), "errored");
  assertEquals(await statusOf(assertion("Warning")), "passed");
  for (const says of ['label="Cancelled"', 'label="Invalid"', 'runstate="NotRunnable"']) {
    const [test] = await readText(`<test-run><test-case result="Skipped" ${says}/></test-run>`);
    assert(test?.kind === "test" && test.status === "errored", says);
  }
  for (const name of ["timeout", "aborted", "error"]) {
    assertEquals(await statusOf(`<${name}/>`), "errored", name);
  }
  assertEquals(await statusOf("<reason><message>m</message></reason>"), "passed");
  assertEquals(await statusOf("<output>error</output>"), "passed");
});

Deno.test("an element outside of any test that says failure is an error", async () => {
  const kinds = async (run: string, suite = "") =>
    (await readText(
      `<test-run>${run}<test-suite result="Passed">${suite}<test-case name="a" result="Passed"/>` +
        `</test-suite></test-run>`,
    )).map(({ kind }) => kind);
  assertEquals(await kinds("<crashed/>"), ["test", "suite_error", "end"]);
  assertEquals(await kinds("", "<error/>"), ["test", "suite_error", "end"]);
  assertEquals(await kinds("<environment/>", "<properties/>"), ["test", "end"]);
});

Deno.test("the counts of the run and of its suites are claims", async () => {
  const declared = async (run: string, suite: string) =>
    (await readText(
      `<test-run ${run}><test-suite ${suite}><test-case name="a" result="Passed"/>` +
        `<test-case name="b" result="Warning"/></test-suite></test-run>`,
    )).slice(2);
  const end = { kind: "end" };
  assertEquals(await declared("", ""), [end]);
  assertEquals(await declared("", `total="2" passed="1" warnings="1" failed="0"`), [end]);
  assertEquals(await declared(`total="2" passed="1" warnings="1"`, `total="2"`), [
    { kind: "declared", tests: 2, passed: 1 },
    end,
  ]);
  assertEquals(await declared(`total="2"`, `total="3"`), [{ kind: "declared", tests: 3 }, end]);
  assertEquals(await declared(`total="2"`, `total="1"`), [{ kind: "declared", tests: 1 }, end]);
  assertEquals(await declared(`total="2" passed="1" skipped="1" warnings="1"`, ""), [
    { kind: "declared", tests: 3, passed: 1, skipped: 1 },
    end,
  ]);
  assertEquals(await declared("", `passed="1"`), [end]);
  assertEquals(await declared("", `passed="2"`), [{ kind: "declared", passed: 2 }, end]);
  assertEquals(await declared(`total="2"`, `failed="1"`), [
    { kind: "declared", tests: 2, failed: 1 },
    end,
  ]);
  const broken = (await declared(`total="2"`, `failed="none"`)).at(-1)!;
  assert(broken.kind === "broken" && broken.reason === "malformed");
});

Deno.test("a run that failed with nothing that did does not pass", async () => {
  const events = await readText(
    `<test-run result="Failed" total="1"><test-case name="a" result="Passed"/></test-run>`,
  );
  assertEquals(events.map(({ kind }) => kind), ["test", "suite_error", "declared", "end"]);
});

Deno.test("version 2", async () => {
  const events = await readText(
    `<test-results name="shop.dll" total="2" errors="1" failures="0" not-run="1" skipped="0">
<test-suite type="Assembly" name="shop.dll" executed="True" result="Failure" success="False"><results>
<test-case name="Shop.Cart.Total" executed="True" result="Success" success="True" time="0.01"/>
<test-case name="Shop.Cart.Add" executed="True" result="Error" success="False" time="0,02"><failure>
<message>boom</message><stack-trace>at Shop.Cart.Add()</stack-trace></failure></test-case>
<test-case name="Shop.Cart.Old" executed="False" result="Ignored"><reason><message>old</message></reason>
</test-case></results></test-suite></test-results>`,
  );
  assertEquals(
    events.map((event) => event.kind === "test" ? [event.status, event.message] : event.kind),
    [["passed", undefined], ["errored", "boom"], ["skipped", "old"], "declared", "end"],
  );
});

Deno.test("what is no NUnit report is refused", async () => {
  const wrong = (await readText("<testsuites/>")).at(-1);
  assert(wrong?.kind === "broken" && wrong.reason === "malformed");
  const cut = (await readText(`<test-run><test-case name="a" result="Passed"/>`)).at(-1);
  assert(cut?.kind === "broken" && cut.reason === "truncated");
});

Deno.test({
  name: `the NUnit report of the shared corpus${shared ? "" : " (ASSAY_CORPUS is not set)"}`,
  ignore: !shared,
  async fn() {
    const events = await read((await Deno.open(`${shared}/nunit/dotnet-nunit.xml`)).readable);
    const having = (status: string) =>
      events.filter((event) => event.kind === "test" && event.status === status).length;
    assertEquals([having("passed"), having("failed"), having("errored"), having("skipped")], [
      3,
      3,
      2,
      1,
    ]);
    assertEquals(events.filter(({ kind }) => kind === "suite_error"), []);
    assertEquals(events.at(-1), { kind: "end" });
  },
});
