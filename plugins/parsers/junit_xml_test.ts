import { assert, assertEquals, assertMatch } from "@std/assert";
import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { parse } from "./junit_xml.ts";

const fixtures = new URL("../../tests/corpus/junit/", import.meta.url);
const shared = Deno.env.get("ASSAY_CORPUS");
const context: ParseContext = { root: "/project", cwd: "/project", source: "report.xml" };

async function read(input: ReadableStream<Uint8Array>): Promise<ReportEvent[]> {
  return (await Array.fromAsync(parse(input, context))).flat();
}

function readText(text: string): Promise<ReportEvent[]> {
  return read(new Blob([text]).stream());
}

const names = [...Deno.readDirSync(fixtures)].map(({ name }) => name)
  .filter((name) => name.endsWith(".xml")).sort();

for (const name of names) {
  Deno.test(`fixture ${name}`, async () => {
    const events = await read((await Deno.open(new URL(name, fixtures))).readable);
    const expected = await Deno.readTextFile(new URL(name.replace(/xml$/, "json"), fixtures));
    assertEquals(events, JSON.parse(expected));
  });
}

Deno.test("the fixtures named refused or truncated do not end, the others do", async () => {
  for (const name of names) {
    const events = await read((await Deno.open(new URL(name, fixtures))).readable);
    const last = events.at(-1)!;
    const reason = last.kind === "broken" ? last.reason : last.kind;
    const expected = name.startsWith("refused")
      ? "malformed"
      : name.startsWith("truncated")
      ? "truncated"
      : "end";
    assertEquals(reason, expected, name);
    assertEquals(events.filter(({ kind }) => kind === "end" || kind === "broken").length, 1, name);
  }
});

/** What `expected.json` of the shared corpus says of one file. */
interface Expected {
  readonly valid: boolean;
  readonly why?: string;
  readonly tests: number;
  readonly passed: number;
  readonly failed: number;
  readonly errored: number;
  readonly skipped: number;
  readonly flaky: number;
  readonly suite_errors: number;
}

function countsOf(events: readonly ReportEvent[]): Omit<Expected, "valid"> {
  const tests = events.filter((event) => event.kind === "test");
  const having = (status: string) => tests.filter((test) => test.status === status).length;
  return {
    tests: tests.length,
    passed: having("passed"),
    failed: having("failed"),
    errored: having("errored"),
    skipped: having("skipped"),
    flaky: tests.filter(({ flaky }) => flaky).length,
    suite_errors: events.filter(({ kind }) => kind === "suite_error").length,
  };
}

Deno.test({
  name: `every file of the shared corpus has its counts${
    shared ? "" : " (ASSAY_CORPUS is not set)"
  }`,
  ignore: !shared,
  async fn() {
    const expected: Record<string, Expected> = JSON.parse(
      await Deno.readTextFile(`${shared}/junit/expected.json`),
    );
    assert(Object.keys(expected).length > 50);
    for (const [name, { valid, why: _why, ...counts }] of Object.entries(expected)) {
      const events = await read((await Deno.open(`${shared}/junit/${name}`)).readable);
      const last = events.at(-1)!;
      assertEquals(last.kind, valid ? "end" : "broken", name);
      if (!valid) continue;
      const { declared_only: _, ...plain } = counts as typeof counts & { declared_only?: unknown };
      assertEquals(countsOf(events), plain, name);
    }
  },
});

