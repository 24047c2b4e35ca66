import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Event } from "../model.ts";
import type { ReportEvent, ReportParser } from "../plugin.ts";
import { realIo } from "../real_io.ts";
import { readReport } from "./read_report.ts";
import { stateOf } from "./report.ts";

const io = realIo();
const context = { root: "/p", cwd: "/p/web", source: "r.xml" };
const fingerprint = () => ({ identity: "i", cluster: "c" });
const passed = { kind: "test", status: "passed", name: "a" } as const;
const end = { kind: "end" } as const;

function parserWith(parse: ReportParser["parse"]): ReportParser {
  return { format: "made-up", description: "", holds: "tests", parse };
}

/** A parser that reads all of its input and yields these events. */
function parserOf(...events: (ReportEvent | Error)[]): ReportParser {
  return parserWith(async function* (input) {
    for await (const _ of input);
    for (const event of events) {
      if (event instanceof Error) throw event;
      yield event;
    }
  });
}

/** A report of these chunks, which come one at a time. */
function reportOf(chunks: readonly string[]) {
  const heard = { pulled: 0, cancelled: false };
  const rest = [...chunks];
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = rest.shift();
      if (chunk === undefined) return controller.close();
      heard.pulled++;
      controller.enqueue(new TextEncoder().encode(chunk));
    },
    cancel: () => void (heard.cancelled = true),
  }, { highWaterMark: 0 });
  return { stream, heard };
}

async function read(
  parser: ReportParser,
  more: {
    readonly report?: ReadableStream<Uint8Array>;
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  } = {},
) {
  const events: Event[] = [];
  const { signal = new AbortController().signal, timeoutMs = 60_000 } = more;
  const counts = await readReport(
    parser,
    more.report ?? reportOf(["report"]).stream,
    context,
    fingerprint,
    (batch) => void events.push(...batch),
    { io, timeoutMs, signal },
  );
  return { counts, events, ...stateOf(counts) };
}

Deno.test("a parser that stops without an end makes a truncated report", async () => {
  const { state } = await read(parserOf({ kind: "test", status: "passed", name: "a" }));
  assertEquals(state, "truncated");
});

Deno.test("a parser that throws makes a malformed report and keeps what it read", async () => {
  const test = { kind: "test", status: "failed", name: "a" } as const;
  const { state, message, counts, events } = await read(parserOf(test, new Error("bad luck")));
  assertEquals(state, "malformed");
  assertStringIncludes(message!, "bad luck");
  assertEquals(counts.tests.failed, 1);
  assertEquals(events.length, 1);
});

Deno.test("an end after the report broke does not mend it", async () => {
  const broken = { kind: "broken", reason: "malformed", message: "odd", line: 3 } as const;
  const { state, message } = await read(parserOf(broken, { kind: "end" }));
  assertEquals(state, "malformed");
  assertEquals(message, "line 3: odd");
});

Deno.test("counts, paths relative to the root, and numbers of events", async () => {
  const { state, counts, events } = await read(parserOf(
    { kind: "declared", tests: 2 },
    { kind: "test", status: "passed", name: "a", flaky: true, file: "src/a.ts" },
    { kind: "diagnostic", severity: "warning", message: "m", file: "/p/lib/b.ts", line: 4 },
    { kind: "suite_error", message: "no", file: "/elsewhere/c.ts" },
    { kind: "declared", tests: 3, failed: 1 },
    { kind: "end" },
  ));
  assertEquals(state, "read");
  assertEquals(counts.tests, { total: 1, passed: 1, failed: 0, errored: 0, skipped: 0, flaky: 1 });
  assertEquals(counts.declared, { tests: 5, failed: 1 });
  assertEquals(events.map(({ index, file }) => [index, file]), [
    [1, "web/src/a.ts"],
    [2, "lib/b.ts"],
    [3, "/elsewhere/c.ts"],
  ]);
});

Deno.test("a parser that ends before it saw the report's end never makes a pass, wherever it stops", async () => {
  const chunks = ["one", "two", "three", "FAIL"];
  for (let most = 0; most <= chunks.length; most++) {
    const { stream, heard } = reportOf(chunks);
    const parser = parserWith(async function* (input) {
      const reader = input.getReader();
      for (let at = 0; at < most; at++) await reader.read();
      yield passed;
      yield end;
    });
    const { state, message } = await read(parser, { report: stream });
    assertEquals([state, message], ["truncated", "the parser ended before the report did"]);
    assertEquals([heard.pulled, heard.cancelled], [most, true]);
  }
});

