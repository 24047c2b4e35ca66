import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { UserError } from "../errors.ts";
import type { Attempt, Run } from "../model.ts";
import { realIo } from "../real_io.ts";
import {
  finish,
  greenRun,
  passed,
  sampleAttempt,
  sampleEvents,
  sampleRun,
  start,
} from "./_testing.ts";
import { openStore } from "./open.ts";
import { parseReference } from "./reference.ts";
import type { Store } from "./types.ts";
import { ulid } from "../ulid.ts";

const io = realIo();

async function inProject(body: (root: string, store: Store) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  const store = await openStore(io, root);
  try {
    await body(root, store);
  } finally {
    store.close();
    await Deno.remove(root, { recursive: true });
  }
}

/** Makes a run in which each of these ended, and returns it as stored. */
async function makeRun(
  store: Store,
  endings: readonly (readonly [string, Partial<Attempt>])[],
  more: Partial<Run> = {},
): Promise<Run> {
  const runId = ulid(io);
  const writer = await store.startRun(sampleRun(runId, more), endings.map(([name]) => name));
  const attempts = endings.map(([name, ending]) => {
    const started = sampleAttempt(name, ulid(io));
    const { ref } = start(writer, started);
    const finished = { ...started, ref, ...passed, ...ending };
    finish(writer, finished);
    return finished;
  });
  const run = { ...greenRun(runId, attempts, more), seq: writer.run.seq };
  await writer.finishRun(run);
  return run;
}

async function removeIndex(root: string): Promise<void> {
  for (const ending of ["", "-wal", "-shm"]) await io.fs.remove(`${root}/.assay/assay.db${ending}`);
}

async function runJson(root: string, runId: string): Promise<Run> {
  return JSON.parse(await Deno.readTextFile(`${root}/.assay/runs/${runId}/run.json`));
}

Deno.test("a run is found again as it was written, in run.json and in the index", async () => {
  await inProject(async (root, store) => {
    const run = await makeRun(store, [["build", {}], ["test", {}]]);
    assertEquals(await runJson(root, run.run_id), run);
    assertEquals(store.latestRun(), run);
    assertEquals((await openStore(io, root)).run(run.run_id), run);
    assertEquals(run.attempts.map((attempt) => attempt.ref), ["build:1", "test:1"]);
  });
});

Deno.test("a run under way is seen by others as running and never as green", async () => {
  await inProject(async (root, store) => {
    const runId = ulid(io);
    const writer = await store.startRun(greenRun(runId, []), ["test"]);
    const { ref } = start(writer, sampleAttempt("test", ulid(io)));
    for (const reader of [store, await openStore(io, root, { readOnly: true })]) {
      const run = reader.latestRun()!;
      assertEquals([run.state, run.recommendation], ["running", "blocked"]);
      assertEquals(run.attempts.map((attempt) => attempt.ref), [ref]);
    }
    assertEquals((await runJson(root, runId)).state, "running");
  });
});

Deno.test("run.json is written when a run starts and when it ends; between, its journal is", async () => {
  await inProject(async (root, store) => {
    const runId = ulid(io);
    const path = `${root}/.assay/runs/${runId}/run.json`;
    const writer = await store.startRun(sampleRun(runId), ["a", "b"]);
    const first = await Deno.readTextFile(path);
    const attempts = ["a", "b"].map((name) => {
      const attempt = sampleAttempt(name, ulid(io));
      const { ref } = start(writer, attempt);
      const finished = { ...attempt, ...passed, ref };
      finish(writer, finished);
      return finished;
    });
    assertEquals(await Deno.readTextFile(path), first);
    const journal = await Deno.readTextFile(`${root}/.assay/runs/${runId}/journal.jsonl`);
    assertEquals(journal.match(/"(started|settled)".*?"ref":"[ab]:1"/g)!.length, 4);
    await writer.finishRun(greenRun(runId, attempts));
    assertEquals((await runJson(root, runId)).attempts, attempts);
  });
});

Deno.test("an attempt that never started is kept without a serial", async () => {
  await inProject(async (_root, store) => {
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId), ["lint"]);
    const skipped = sampleAttempt("lint", ulid(io), { state: "finished", started_at: null });
    const run = greenRun(runId, [skipped], { recommendation: "blocked" });
    await writer.finishRun(run);
    assertEquals(store.run(runId), run);
    assertEquals(store.attempt({ form: "newest", back: 1 }), undefined);
  });
});

Deno.test("the end of a run tells of its attempts what was added after they had ended", async () => {
  await inProject(async (_root, store) => {
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId), ["test"]);
    const started = sampleAttempt("test", ulid(io));
    const { ref } = start(writer, started);
    const finished = { ...started, ...passed, ref };
    finish(writer, finished);
    const annotated = { ...finished, warnings: ["an annotator failed"] };
    await writer.finishRun(greenRun(runId, [annotated]));
    assertEquals(store.latestRun()!.attempts, [annotated]);
  });
});