Deno.test({
  name: `green reports of the shared corpus do not contradict themselves${
    shared ? "" : " (ASSAY_CORPUS is not set)"
  }`,
  ignore: !shared,
  async fn() {
    const expected: Record<string, Expected> = JSON.parse(
      await Deno.readTextFile(`${shared}/junit/expected.json`),
    );
    const contradictions: string[] = [];
    for (const [name, { valid, ...file }] of Object.entries(expected)) {
      if (!valid || file.tests === 0 || file.failed + file.errored + file.suite_errors > 0) {
        continue;
      }
      const events = await read((await Deno.open(`${shared}/junit/${name}`)).readable);
      const declared = events.find((event) => event.kind === "declared");
      assertEquals((declared?.failed ?? 0) + (declared?.errored ?? 0), 0, name);
      assertEquals(declared?.passed, undefined, name);
      const tests = declared?.tests ?? file.tests;
      if (tests !== file.tests) contradictions.push(`${name}: ${tests}, shows ${file.tests}`);
    }
    // Made or cut by hand, without adding up.
    assertEquals(contradictions, [
      "jenkins/junit-report-1233.xml: 456, shows 5",
      "jenkins/junit-report-bad-duration.xml: 1, shows 2",
      "jenkins/junit-report-testsuite-various-timestamps.xml: 8, shows 12",
      "jenkins/junit-report-time-aggregation.xml: 2, shows 3",
      "jenkins/junit-report-time-aggregation2.xml: 2, shows 3",
      "jenkins/old-reports_junit-report-1.xml: 2, shows 3",
      "jenkins/old-reports_junit-report-2.xml: 2, shows 3",
    ]);
  },
});

Deno.test("a result counts in whatever case its element is written", async () => {
  const document = `<testsuite><testcase name="a"><Failure message="m"/></testcase>
    <testcase name="b"><ERROR>text</ERROR></testcase><testcase name="c"><Skipped/></testcase>
    <Error message="set-up"/></testsuite>`;
  const counts = countsOf(await readText(document));
  const { failed, errored, skipped, passed, suite_errors } = counts;
  assertEquals([failed, errored, skipped, passed, suite_errors], [1, 1, 1, 0, 1]);
});

Deno.test("elements under a suite that say failure, and a suite's passed tests, are not passed over", async () => {
  const inside = async (element: string, claims = "") =>
    (await readText(
      `<testsuites><testsuite ${claims}>${element}<testcase name="a"/></testsuite></testsuites>`,
    )).slice(0, -1).filter(({ kind }) => kind !== "test").map(({ kind }) => kind);
  for (const name of ["rerunFailure", "rerunError", "timedOut", "aborted", "panicked"]) {
    assertEquals(await inside(`<${name}/>`), ["suite_error"], name);
  }
  assertEquals(await inside("<flakyFailure/><skipped/><properties/>"), []);
  assertEquals(await inside("", 'passed="1"'), []);
  assertEquals(await inside("", 'passed="2"'), ["declared"]);
  assertEquals(await inside("", 'passed="0"'), ["declared"]);
});

Deno.test("an element or attribute whose name says that something went wrong is not a pass", async () => {
  const status = async (attributes: string, inside = "") => {
    const [event] = await readText(
      `<testsuite><testcase name="a" ${attributes}>${inside}</testcase></testsuite>`,
    );
    return event?.kind === "test" ? event.status : event?.kind;
  };
  for (const name of ["exception", "problem", "unexpected", "Crashed"]) {
    assertEquals(await status("", `<${name}/>`), "errored", name);
  }
  const bad: Record<string, string> = {
    'failed="true"': "failed",
    'exception="x"': "failed",
    'exitCode="1"': "failed",
    'error="1"': "failed",
    'state="failed"': "failed",
    'verdict="FAIL"': "failed",
    'testStatus="broken"': "errored",
    'passed="false"': "failed",
    'executed="false"': "skipped",
  };
  for (const [attribute, expected] of Object.entries(bad)) {
    assertEquals(await status(attribute), expected, attribute);
  }
  const good = [
    'failed="false"',
    'errors="0"',
    'exception=""',
    'exitCode="0"',
    'exitStatus="0"',
    'timeout="5000"',
    'failfast="true"',
    'flakyFailures="1"',
    'state="passed"',
    'verdict="PASS"',
    'executed="true"',
    'passed="1"',
    'name2="failed"',
  ];
  for (const attribute of good) assertEquals(await status(attribute), "passed", attribute);
  // What node:test writes of a TODO that fails.
  assertEquals(await status('failure="x"', '<skipped type="todo"/><failure/>'), "skipped");
});

