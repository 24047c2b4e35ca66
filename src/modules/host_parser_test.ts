/** Parsers of plugins in workers. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { type Started, withPlugin } from "./worker/_testing.ts";

const parser = (parse: string) =>
  `export default { name: "p", parsers: [{ format: "f", description: "d", holds: "tests",
    async *parse(input, context) { ${parse} } }] };`;

function parse({ plugin }: Started, chunks: readonly string[]) {
  let [given, cancelled] = [0, false];
  const input = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (given === chunks.length) return controller.close();
      controller.enqueue(new TextEncoder().encode(chunks[given++]));
    },
    cancel: () => void (cancelled = true),
  }, { highWaterMark: 0 });
  const context = { root: "/w", cwd: "/w", source: "report" };
  const events = plugin.parsers![0]!.parse(input, context)[Symbol.asyncIterator]();
  return { events, given: () => given, cancelled: () => cancelled };
}

const lines = parser(`
  for await (const chunk of input) {
    const text = new TextDecoder().decode(chunk);
    yield { kind: "test", status: "passed", name: text + context.root };
  }
  yield [{ kind: "declared", tests: 2 }, { kind: "end" }];`);

for (const isolation of ["worker", "none"] as const) {
  Deno.test(`host: a parser reads bytes and yields events, isolation ${isolation}`, () =>
    withPlugin(lines, async (started) => {
      const { events } = parse(started, ["a", "b"]);
      const all = [];
      for (let next = await events.next(); !next.done; next = await events.next()) {
        all.push(next.value);
      }
      assertEquals(all.flat(), [
        { kind: "test", status: "passed", name: "a/w" },
        { kind: "test", status: "passed", name: "b/w" },
        { kind: "declared", tests: 2 },
        { kind: "end" },
      ]);
    }, { isolation }));
}

Deno.test("host: a parser does not run ahead of who reads its events", () =>
  withPlugin(lines, async (started) => {
    const { events, given, cancelled } = parse(started, Array(10_000).fill("x"));
    await events.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    // One batch is read, one waits, and the one after is being made.
    assert(given() <= 4_001);
    await events.return!();
    assertEquals(cancelled(), true);
  }));

for (
  const [name, body, message] of [
    ["throws", 'throw new Error("line 5")', /line 5/],
    ["yields no event", "yield 5", /wrong shape/],
    [
      "yields an event of another shape",
      'yield { kind: "test", status: "good", name: "x" }',
      /status/,
    ],
  ] as const
) {
  for (const isolation of ["worker", "none"] as const) {
    Deno.test(`host: a parser that ${name} fails its report, isolation ${isolation}`, () =>
      withPlugin(parser(body), async (started) => {
        const { events } = parse(started, ["a"]);
        const error = await assertRejects(() => events.next(), Error);
        assertMatch(error.message, message);
      }, { callTimeoutMs: 300, isolation }));
  }
}