Deno.test("references name attempts by serial, by age, and by failure", async () => {
  await inProject(async (_root, store) => {
    const at = (second: number) => ({ started_at: `2026-01-02T03:04:0${second}.000Z` });
    const failed: Partial<Attempt> = { verdict: "fail", exit_code: 1 };
    const first = await makeRun(store, [["build", at(1)], ["test", { ...failed, ...at(2) }]]);
    const second = await makeRun(store, [["build", at(3)], ["test", at(4)]]);
    const find = (text: string) => {
      const found = store.attempt(parseReference(text));
      return found && `${found.run === undefined ? "" : found.run.run_id} ${found.attempt.ref}`;
    };
    assertEquals(find("test:1"), `${first.run_id} test:1`);
    assertEquals(find("test"), `${second.run_id} test:2`);
    assertEquals(find("test:~2"), `${first.run_id} test:1`);
    assertEquals(find("~1"), `${second.run_id} test:2`);
    assertEquals(find("~2"), `${second.run_id} build:2`);
    assertEquals(find("~4"), `${first.run_id} build:1`);
    assertEquals(find("@failed"), `${first.run_id} test:1`);
    assertEquals(
      [find("test:3"), find("~5"), find("other"), find("test:~3")],
      Array(4).fill(undefined),
    );
    const error = assertThrows(() => find(first.run_id), UserError);
    assertEquals(error.hint, "Name one of build:1, test:1");
  });
});

Deno.test("a run is named by a prefix of its id, of at least six characters and of one run only", async () => {
  await inProject(async (_root, store) => {
    const ids = ["01ARYZ6S41TSV4RRFFQ69G5FAV", "01ARYZ6S41ZZZZZZZZZZZZZZZZ"];
    for (const runId of ids) {
      await (await store.startRun(sampleRun(runId), [])).finishRun(greenRun(runId, []));
    }
    assertEquals(store.run(ids[0]!)?.run_id, ids[0]);
    assertEquals(store.run("01aryz6s41t")?.run_id, ids[0]);
    assertEquals(store.run("01ARYZ6S42"), undefined);
    const several = assertThrows(() => store.run("01ARYZ"), UserError);
    for (const runId of ids) assert(several.message.includes(runId));
    assertMatch(assertThrows(() => store.run("01ARY"), UserError).message, /too short/);
  });
});

Deno.test("runs come newest first, whatever the clock said, and no more than asked for", async () => {
  await inProject(async (_root, store) => {
    const ids: string[] = [];
    for (const second of [1, 3, 2]) {
      const run = await makeRun(store, [], { started_at: `2026-01-02T03:04:0${second}.000Z` });
      ids.push(run.run_id);
    }
    assertEquals(store.runs(9).map((run) => run.run_id), [ids[2]!, ids[1]!, ids[0]!]);
    assertEquals(store.runs(1).map((run) => run.run_id), [ids[2]!]);
  });
});

Deno.test("events are found in order: all, the problems, one, the first few", async () => {
  await inProject(async (root, store) => {
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId), ["test"]);
    const attempt = sampleAttempt("test", ulid(io));
    const { ref } = start(writer, attempt);
    const events = sampleEvents(95);
    for (const [from, to] of [[0, 30], [30, 60], [60, 60], [60, 95]]) {
      await writer.addEvents(attempt.attempt_id, events.slice(from, to));
    }
    const id = attempt.attempt_id;
    assertEquals(await store.events(id), events);
    const problems = events.filter((event) => event.status === "failed");
    assertEquals(await store.events(id, { problems: true }), problems);
    assertEquals(await store.events(id, { problems: true, limit: 4 }), problems.slice(0, 4));
    assertEquals(await store.events(id, { limit: 33 }), events.slice(0, 33));
    assertEquals(await store.events(id, { limit: 0 }), []);
    for (const index of [1, 30, 31, 60, 95]) {
      assertEquals(await store.events(id, { index }), [events[index - 1]!]);
    }
    assertEquals(await store.events(id, { index: 96 }), []);
    assertEquals(await store.events(id, { index: 31, problems: true }), []);
    assertEquals(await store.events("other"), []);

    await writer.finishRun(greenRun(runId, [{ ...attempt, ...passed, ref }]));
    assertEquals(await store.events(id), events);
    await removeIndex(root);
    assertEquals(await (await openStore(io, root)).events(id), events);
  });
});