Deno.test("a suite's attributes say that something went wrong, or how many tests there are", async () => {
  const kinds = async (attributes: string) =>
    (await readText(`<testsuite ${attributes}><testcase name="a"/></testsuite>`)).slice(1, -1)
      .map((event) => event.kind === "declared" ? `${event.tests} tests` : event.kind);
  for (const attribute of ['exitCode="1"', 'state="failed"', 'exception="x"', 'unexpected="1"']) {
    assertEquals(await kinds(attribute), ["suite_error"], attribute);
  }
  for (
    const attribute of ['exitCode="0"', 'state="passed"', 'executed="1"', 'expectedFailures="1"']
  ) {
    assertEquals(await kinds(attribute), [], attribute);
  }
  // Some tools do not show what they skip; who counts disabled tests shows them.
  assertEquals(await kinds('tests="2" skipped="1"'), ["1 tests"]);
  assertEquals(await kinds('tests="2" disabled="1"'), ["2 tests"]);
  const nested = async (outer: string) =>
    (await readText(
      `<testsuites><testcase name="a"/><testsuite ${outer}><testsuite tests="1" skipped="1"/>` +
        "</testsuite></testsuites>",
    )).find(({ kind }) => kind === "declared");
  assertEquals(await nested(""), { kind: "declared", tests: 1, skipped: 1 });
  assertEquals(await nested('tests="0"'), { kind: "declared", tests: 2, skipped: 1 });
});

Deno.test("a failure of a suite inside a case is not the case's", async () => {
  const document = `<testsuite><testcase name="a"><skipped type="todo"/><testsuite name="b">
    <failure message="no"/></testsuite></testcase></testsuite>`;
  const counts = countsOf(await readText(document));
  assertEquals([counts.skipped, counts.suite_errors], [1, 1]);
});

Deno.test("a run of a flaky test does not make up for a failure that another suite claims", async () => {
  const failed = async (inner: string) =>
    (await readText(
      `<testsuite tests="1">${inner}<testcase name="a"><flakyFailure/></testcase></testsuite>`,
    )).flatMap((event) => event.kind === "declared" ? event.failed ?? 0 : []);
  assertEquals(await failed(""), [0]);
  assertEquals(await failed('<testsuite failed="1"/>'), [1]);
  assertEquals(await failed('<testsuite failed="0"/>'), [0]);
});

Deno.test("a claim that is no count makes the report malformed", async () => {
  const claims = ["NaN", "-1", "abc", "1.5", "1e3", "0x1", "one"].map((text) => `tests="${text}"`);
  claims.push('failures="NaN"', 'errors="x"', 'failed="some"', 'skipped="few"', 'disabled="-1"');
  claims.push('passed="info"');
  for (const claim of claims) {
    const events = await readText(`<testsuite ${claim}><testcase name="a"/></testsuite>`);
    const last = events.at(-1)!;
    assert(last.kind === "broken" && last.reason === "malformed", claim);
    assertEquals(last.message, `report.xml claims ${claim}, which is not a count`);
    assertEquals(events[0]!.kind, "test");
  }
  for (const claim of ['failures="0"', 'tests="1.0"', 'errors=""', 'tests=" 1 "']) {
    const events = await readText(`<testsuite ${claim}><testcase name="a"/></testsuite>`);
    assertEquals(events.at(-1)!.kind, "end", claim);
  }
});

Deno.test("output of tests is not held in memory, whatever its size", async () => {
  const line = new TextEncoder().encode("a line that a test printed, <b>with</b> ]] and ] in it\n");
  const block = new Uint8Array(1024 * line.length);
  for (let at = 0; at < block.length; at += line.length) block.set(line, at);
  let blocks = 3000;
  const encode = (text: string) => new TextEncoder().encode(text);
  const input = new ReadableStream<Uint8Array>({
    start: (controller) =>
      controller.enqueue(encode("<testsuite><testcase name='a'><system-out><![CDATA[")),
    pull(controller) {
      if (blocks-- > 0) return controller.enqueue(block);
      controller.enqueue(encode("]]></system-out><failure>late</failure></testcase></testsuite>"));
      controller.close();
    },
  });
  const before = Deno.memoryUsage().rss;
  const events = await read(input);
  assertEquals(events.map(({ kind }) => kind), ["test", "end"]);
  const grown = (Deno.memoryUsage().rss - before) / 1024 / 1024;
  assert(grown < 100, `${grown} MiB more for ${3000 * block.length / 1024 / 1024} MiB of output`);
});

