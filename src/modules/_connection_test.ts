import { assertEquals, assertRejects } from "@std/assert";
import { realIo } from "../real_io.ts";
import { type CallRequest, connect } from "./_connection.ts";
import type { ToWorker } from "./worker/protocol.ts";

/** A worker that is a list of what it was sent, and says what the test wants. */
function fake() {
  const sent: ToWorker[] = [];
  let ends = 0;
  let starts = 0;
  let listener: { message(data: unknown): void; died(message: string): void } | undefined;
  const logs: string[] = [];
  const connection = connect(realIo(), {
    log: (message) => logs.push(message),
    program: (name) => Promise.resolve(`/bin/${name}`),
    start: (given) => {
      starts++;
      listener = given;
      return Promise.resolve({
        post: (message) => sent.push(message as ToWorker),
        terminate: () => ends++,
      });
    },
  });
  return {
    connection,
    sent,
    logs,
    say: (message: unknown) => listener!.message(JSON.stringify(message)),
    raw: (data: unknown) => listener!.message(data),
    die: (message: string) => listener!.died(message),
    counts: () => ({ starts, ends }),
  };
}

const request = (extra: Partial<CallRequest> = {}): CallRequest => ({
  call: { what: "describe" },
  options: {},
  signal: new AbortController().signal,
  ...extra,
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("connection: what belongs to no call, or is no text, is ignored", async () => {
  const { connection, say, raw } = fake();
  const call = connection.call(request());
  await settled();
  for (
    const data of [{ type: "result", id: 1, value: "forged" }, null, 5, "{", "[]", '"x"', "null"]
  ) {
    raw(data);
  }
  for (const id of [0, 2, "1", null, {}, 1e99]) say({ type: "result", id, value: "forged" });
  say({ type: "nothing", id: 1 });
  say({ type: "result", id: 1, value: "right" });
  assertEquals(await call, "right");
});

Deno.test("connection: a prototype cannot be changed by what is returned", async () => {
  const { connection, raw } = fake();
  for (const key of ["__proto__", "\\u005f_proto__", "__pr\\u006fto__"]) {
    const call = connection.call(request());
    await settled();
    for (const id of [1, 2, 3]) {
      raw(`{"type":"result","id":${id},"value":{"a":1,"${key}":{"forged":true}}}`);
    }
    const value = await call as Record<string, unknown>;
    assertEquals(Object.keys(value), ["a"]);
    assertEquals(Object.assign({}, value).forged, undefined);
  }
});

Deno.test("connection: more than 16 MiB ends the worker and its calls", async () => {
  const { connection, raw, counts } = fake();
  const call = connection.call(request());
  await settled();
  raw(`"${"x".repeat(16 * 1024 * 1024)}"`);
  await assertRejects(() => call, Error, "more than 16 MiB");
  assertEquals(counts(), { starts: 1, ends: 1 });
});

Deno.test("connection: a worker that died fails its calls, and the next call has another", async () => {
  const { connection, die, say, counts } = fake();
  const [first, second] = [connection.call(request()), connection.call(request())];
  await settled();
  die("gone\x1b[31m");
  await assertRejects(() => first, Error, "its worker ended: gone\uFFFD[31m");
  await assertRejects(() => second, Error, "its worker ended");
  const third = connection.call(request());
  await settled();
  say({ type: "result", id: 3, value: 3 });
  assertEquals(await third, 3);
  assertEquals(counts().starts, 2);
});

Deno.test("connection: a call may ask what it was given to ask, and no more", async () => {
  const { connection, say, sent } = fake();
  const asked: unknown[] = [];
  const ask = (question: unknown) => {
    asked.push(question);
    return Promise.resolve("answer");
  };
  const [open, mute] = [connection.call(request({ ask })), connection.call(request())];
  await settled();
  const question = { what: "chunk" };
  say({ type: "ask", id: 1, ask: 7, question });
  say({ type: "ask", id: 2, ask: 8, question });
  say({ type: "ask", id: 3, ask: 9, question });
  say({ type: "ask", id: 1, ask: "x", question });
  await settled();
  assertEquals(asked, [question]);
  const answers = sent.slice(2).toSorted((a, b) =>
    ("ask" in a ? a.ask : 0) - ("ask" in b ? b.ask : 0)
  );
  assertEquals(answers, [
    { type: "answer", ask: 7, value: "answer" },
    { type: "refusal", ask: 8, message: "this call has nothing to ask" },
  ]);
  say({ type: "result", id: 1, value: 1 });
  say({ type: "result", id: 2, value: 2 });
  assertEquals(await Promise.all([open, mute]), [1, 2]);
});

Deno.test("connection: a flood of questions ends the worker; one of sentences is cut", async () => {
  const { connection, say } = fake();
  const warnings: string[] = [];
  const ask = () => new Promise(() => {});
  const call = connection.call(request({ ask, warn: (message) => warnings.push(message) }));
  await settled();
  for (let index = 0; index < 1_000; index++) say({ type: "warn", id: 1, message: "again" });
  assertEquals(warnings.length, 100);
  for (let index = 0; index < 65; index++) {
    say({ type: "ask", id: 1, ask: index, question: { what: "chunk" } });
  }
  await assertRejects(() => call, Error, "more than 64 questions");
});

Deno.test("connection: an aborted call fails at once; a worker that answers stays, another is ended", async () => {
  const { connection, say, sent, counts } = fake();
  for (const answers of [true, false]) {
    const stop = new AbortController();
    const call = connection.call(request({ signal: stop.signal }));
    await settled();
    const { id } = sent.at(-1) as { id: number };
    stop.abort(new Error("time is up"));
    await assertRejects(() => call, Error, "time is up");
    await settled();
    assertEquals(sent.at(-1), { type: "abort", id });
    if (answers) say({ type: "error", id, message: "stopped" });
    await new Promise((resolve) => setTimeout(resolve, 400));
    assertEquals(counts().ends, answers ? 0 : 1);
  }
});

Deno.test("connection: an annotation that is refused fails its call, and nothing else", async () => {
  const { connection, say, counts } = fake();
  const annotate = () => {
    throw new Error("there is no event 99");
  };
  const call = connection.call(request({ annotate }));
  const other = connection.call(request());
  await settled();
  say({ type: "annotate", id: 1, annotations: [] });
  await assertRejects(() => call, Error, "there is no event 99");
  say({ type: "result", id: 1, value: "late" });
  say({ type: "result", id: 2, value: "well" });
  assertEquals(await other, "well");
  assertEquals(counts(), { starts: 1, ends: 0 });
});