Deno.test("the index can be asked in SQL: outcomes, events, metrics, artifacts, outputs", async () => {
  await inProject(async (root, store) => {
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId), ["test"]);
    const attempt = sampleAttempt("test", ulid(io));
    const { ref } = start(writer, attempt);
    await writer.addEvents(attempt.attempt_id, sampleEvents(20));
    const finished = { ...attempt, ...passed, ref };
    finish(writer, finished);
    await writer.finishRun(greenRun(runId, [finished]));

    const db = new DatabaseSync(`${root}/.assay/assay.db`, { readOnly: true });
    const one = (sql: string) => Object.values(db.prepare(sql).get()!);
    assertEquals(one("SELECT state, recommendation, branch FROM runs"), [
      "finished",
      "ready_for_review",
      "main",
    ]);
    assertEquals(one("SELECT verdict, exit_code, tests_passed FROM outcomes"), ["pass", 0, 2]);
    assertEquals(one("SELECT name, value FROM metrics"), ["peak_memory", 123]);
    assertEquals(one("SELECT path, bytes FROM artifacts"), ["report.xml", 17]);
    assertEquals(one("SELECT count(*), max(truncated) FROM outputs"), [2, 0]);
    assertEquals(
      one(`SELECT attempt_name, serial, "index", duration_ms FROM events WHERE status = 'failed'`),
      ["test", 1, 10, 1.5],
    );
    db.close();
  });
});

Deno.test("serials continue when the run folders are gone, and are counted for each name", async () => {
  await inProject(async (root, store) => {
    await makeRun(store, [["test", {}], ["test", {}], ["build", {}]]);
    await Deno.remove(`${root}/.assay/runs`, { recursive: true });
    const later = await makeRun(await openStore(io, root), [["test", {}], ["build", {}]]);
    assertEquals(later.attempts.map(({ ref }) => ref), ["test:3", "build:2"]);
  });
});

Deno.test("a name that no reference could name is refused", async () => {
  await inProject(async (_root, store) => {
    const writer = await store.startRun(sampleRun(ulid(io)), []);
    assertThrows(() => writer.startAttempt(sampleAttempt("a:b", ulid(io))), UserError);
  });
});

Deno.test("evidence that was not stored, even if the error was caught, keeps the run from ending", async () => {
  await inProject(async (root, store) => {
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId), ["test"]);
    const attempt = sampleAttempt("test", ulid(io));
    const { ref } = start(writer, attempt);
    const events = sampleEvents(3);
    await writer.addEvents(attempt.attempt_id, events);
    // What the store cannot hold is a bug of the caller, which here continues anyway.
    const odd = [{ ...events[0]!, status: "odd" as "failed" }];
    await assertRejects(() => writer.addEvents(attempt.attempt_id, odd));
    const run = greenRun(runId, [{ ...attempt, ...passed, ref }]);
    await assertRejects(() => writer.finishRun(run));
    store.close();
    assertEquals((await openStore(io, root)).run(runId)!.state, "interrupted");
  });
});

Deno.test("events that could not be written next to the report keep the run from ending", async () => {
  await inProject(async (root, store) => {
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId), ["test"]);
    const attempt = sampleAttempt("test", ulid(io));
    const { ref } = start(writer, attempt);
    await Deno.writeTextFile(`${root}/.assay/runs/${runId}/events`, "a file where the folder goes");
    await assertRejects(() => writer.addEvents(attempt.attempt_id, sampleEvents(3)));
    await assertRejects(() => writer.finishRun(greenRun(runId, [{ ...attempt, ...passed, ref }])));
    assertEquals(store.run(runId)!.recommendation, "blocked");
  });
});

Deno.test("a project without a store is read as one without runs, and nothing is created", async () => {
  const root = await Deno.makeTempDir();
  const store = await openStore(io, root, { readOnly: true });
  assertEquals([store.runs(10), store.latestRun(), store.run("01ARYZ6S41")], [
    [],
    undefined,
    undefined,
  ]);
  await assertRejects(() => store.startRun(sampleRun(ulid(io)), []), UserError);
  store.close();
  assertEquals(await Array.fromAsync(Deno.readDir(root)), []);
  await Deno.remove(root);
});

Deno.test("100,000 events are stored in batches, not one by one", async () => {
  await inProject(async (_root, store) => {
    const writer = await store.startRun(sampleRun(ulid(io)), ["test"]);
    const attempt = sampleAttempt("test", ulid(io));
    start(writer, attempt);
    const batches = Array.from({ length: 100 }, (_, at) => sampleEvents(1000, at * 1000 + 1));
    const began = performance.now();
    for (const batch of batches) await writer.addEvents(attempt.attempt_id, batch);
    const took = performance.now() - began;
    assertEquals((await store.events(attempt.attempt_id, { problems: true })).length, 10_000);
    // A quarter of a second on a quiet machine; one by one they take minutes.
    assert(took < 20_000, `it took ${took} ms`);
  });
});
