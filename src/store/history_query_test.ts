import { assert, assertEquals, assertRejects } from "@std/assert";
import { Blocked, PluginError } from "../errors.ts";
import type { Attempt, Event, Run } from "../model.ts";
import type { HistoryQuery } from "../plugin.ts";
import { realIo } from "../real_io.ts";
import { greenRun, passed, sampleAttempt, sampleEvents, sampleRun } from "./_testing.ts";
import { layoutOf } from "./_layout.ts";
import type { StoreIndex } from "./_rows.ts";
import { connect } from "./connect.ts";
import { queryHistory } from "./history_query.ts";
import { openStore } from "./open.ts";
import type { Store } from "./types.ts";
import { ulid } from "../ulid.ts";

const io = realIo();

async function addRun(store: Store, second: number, events: readonly Event[]): Promise<Run> {
  const runId = ulid(io);
  const started_at = `2026-01-02T03:04:0${second}.000Z`;
  const writer = await store.startRun(sampleRun(runId, { started_at }), ["test"]);
  const attempt = sampleAttempt("test", ulid(io), { started_at });
  const { ref } = writer.startAttempt(attempt);
  await writer.addEvents(attempt.attempt_id, events);
  const ended = {
    ...attempt,
    ...passed,
    ref,
    environment: { SECRET_OF: "another" },
    extension_data: { other: { key: "value" } },
  };
  writer.finishAttempt(ended);
  const more = { started_at, commit: `c${second}`, seq: writer.run.seq };
  const run = greenRun(runId, [ended], more);
  await writer.finishRun(run);
  return run;
}

