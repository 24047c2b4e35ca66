import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { ReportEvent, ReportParser } from "../plugin.ts";
import { realIo } from "../real_io.ts";
import type { Event } from "../model.ts";
import { findReport, lookBefore, readReport, stateOf } from "./report.ts";

const io = realIo();
const context = { root: "/p", cwd: "/p/web", source: "r.xml" };
const fingerprint = () => ({ identity: "i", cluster: "c" });

async function inRoot(check: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.realPath(await Deno.makeTempDir());
  try {
    await check(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function parserOf(...events: (ReportEvent | Error)[]): ReportParser {
  return {
    format: "made-up",
    description: "",
    holds: "tests",
    async *parse() {
      for (const event of await Promise.resolve(events)) {
        if (event instanceof Error) throw event;
        yield event;
      }
    },
  };
}

async function read(parser: ReportParser) {
  const events: Event[] = [];
  const counts = await readReport(
    parser,
    new Blob([]).stream(),
    context,
    fingerprint,
    (batch) => void events.push(...batch),
  );
  return { counts, events, ...stateOf(counts) };
}

Deno.test("a report written during the attempt is found", () =>
  inRoot(async (root) => {
    const before = await lookBefore(io, `${root}/r.xml`, `${root}/run`);
    const startedAt = Date.now();
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    assertEquals(await findReport(io, root, before, startedAt), { path: `${root}/r.xml` });
  }));

Deno.test("no report is missing", () =>
  inRoot(async (root) => {
    const before = await lookBefore(io, `${root}/r.xml`, `${root}/run`);
    const found = await findReport(io, root, before, Date.now());
    assertEquals("state" in found && found.state, "missing");
  }));

Deno.test("a report from before that was not written again is stale, however young", () =>
  inRoot(async (root) => {
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    const before = await lookBefore(io, `${root}/r.xml`, `${root}/run`);
    const found = await findReport(io, root, before, Date.now());
    assertEquals("state" in found && found.state, "stale");
  }));

Deno.test("a new file with an old time, as cp -p makes, is stale", () =>
  inRoot(async (root) => {
    const before = await lookBefore(io, `${root}/r.xml`, `${root}/run`);
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    await Deno.utime(`${root}/r.xml`, new Date(), new Date(Date.now() - 60_000));
    const found = await findReport(io, root, before, Date.now());
    assertEquals("state" in found && found.state, "stale");
  }));

Deno.test("a report that is rewritten with the same bytes is fresh", () =>
  inRoot(async (root) => {
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    const before = await lookBefore(io, `${root}/r.xml`, `${root}/run`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    const startedAt = Date.now();
    await Deno.writeTextFile(`${root}/r.xml`, "x");
    assert("path" in await findReport(io, root, before, startedAt));
  }));

Deno.test("a link that leads out of the project is refused", () =>
  inRoot(async (root) => {
    const outside = await Deno.makeTempFile();
    const before = await lookBefore(io, `${root}/r.xml`, `${root}/run`);
    await Deno.symlink(outside, `${root}/r.xml`);
    const found = await findReport(io, root, before, Date.now());
    await Deno.remove(outside);
    assert("state" in found);
    assertEquals(found.state, "missing");
    assertStringIncludes(found.message, "outside the project");
  }));

Deno.test("a folder in the report's place is malformed", () =>
  inRoot(async (root) => {
    const before = await lookBefore(io, `${root}/r.xml`, `${root}/run`);
    await Deno.mkdir(`${root}/r.xml`);
    const found = await findReport(io, root, before, Date.now());
    assertEquals("state" in found && found.state, "malformed");
  }));

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