Deno.test("a parser that never reads does not make a pass of an empty report either", async () => {
  const parser = parserWith(async function* () {
    yield await Promise.resolve(end);
  });
  const { state } = await read(parser, { report: reportOf([]).stream });
  assertEquals(state, "truncated");
});

Deno.test("tests in an empty report are malformed", async () => {
  const { state, message } = await read(parserOf(passed, end), { report: reportOf([]).stream });
  assertEquals([state, message], ["malformed", "the parser found tests in an empty report"]);
  assertEquals((await read(parserOf(end), { report: reportOf([]).stream })).state, "read");
});

for (const after of [passed, end]) {
  Deno.test(`an event after the end is malformed and does not count: ${after.kind}`, async () => {
    const { state, message, counts, events } = await read(parserOf(passed, end, after, passed));
    const expected = "the parser yielded events after the end of the report";
    assertEquals([state, message], ["malformed", expected]);
    assertEquals([counts.tests.total, events.length], [1, 1]);
  });
}

/** Yields forever, and says when it was told to stop. */
function endless(each: readonly ReportEvent[], wait?: () => Promise<void>) {
  const heard = { returned: false };
  const parser = parserWith(async function* (input) {
    try {
      for await (const _ of input);
      for (;;) {
        yield each;
        await wait?.();
      }
    } finally {
      heard.returned = true;
    }
  });
  return { parser, heard };
}

Deno.test("more events than the report can hold end its reading", async () => {
  for (const [bytes, allowed] of [[7, 100_003], [4000, 102_000]] as const) {
    const { parser, heard } = endless([passed]);
    const report = reportOf(["x".repeat(bytes)]).stream;
    const { state, message, counts, events } = await read(parser, { report });
    assertEquals(state, "malformed");
    const more = `the parser yielded more events than a report of ${bytes} bytes can hold`;
    assertEquals(message, more);
    assertEquals([counts.tests.total, events.length], [allowed, allowed]);
    assert(heard.returned);
  }
});

Deno.test("a report may hold an event for each two of its bytes", async () => {
  const events = Array.from({ length: 100_000 + 100 }, () => passed);
  const parser = parserOf(...events, { kind: "declared", tests: 100_100 }, end);
  const { state } = await read(parser, { report: reportOf(["x".repeat(204)]).stream });
  assertEquals(state, "read");
});

Deno.test("lists without an event, forever, end the reading", async () => {
  const { parser, heard } = endless([]);
  assertEquals((await read(parser)).state, "malformed");
  assert(heard.returned);
});

Deno.test("a report is truncated where its time is up, and its parser is stopped", async () => {
  const { parser, heard } = endless([passed], () => io.sleep(5));
  const { state, message, counts, events } = await read(parser, { timeoutMs: 60 });
  assertEquals([state, message], ["truncated", "not read to its end within 60ms"]);
  assert(events.length > 0 && counts.tests.total === events.length);
  await io.sleep(20);
  assert(heard.returned);
});

Deno.test("a parser that never answers is not waited for longer", async () => {
  const { stream, heard } = reportOf(["report"]);
  // deno-lint-ignore require-yield
  const parser = parserWith(async function* () {
    await new Promise(() => {});
  });
  const { state } = await read(parser, { report: stream, timeoutMs: 20 });
  assertEquals([state, heard.cancelled], ["truncated", true]);
});

Deno.test("the end of the run ends the reading, after a moment for what is there", async () => {
  const stop = new AbortController();
  const { parser, heard } = endless([passed], () => io.sleep(5));
  const reading = read(parser, { signal: stop.signal });
  await io.sleep(10);
  stop.abort("SIGINT received");
  const { state, message } = await reading;
  assertEquals([state, message], ["truncated", "not read to its end: SIGINT received"]);
  await io.sleep(20);
  assert(heard.returned);
  assertEquals((await read(parserOf(passed, end), { signal: stop.signal })).state, "read");
});

Deno.test("events that cannot be kept end the run, and are not the report's fault", async () => {
  const full = () => Promise.reject(new Error("disk full"));
  const { parser } = endless([passed]);
  const report = reportOf(["report"]).stream;
  await assertRejects(
    () => readReport(parser, report, context, fingerprint, full),
    Error,
    "disk full",
  );
});