/** Three runs with 1,000 tests each, of which every tenth failed. */
async function inHistory(
  body: (store: Store, runs: readonly [Run, Run, Run], root: string) => void | Promise<void>,
): Promise<void> {
  const root = await Deno.makeTempDir();
  const store = await openStore(io, root);
  try {
    const events = sampleEvents(1000);
    const first = await addRun(store, 1, events);
    const second = await addRun(store, 2, events);
    const third = await addRun(store, 3, [
      ...events,
      { ...sampleEvents(1)[0]!, index: 1001, file: `odd "name"\u0000\\`, identity: "new" },
    ]);
    await body(store, [first, second, third], root);
  } finally {
    store.close();
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("runs are found by their columns, newest or oldest first, up to the limit", () =>
  inHistory(async (store, [first, second, third]) => {
    const ids = async (query: Omit<HistoryQuery, "from">) =>
      (await store.query({ from: "runs", ...query }, third)).map((run) => run.run_id);
    assertEquals(await ids({}), [third.run_id, second.run_id, first.run_id]);
    assertEquals(await ids({ order: "oldest", limit: 2 }), [first.run_id, second.run_id]);
    assertEquals(await ids({ where: { commit: "c2", state: "finished" } }), [second.run_id]);
    assertEquals((await ids({ where: { tree: null, verb: "verify" } })).length, 3);
    assertEquals(await ids({ where: { branch: null } }), []);
  }));

Deno.test("later runs are not seen: annotating an old run again says the same", () =>
  inHistory(async (store, [first, second]) => {
    for (const from of ["runs", "attempts", "events"] as const) {
      const seen = new Set(
        (await store.query({ from, limit: 1000, order: "oldest" }, second)).map((row) =>
          row.run_id
        ),
      );
      assert(!seen.has(store.latestRun()!.run_id), from);
      assert(seen.has(first.run_id), from);
    }
  }));

Deno.test("attempts come without what other plugins keep and without the environment", () =>
  inHistory(async (store, [first, , third]) => {
    const where = { name: "test", kind: "test", state: "finished", verdict: "pass" };
    const rows = await store.query({ from: "attempts", where, order: "oldest" }, third);
    assertEquals(rows.map((row) => row.ref), ["test:1", "test:2", "test:3"]);
    assertEquals([rows[0]!.run_id, rows[0]!.name], [first.run_id, "test"]);
    assertEquals<unknown>(rows[0]!.tests, first.attempts[0]!.tests);
    assertEquals(/SECRET_OF|extension|another/.test(JSON.stringify(rows)), false);
    assertEquals(await store.query({ from: "attempts", where: { verdict: "fail" } }, third), []);
  }));

Deno.test("events are found in every run by identity, oldest first, with their reference", () =>
  inHistory(async (store, [first, , third]) => {
    const identity = sampleEvents(1, 20)[0]!.identity;
    const found = await store.query(
      { from: "events", where: { identity }, order: "oldest" },
      third,
    );
    assertEquals(found.map((row) => row.ref), ["test:1:20", "test:2:20", "test:3:20"]);
    assertEquals<unknown>(found[0], {
      ...sampleEvents(1, 20)[0]!,
      run_id: first.run_id,
      attempt_id: first.attempts[0]!.attempt_id,
      attempt_name: "test",
      ref: "test:1:20",
    });
    const passedOnly = { identity, status: "passed" };
    assertEquals(await store.query({ from: "events", where: passedOnly }, third), []);
    const failed = { status: "failed", type: "test", attempt_name: "test", rule: null };
    assertEquals(
      (await store.query({ from: "events", where: failed, limit: 3 }, third)).map((row) => row.ref),
      ["test:3:10", "test:3:20", "test:3:30"],
    );
  }));

Deno.test("a value that JSON writes in another way is found all the same", () =>
  inHistory(async (store, [, , third]) => {
    const where = { file: `odd "name"\u0000\\` };
    const found = await store.query({ from: "events", where }, third);
    assertEquals(found.map((row) => row.identity), ["new"]);
  }));

Deno.test("batches without the value are not read, nor those after the limit is full", () =>
  inHistory(async (store, [first, , third], root) => {
    // A file that is gone shows who reads it.
    const [{ attempt_id }] = first.attempts as [Attempt];
    const file = `${root}/.assay/runs/${first.run_id}/events/${attempt_id}.jsonl.gz`;
    const bytes = await Deno.readFile(file);
    await Deno.remove(file);
    const identity = sampleEvents(1, 20)[0]!.identity;
    const where = { identity: "fedcba9876543210" };
    assertEquals(await store.query({ from: "events", where }, third), []);
    assertEquals(await store.query({ from: "events", where: { status: "errored" } }, third), []);
    const newest = { from: "events", where: { identity }, limit: 2 } as const;
    assertEquals((await store.query(newest, third)).map(({ ref }) => ref), [
      "test:3:20",
      "test:2:20",
    ]);
    const oldest = { ...newest, order: "oldest" } as const;
    await assertRejects(() => store.query(oldest, third), Blocked, "it is gone");
    await Deno.writeFile(file, bytes);
    assertEquals((await store.query(oldest, third)).length, 2);
  }));

Deno.test("the runs are walked by their seq, and nothing is sorted before the first is found", () =>
  inHistory(async (_store, _runs, root) => {
    const db = await connect(io, `${root}/.assay/assay.db`);
    const plans: string[] = [];
    const each = (sql: string, ...values: string[]) => {
      const rows = db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values);
      plans.push(...rows.map((row) => row.detail));
      return [];
    };
    const index = {
      io,
      db: { each, get: () => undefined },
      layout: layoutOf(root),
    } as unknown as StoreIndex;
    for (const order of ["oldest", "newest"] as const) {
      await queryHistory(index, { from: "events", order }, { run_id: "~", seq: 9 });
    }
    const walks = plans.filter((line) => /runs USING (COVERING )?INDEX runs_by_seq/.test(line));
    assertEquals(walks.length, 2, plans.join());
    // But the batches of each attempt.
    assertEquals(plans.filter((line) => /TEMP B-TREE FOR ORDER BY/.test(line)), []);
    db.close();
  }));

const wrong: readonly (readonly [unknown, RegExp])[] = [
  [null, /it is not an object/],
  [{}, /unknown table undefined; the tables are runs, attempts, events/],
  [{ from: "sqlite_schema" }, /unknown table "sqlite_schema"/],
  [{ from: "toString" }, /unknown table "toString"/],
  [{ from: "runs", sql: "1" }, /no key "sql"/],
  [{ from: "runs", where: { root: "/" } }, /runs has no column "root"; it has run_id, state/],
  [{ from: "events", where: { "1=1 --": 1 } }, /events has no column/],
  [{ from: "events", where: { constructor: "x" } }, /events has no column/],
  [
    { from: "runs", where: { verb: ["verify"] } },
    /where\.verb: verify is not text, a number or null/,
  ],
  [{ from: "runs", where: { verb: NaN } }, /where\.verb: NaN/],
  [{ from: "runs", where: ["verb"] }, /where is not an object/],
  [{ from: "runs", order: "random" }, /order "random" is neither/],
  [{ from: "runs", limit: 0 }, /limit 0 is not a whole number from 1 to 1000/],
  [{ from: "runs", limit: 1001 }, /limit 1001/],
  [{ from: "runs", limit: "5; DROP TABLE runs" }, /limit "5; DROP/],
];

Deno.test("an invalid query is refused with the valid ones", () =>
  inHistory(async (store, [, , third]) => {
    for (const [query, why] of wrong) {
      const error = await assertRejects(
        () => store.query(query as HistoryQuery, third),
        PluginError,
      );
      assert(why.test(error.message), error.message);
    }
    assertEquals(
      await store.query({ from: "runs", where: { verb: "verify' OR '1'='1" } }, third),
      [],
    );
  }));
