import { assert, assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { PluginError } from "../errors.ts";
import type { Event, Run } from "../model.ts";
import type { HistoryQuery } from "../plugin.ts";
import { realIo } from "../real_io.ts";
import { greenRun, passed, sampleAttempt, sampleEvents, sampleRun } from "./_testing.ts";
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
  inHistory((store, [first, second, third]) => {
    const ids = (query: Omit<HistoryQuery, "from">) =>
      store.query({ from: "runs", ...query }, third).map((run) => run.run_id);
    assertEquals(ids({}), [third.run_id, second.run_id, first.run_id]);
    assertEquals(ids({ order: "oldest", limit: 2 }), [first.run_id, second.run_id]);
    assertEquals(ids({ where: { commit: "c2", state: "finished" } }), [second.run_id]);
    assertEquals(ids({ where: { tree: null, verb: "verify" } }).length, 3);
    assertEquals(ids({ where: { branch: null } }), []);
  }));

Deno.test("later runs are not seen: annotating an old run again says the same", () =>
  inHistory((store, [first, second]) => {
    for (const from of ["runs", "attempts", "events"] as const) {
      const seen = new Set(
        store.query({ from, limit: 1000, order: "oldest" }, second).map((row) => row.run_id),
      );
      assert(!seen.has(store.latestRun()!.run_id), from);
      assert(seen.has(first.run_id), from);
    }
  }));

Deno.test("attempts come without what other plugins keep and without the environment", () =>
  inHistory((store, [first, , third]) => {
    const where = { name: "test", kind: "test", state: "finished", verdict: "pass" };
    const rows = store.query({ from: "attempts", where, order: "oldest" }, third);
    assertEquals(rows.map((row) => row.ref), ["test:1", "test:2", "test:3"]);
    assertEquals([rows[0]!.run_id, rows[0]!.name], [first.run_id, "test"]);
    assertEquals<unknown>(rows[0]!.tests, first.attempts[0]!.tests);
    assertEquals(/SECRET_OF|extension|another/.test(JSON.stringify(rows)), false);
    assertEquals(store.query({ from: "attempts", where: { verdict: "fail" } }, third), []);
  }));

Deno.test("events are found in every run by identity, oldest first, with their reference", () =>
  inHistory((store, [first, , third]) => {
    const identity = sampleEvents(1, 20)[0]!.identity;
    const found = store.query({ from: "events", where: { identity }, order: "oldest" }, third);
    assertEquals(found.map((row) => row.ref), ["test:1:20", "test:2:20", "test:3:20"]);
    assertEquals<unknown>(found[0], {
      ...sampleEvents(1, 20)[0]!,
      run_id: first.run_id,
      attempt_id: first.attempts[0]!.attempt_id,
      attempt_name: "test",
      ref: "test:1:20",
    });
    const passedOnly = { identity, status: "passed" };
    assertEquals(store.query({ from: "events", where: passedOnly }, third), []);
    const failed = { status: "failed", type: "test", attempt_name: "test", rule: null };
    assertEquals(
      store.query({ from: "events", where: failed, limit: 3 }, third).map((row) => row.ref),
      ["test:3:10", "test:3:20", "test:3:30"],
    );
  }));

Deno.test("a value that JSON writes in another way is found all the same", () =>
  inHistory((store, [, , third]) => {
    const where = { file: `odd "name"\u0000\\` };
    const found = store.query({ from: "events", where }, third);
    assertEquals(found.map((row) => row.identity), ["new"]);
  }));

Deno.test("batches without the value are not read as JSON, nor those after the limit is full", () =>
  inHistory((store, [, , third], root) => {
    // JSON that is broken shows who reads it.
    const handle = new DatabaseSync(`${root}/.assay/assay.db`);
    handle.exec("UPDATE event_batches SET events = '[{' WHERE problem = 0 AND id < 5");
    handle.close();
    const identity = sampleEvents(1, 20)[0]!.identity;
    const where = { identity };
    assertEquals(store.query({ from: "events", where }, third).length, 3);
    const status = { status: "failed" };
    assertEquals(store.query({ from: "events", where: status, limit: 1000 }, third).length, 300);
    const newest = { from: "events", where: { status: "passed" }, limit: 1 } as const;
    assertEquals(store.query(newest, third).length, 1);
    const unhinted = { from: "events", limit: 1, order: "oldest" } as const;
    assertThrows(() => store.query(unhinted, third), Error, "JSON");
  }));

Deno.test("the runs are walked by their seq", () =>
  inHistory((_store, _runs, root) => {
    const db = connect(io, `${root}/.assay/assay.db`);
    const plans: string[] = [];
    const explaining = {
      all: (sql: string, ...values: string[]) => {
        plans.push(
          ...db.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
            .map((row) => row.detail),
        );
        return [];
      },
    };
    const until = { run_id: "~", seq: 9 };
    queryHistory(explaining as unknown as typeof db, { from: "events", order: "oldest" }, until);
    assert(
      plans.some((line) => /runs USING (COVERING )?INDEX runs_by_seq/.test(line)),
      plans.join(),
    );
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
  inHistory((store, [, , third]) => {
    for (const [query, why] of wrong) {
      const error = assertThrows(() => store.query(query as HistoryQuery, third), PluginError);
      assert(why.test(error.message), error.message);
    }
    assertEquals(
      store.query({ from: "runs", where: { verb: "verify' OR '1'='1" } }, third),
      [],
    );
  }));
