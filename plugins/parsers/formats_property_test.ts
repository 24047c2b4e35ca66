import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { read } from "../../tests/parsing.ts";
import { parsers } from "./mod.ts";

/** What a generated report says of one test or, to a linter, of one problem. */
interface Item {
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  readonly text: string;
}

const character = fc.constantFrom(
  "a",
  " ",
  "é",
  "😀",
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  "#",
  "\n",
  "ok",
  "1..2",
  ":1:2: ",
);
const words = fc.string({ unit: character, maxLength: 12 });
const item: fc.Arbitrary<Item> = fc.record({
  name: words.map((name) => `t ${name}`),
  status: fc.constantFrom("passed", "failed", "skipped"),
  text: words,
});

const count = (items: readonly Item[], status: string) =>
  items.filter((each) => each.status === status).length;
const json = (value: unknown) => JSON.stringify(value, null, 1);
const jsonLines = (values: readonly unknown[]) =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");
const oneLine = (text: string) => text.replace(/[\n#\\]/g, " ").trim();
const isFailed = (each: Item) => each.status === "failed";

const pytestStage = (outcome: string, text: string) => ({ outcome, duration: 1, longrepr: text });

const mochaTest = ({ name, status, text }: Item, index: number) => ({
  title: name,
  fullTitle: `${index} ${name}`,
  err: status === "failed" ? { message: text } : {},
});
const mochaTests = (items: readonly Item[], status: string) =>
  items.map((each, index) => each.status === status ? [mochaTest(each, index)] : []).flat();

/** A valid report of each format. */
const write: Readonly<Record<string, (items: readonly Item[]) => string>> = {
  "pytest-json-report": (items) =>
    json({
      exitcode: items.some(isFailed) ? 1 : 0,
      summary: { total: items.length },
      tests: items.map(({ name, status, text }) => ({
        nodeid: `a.py::${name}`,
        outcome: status,
        call: pytestStage(status, text),
      })),
    }),
  "rspec-json": (items) =>
    json({
      version: "3.13.0",
      examples: items.map(({ name, status, text }) => ({
        id: "1",
        description: name,
        status: status === "skipped" ? "pending" : status,
        ...(status === "failed" ? { exception: { message: text } } : {}),
      })),
      summary: {
        example_count: items.length,
        failure_count: count(items, "failed"),
        pending_count: count(items, "skipped"),
      },
    }),
  "generic-json": (items) =>
    json({
      schema: "assay.report/1",
      tests: items.map(({ name, status, text }) => ({ name, status, details: text })),
    }),
  "jest-json": (items) =>
    json({
      numTotalTests: items.length,
      success: !items.some(isFailed),
      testResults: [{
        name: "/project/a.test.js",
        status: items.some(isFailed) ? "failed" : "passed",
        message: "",
        assertionResults: items.map(({ name, status, text }) => ({
          title: name,
          status,
          failureMessages: [text],
        })),
      }],
    }),
  "mocha-json": (items) =>
    json({
      stats: {
        suites: 1,
        tests: items.length,
        pending: count(items, "skipped"),
        failures: count(items, "failed"),
      },
      tests: items.map(mochaTest),
      pending: mochaTests(items, "skipped"),
      failures: mochaTests(items, "failed"),
      passes: mochaTests(items, "passed"),
    }),
  "tap": (items) =>
    [
      "TAP version 13",
      ...items.map(({ name, status, text }, index) =>
        `${isFailed({ name, status, text }) ? "not ok" : "ok"} ${index + 1} - ${oneLine(name)}` +
        (status === "skipped" ? " # SKIP x" : "") +
        `\n  ---\n  message: ${JSON.stringify(text)}\n  ...`
      ),
      `1..${items.length}\n`,
    ].join("\n"),
  "go-test-json": (items) =>
    jsonLines([
      ...items.flatMap(({ name, status, text }) => [
        { Action: "run", Package: "p", Test: name },
        { Action: "output", Package: "p", Test: name, Output: text },
        {
          Action: status === "passed" ? "pass" : status === "failed" ? "fail" : "skip",
          Package: "p",
          Test: name,
        },
      ]),
      { Action: items.some(isFailed) ? "fail" : "pass", Package: "p" },
    ]),
  "sarif": (items) =>
    json({
      version: "2.1.0",
      runs: [{
        tool: { driver: { name: "T" } },
        results: items.map(({ text }) => ({ level: "error", message: { text } })),
      }],
    }),
  "eslint-json": (items) =>
    json([{
      filePath: "a.js",
      messages: items.map(({ text }) => ({ severity: 2, message: text })),
    }]),
  "stylelint-json": (items) =>
    json([{ source: "a.css", warnings: items.map(({ text }) => ({ severity: "error", text })) }]),
  "rubocop-json": (items) =>
    json({
      files: [{
        path: "a.rb",
        offenses: items.map(({ text }) => ({ severity: "error", message: text })),
      }],
      summary: { offense_count: items.length },
    }),
  "deno-lint-json": (items) =>
    json({
      diagnostics: items.map(({ text }) => ({ filename: "a.ts", message: text, code: "x" })),
      errors: [],
    }),
  "golangci-json": (items) =>
    json({ Issues: items.map(({ text }) => ({ Text: text, Pos: { Filename: "a.go" } })) }),
  "shellcheck-json": (items) =>
    json({ comments: items.map(({ text }) => ({ file: "a.sh", level: "error", message: text })) }),
  "cargo-json": (items) =>
    jsonLines([
      ...items.map(({ text }) => ({
        reason: "compiler-message",
        message: { level: "error", message: `x${text}`, spans: [] },
      })),
      { reason: "build-finished", success: items.length === 0 },
    ]),
};

const testFormats = Object.keys(write).slice(0, 7);
const formats = parsers.filter(({ format }) => Object.hasOwn(write, format));

for (const { format, parse } of formats) {
  Deno.test(`${format}: everything that was written is read`, async () => {
    await fc.assert(fc.asyncProperty(fc.array(item, { maxLength: 6 }), async (items) => {
      const events = await read(parse, write[format]!(items));
      assertEquals(events.at(-1), { kind: "end" });
      if (testFormats.includes(format)) {
        const statuses = events.flatMap((event) => event.kind === "test" ? [event.status] : []);
        assertEquals(statuses, items.map(({ status }) => status));
      } else {
        const errors = events.filter((event) =>
          event.kind === "diagnostic" && event.severity === "error"
        );
        assertEquals(errors.length, items.length);
      }
    }));
  });

  Deno.test(`${format}: a report that is cut anywhere never ends`, async () => {
    const cut = fc.tuple(
      fc.array(item, { minLength: 1, maxLength: 4 }),
      fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    );
    await fc.assert(
      fc.asyncProperty(cut, async ([items, where]) => {
        const text = write[format]!(items);
        // TAP's last line must be ended; elsewhere white space at the end means nothing.
        const whole = new TextEncoder().encode(format === "tap" ? text : text.trimEnd());
        const events = await read(parse, whole.slice(0, Math.floor(where * whole.length)));
        const last = events.at(-1);
        assert(
          last?.kind === "broken",
          `ended after ${Math.floor(where * whole.length)} of ${whole.length} bytes`,
        );
        assertEquals(events.filter(({ kind }) => kind === "broken").length, 1);
      }),
      { numRuns: 200 },
    );
  });

  Deno.test(`${format}: how the bytes arrive does not matter`, async () => {
    const chunked = fc.tuple(fc.array(item, { maxLength: 3 }), fc.integer({ min: 1, max: 40 }));
    await fc.assert(
      fc.asyncProperty(chunked, async ([items, size]) => {
        const whole = new TextEncoder().encode(`\ufeff${write[format]!(items)}`);
        const chunks = [];
        for (let at = 0; at < whole.length; at += size) chunks.push(whole.slice(at, at + size));
        assertEquals(await read(parse, chunks), await read(parse, whole));
      }),
      { numRuns: 50 },
    );
  });
}

Deno.test("bytes that are no report never end and never throw", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
    for (const { format, parse } of formats) {
      const last = (await read(parse, new Uint8Array([0x78, ...bytes]))).at(-1);
      assertEquals(last?.kind, "broken", format);
    }
  }));
});