Deno.test("text and attributes of megabytes are cut, however they come", async () => {
  const long = "x".repeat(3_000_000);
  const document = `<testsuite><testcase name="${long}"><failure message="${long}">${long}` +
    `<![CDATA[${long}]]></failure><error><![CDATA[short]]></error></testcase></testsuite>`;
  const whole = await readText(document);
  const pieces = new Blob([document]).stream().pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        for (let at = 0; at < chunk.length; at += 5000) {
          controller.enqueue(chunk.subarray(at, at + 5000));
        }
      },
    }),
  );
  assertEquals(await read(pieces), whole);
  const [test] = whole;
  assert(test?.kind === "test" && test.name.length === 1000 && test.message === "short");
});

Deno.test("documents made to exhaust memory are refused", async () => {
  const cases: [string, RegExp][] = [
    ["<a>".repeat(100_000), /root element <a>/],
    [`<testsuite>${"<a>".repeat(100_000)}`, /nested deeper/],
    [`<testsuite ${"n".repeat(34_000_000)}`, /tag longer than 32 MiB/],
    [`<testsuite>&${"n".repeat(1_000_000)}`, /& that begins no reference/],
    [
      `<testsuite ${Array.from({ length: 200_000 }, (_, n) => `a${n}="" `).join("")}`,
      /more than 10000 attributes/,
    ],
    [`<?${"p".repeat(34_000_000)}`, /tag longer than 32 MiB/],
  ];
  for (const [document, expected] of cases) {
    const last = (await readText(document)).at(-1)!;
    assert(last.kind === "broken");
    assertEquals(last.reason, /MiB/.test(expected.source) ? "too_large" : "malformed");
    assertMatch(last.message, expected);
  }
});

Deno.test("a report that is refused is not read on", async () => {
  let pulled = 0;
  let cancelled = false;
  const input = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new TextEncoder().encode(`<html>${" ".repeat(2000)}`));
    },
    cancel() {
      cancelled = true;
    },
  });
  assertEquals((await read(input)).map(({ kind }) => kind), ["broken"]);
  assert(cancelled && pulled < 10);
});

Deno.test("an error of the stream itself is thrown on", async () => {
  const input = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("disk on fire")),
  });
  let message = "";
  await read(input).catch((error: Error) => message = error.message);
  assertEquals(message, "disk on fire");
});

const statuses = async (...elements: string[]) =>
  (await readText(`<testsuites><testsuite name="s">${elements.join("")}</testsuite></testsuites>`))
    .map((event) => event.kind === "test" ? event.status : event.kind);

Deno.test("what CTest could not start is an error; a test that skips itself, or is switched off, is skipped", async () => {
  const notRun = (message: string) =>
    `<testcase name="a" status="notrun"><skipped message="${message}"/></testcase>`;
  assertEquals(await statuses(notRun("Unable to find executable")), ["errored", "end"]);
  assertEquals(await statuses(notRun("Required Files Missing")), ["errored", "end"]);
  assertEquals(await statuses(notRun("SKIP_RETURN_CODE=77")), ["skipped", "end"]);
  assertEquals(await statuses('<testcase name="a" status="notrun" result="suppressed"/>'), [
    "skipped",
    "end",
  ]);
});

Deno.test("a suite of node:test that did not end, and one of Ginkgo's that failed, are errors", async () => {
  const passed = '<testcase name="a"/>';
  assertEquals(await statuses(`<undefined name="s">${passed}</undefined>`), [
    "passed",
    "suite_error",
    "end",
  ]);
  const said = (value: string) =>
    `<properties><property name="SuiteSucceeded" value="${value}"/></properties>${passed}`;
  assertEquals(await statuses(said("false")), ["passed", "suite_error", "end"]);
  assertEquals(await statuses(said("true")), ["passed", "end"]);
});
