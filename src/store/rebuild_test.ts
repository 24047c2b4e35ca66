import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { Blocked } from "../errors.ts";
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
import { rebuildStore } from "./rebuild.ts";
import { parseRun } from "./run_file.ts";
import type { Store } from "./types.ts";
import { ulid } from "../ulid.ts";

const io = realIo();

/** Makes a run with events, one attempt that passed, one that failed, and one that never started. */
async function makeRun(store: Store): Promise<string> {
  const runId = ulid(io);
  const writer = await store.startRun(sampleRun(runId), ["build", "test"]);
  const attempts: Attempt[] = [];
  for (const [name, verdict] of [["build", "pass"], ["test", "fail"]] as const) {
    const started = sampleAttempt(name, ulid(io));
    const { ref } = start(writer, started);
    // A report that begins small is kept as text, a large one is compressed.
    const sizes = name === "build" ? [30, 1300] : [1300, 30];
    await writer.addEvents(started.attempt_id, sampleEvents(sizes[0]!));
    await writer.addEvents(started.attempt_id, sampleEvents(sizes[1]!, sizes[0]! + 1));
    attempts.push({ ...started, ...passed, ref, verdict });
    finish(writer, attempts.at(-1)!);
  }
  attempts.push(sampleAttempt("lint", ulid(io), { state: "finished", started_at: null }));
  await writer.finishRun(greenRun(runId, attempts, { recommendation: "continue_fixing" }));
  return runId;
}

/** Three runs: two that ended and one whose process died. */
async function inProject(body: (root: string, ids: string[]) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    const store = await openStore(io, root);
    const ids = [await makeRun(store), await makeRun(store), ulid(io)];
    const dead = await store.startRun(sampleRun(ids[2]!), ["test"]);
    start(dead, sampleAttempt("test", ulid(io)));
    store.close();
    (await openStore(io, root)).close();
    await body(root, ids);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const tables: Readonly<Record<string, string>> = {
  runs: "SELECT * FROM runs ORDER BY run_id",
  attempts: `SELECT attempt_id, run_id, name, serial, state, pid, record FROM attempts
    ORDER BY attempt_id`,
  outcomes: `SELECT attempt_id, outcomes.* FROM outcomes JOIN attempts ON id = attempt ORDER BY 1`,
  outputs: `SELECT attempt_id, stream, path, truncated FROM outputs JOIN attempts ON id = attempt
    ORDER BY 1, 2`,
  events: `SELECT attempt_id, identity, status, flaky, duration_ms FROM events
    ORDER BY attempt_id, "index"`,
  metrics:
    `SELECT attempt_id, metrics.name, value FROM metrics JOIN attempts ON id = attempt ORDER BY 1`,
  artifacts: `SELECT attempt_id, artifacts.name, path, sha256, bytes
    FROM artifacts JOIN attempts ON id = attempt ORDER BY 1`,
  marks: "SELECT * FROM marks ORDER BY name",
  annotations: "SELECT * FROM annotations",
  extension_data: `SELECT attempt_id, extension, key, value
    FROM extension_data JOIN attempts ON id = attempt ORDER BY 1, 2, 3`,
};

/** All the index holds, without its private keys. */
function dump(root: string): Record<string, unknown[]> {
  const db = new DatabaseSync(`${root}/.assay/assay.db`, { readOnly: true });
  const rows = Object.entries(tables).map(([name, sql]) => {
    const all = db.prepare(sql).all().map(({ attempt: _, ...row }) => row);
    return [name, all] as const;
  });
  db.close();
  return Object.fromEntries(rows);
}

async function removeIndex(root: string): Promise<void> {
  for (const ending of ["", "-wal", "-shm"]) await io.fs.remove(`${root}/.assay/assay.db${ending}`);
}

async function setAside(root: string): Promise<string[]> {
  const names = (await io.fs.list(`${root}/.assay`)).map(({ name }) => name);
  return names.filter((name) => name.startsWith("assay.db.corrupt-"));
}

Deno.test("an index rebuilt from nothing but the run folders equals the one that was", async () => {
  await inProject(async (root) => {
    const before = dump(root);
    assertEquals(before.events!.length, 4 * 1330);
    assertEquals(before.extension_data!.length, 8);
    await removeIndex(root);
    const { warnings, ...counts } = await rebuildStore(io, root);
    assertEquals(counts, { runs: 3, attempts: 7 });
    assertMatch(warnings.join("\n"), /^\S+assay.db is missing or empty; .* from 3 run folders$/);
    assertEquals(dump(root), before);
  });
});

Deno.test("a sound index is mended in place: what is wrong in it goes, annotations and marks stay", async () => {
  await inProject(async (root, [first]) => {
    const db = new DatabaseSync(`${root}/.assay/assay.db`);
    db.exec(`INSERT INTO annotations VALUES ('A', 0, 'blame', 'k', 'inline', '{}')`);
    db.exec("UPDATE marks SET last = 40 WHERE name = 'build'");
    const before = dump(root);
    db.exec(`UPDATE attempts SET record = '{}', state = 'pending' WHERE run_id = '${first}'`);
    db.exec("DELETE FROM event_batches WHERE first = 1");
    db.exec("DELETE FROM runs WHERE rowid = 2");
    db.exec(
      "UPDATE attempts SET record = json_set(record, '$.extension_data', json('{\"forged\":{\"a\":1}}'))",
    );
    db.close();
    assertEquals((await rebuildStore(io, root)).runs, 3);
    assertEquals(dump(root), before);
  });
});

Deno.test("a run whose folder is gone leaves the index when it is rebuilt, and its serials stay taken", async () => {
  await inProject(async (root, [first, second]) => {
    await Deno.remove(`${root}/.assay/runs/${second}`, { recursive: true });
    await rebuildStore(io, root);
    const store = await openStore(io, root);
    assertEquals(store.run(second!), undefined);
    assertEquals(store.run(first!)!.run_id, first);
    const latest = await makeRun(store);
    assertEquals(store.run(latest)!.attempts.map(({ ref }) => ref), ["build:3", "test:4", ""]);
  });
});

Deno.test("a run under way is left to its process when the index is rebuilt", async () => {
  await inProject(async (root) => {
    const store = await openStore(io, root);
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId), ["test"]);
    const started = sampleAttempt("test", ulid(io));
    const { ref } = start(writer, started);
    await rebuildStore(io, root);
    assertEquals(store.run(runId)!.state, "running");
    const run = greenRun(runId, [{ ...started, ...passed, ref }], { seq: writer.run.seq });
    finish(writer, run.attempts[0]!);
    await writer.finishRun(run);
    assertEquals((await openStore(io, root)).run(runId), run);
  });
});

Deno.test("a dead run is what its journal says, the index lost or not: what had ended keeps its outcome", async () => {
  for (const isLost of [false, true]) {
    await inProject(async (root) => {
      const store = await openStore(io, root);
      const runId = ulid(io);
      const writer = await store.startRun(sampleRun(runId), ["build", "test", "lint"]);
      const [build, test, lint] = ["build", "test", "lint"].map((name) => {
        const attempt = sampleAttempt(name, ulid(io));
        return { ...attempt, ref: start(writer, attempt).ref };
      }) as [Attempt, Attempt, Attempt];
      finish(writer, { ...build, ...passed });
      finish(writer, { ...test, ...passed });
      store.close();
      const journal = `${root}/.assay/runs/${runId}/journal.jsonl`;
      const lines = (await Deno.readTextFile(journal)).split("\n");
      // The end of `test` cannot be read, and the process died while it wrote that of `lint`.
      lines[4] = lines[4]!.replace('"verdict":"pass"', '"verdict":"splendid"');
      const cut = JSON.stringify({ type: "settled", attempt: { ...lint, ...passed } }).slice(0, 90);
      await Deno.writeTextFile(journal, lines.join("\n") + cut);
      if (isLost) await removeIndex(root);

      const run = (await openStore(io, root)).run(runId)!;
      assertEquals([run.state, run.recommendation], ["interrupted", "blocked"]);
      assertEquals(run.attempts.map(({ ref, state, verdict }) => `${ref} ${state} ${verdict}`), [
        "build:3 finished pass",
        // What the index saw end is known, and nothing is when it is gone.
        isLost ? "test:4 interrupted unknown" : "test:4 finished pass",
        "lint:1 interrupted unknown",
      ]);
      assertEquals(run.attempts[0]!.reasons, passed.reasons);
      assertMatch(run.warnings.join("\n"), /journal.jsonl: cannot be read in line 5\n/);
      assertEquals(
        JSON.parse(await Deno.readTextFile(journal.replace("journal.jsonl", "run.json"))),
        run,
      );
    });
  }
});

Deno.test("a run.json in which any key is missing or odd cannot be read, and says which key", async () => {
  await inProject(async (root, [first]) => {
    const text = await Deno.readTextFile(`${root}/.assay/runs/${first}/run.json`);
    assert("run" in await parseRun(text, first!));
    const odd = (value: unknown) => typeof value === "number" ? "5" : value === null ? {} : 5;
    const problemOf = async (
      part: (run: Run) => object,
      key: string,
      change: (part: object) => void,
    ) => {
      const run = JSON.parse(text);
      change(part(run));
      const reading = await parseRun(JSON.stringify(run), first!);
      assert("problem" in reading, `${key} of ${part}`);
      return reading.problem;
    };
    for (const part of [(run: Run) => run, ({ attempts }: Run) => attempts[0]!]) {
      for (const [key, value] of Object.entries(part(JSON.parse(text)))) {
        await problemOf(part, key, (given) => Reflect.deleteProperty(given, key));
        await problemOf(part, key, (given) => Object.assign(given, { [key]: odd(value) }));
      }
    }
    const gates = await problemOf(
      (run) => run,
      "gates",
      (run) => Object.assign(run, { gates: [null] }),
    );
    assertEquals(
      gates,
      'it was written by another version of assay, or was edited: "gates" is missing or invalid',
    );
    for (const odd of [{ started_at: "soon" }, { threshold: 1e300 }, { recommendation: "yes" }]) {
      await problemOf((run) => run, Object.keys(odd)[0]!, (run) => Object.assign(run, odd));
    }
    // A newer assay may say more.
    const more = JSON.stringify({ ...JSON.parse(text), more: 1 });
    assert("run" in await parseRun(more, first!));
  });
});

Deno.test("a run.json that is cut or foreign is left out and named; other folders are not looked at", async () => {
  await inProject(async (root, [first, second]) => {
    const file = (runId: string) => `${root}/.assay/runs/${runId}/run.json`;
    const text = await Deno.readTextFile(file(first!));
    await Deno.writeTextFile(file(first!), text.slice(0, text.length / 2));
    await Deno.writeTextFile(file(second!), text);
    await Deno.mkdir(`${root}/.assay/runs/mine`);
    await Deno.mkdir(`${root}/.assay/runs/01JZ0000000000000000000001`);
    await removeIndex(root);
    const { runs, warnings } = await rebuildStore(io, root);
    assertEquals([runs, warnings.length], [1, 4]);
    assertMatch(warnings.join("\n"), new RegExp(`${first}/run.json: skipped: it is not JSON`));
    assertMatch(warnings.join("\n"), new RegExp(`it belongs to run "${first}"`));
    assertMatch(
      warnings.join("\n"),
      /01JZ0000000000000000000001\/run.json: skipped: run.json is missing/,
    );
  });
});

Deno.test("events of a finished run whose last line is cut are reported, and those before it are there", async () => {
  for (const [at, ending, left] of [[0, "", 1329], [1, ".gz", 1300]] as const) {
    await inProject(async (root, [first]) => {
      const store = await openStore(io, root);
      const attemptId = store.run(first!)!.attempts[at]!.attempt_id;
      const path = `${root}/.assay/runs/${first}/events/${attemptId}.jsonl`;
      const all = await store.events(attemptId);
      assertEquals(all.length, 1330);
      await Deno.truncate(path + ending, (await Deno.stat(path + ending)).size - 20);
      const error = await assertRejects(() => store.events(attemptId), Blocked);
      assertMatch(error.message, /Cannot read the events in \S+: it is cut/);
      const { warnings } = await rebuildStore(io, root);
      assertEquals(warnings, [`${path}: it ends in a line that is cut`]);
      assertEquals(await store.events(attemptId), all.slice(0, left));
    });
  }
});

Deno.test("a file of events that was edited is not taken for what it was", async () => {
  for (const [at, ending] of [[0, ""], [1, ".gz"]] as const) {
    await inProject(async (root, [first]) => {
      const store = await openStore(io, root);
      const attemptId = store.run(first!)!.attempts[at]!.attempt_id;
      const path = `${root}/.assay/runs/${first}/events/${attemptId}.jsonl${ending}`;
      const bytes = await Deno.readFile(path);
      bytes.fill(120, 40, 90);
      await Deno.writeFile(path, bytes);
      await assertRejects(() => store.events(attemptId), Blocked);
      assertMatch((await rebuildStore(io, root)).warnings.join(), /it ends in a line that is cut/);
    });
  }
});

const damages: readonly (readonly [string, (path: string) => Promise<void>])[] = [
  ["is no database", (path) => Deno.writeTextFile(path, "garbage")],
  ["is a longer file of something else", (path) => Deno.writeTextFile(path, "x".repeat(9000))],
  ["has lost its first page", async (path) => {
    const file = await Deno.open(path, { write: true });
    await file.write(new Uint8Array(4096));
    file.close();
  }],
  ["is somebody else's database", async (path) => {
    await Deno.remove(path);
    const db = new DatabaseSync(path);
    db.exec("CREATE TABLE theirs (x)");
    db.close();
  }],
];

for (const [what, damage] of damages) {
  Deno.test(`an index that ${what} is kept aside and rebuilt, with a warning and nothing lost`, async () => {
    await inProject(async (root) => {
      const before = dump(root);
      const path = `${root}/.assay/assay.db`;
      for (const ending of ["-wal", "-shm"]) await io.fs.remove(path + ending);
      await damage(path);
      const damaged = await Deno.readFile(path);

      const store = await openStore(io, root, { readOnly: true });
      assertEquals(store.warnings.length, 1);
      assertMatch(
        store.warnings[0]!,
        /(damaged|not assay's database).*kept as .*corrupt-1, .*3 run folders$/,
      );
      assertEquals(dump(root), before);
      const [aside, ...more] = await setAside(root);
      assertEquals(more, []);
      assertEquals(await Deno.readFile(`${root}/.assay/${aside}`), damaged);
      assertEquals((await openStore(io, root)).warnings, []);
    });
  });
}

Deno.test("what no run folder holds is taken from an index of another schema: annotations, numbers", async () => {
  await inProject(async (root) => {
    const path = `${root}/.assay/assay.db`;
    const db = new DatabaseSync(path);
    db.exec(`INSERT INTO annotations VALUES ('A', 0, 'blame', 'k', 'inline', '{"text":"kept"}')`);
    db.exec("UPDATE marks SET last = 40 WHERE name = 'build'");
    const before = dump(root);
    db.exec(`INSERT INTO annotations VALUES ('A', 0, 'blame', 'odd', 'inline', '{')`);
    db.exec("PRAGMA user_version = 1");
    db.close();
    const { warnings } = await openStore(io, root);
    assertMatch(warnings[0]!, /was written by an older assay/);
    assertEquals(dump(root), before);
  });
});

Deno.test("a folder in the place of the index is kept aside, and the index rebuilt", async () => {
  await inProject(async (root) => {
    const before = dump(root);
    await removeIndex(root);
    await Deno.mkdir(`${root}/.assay/assay.db/mine`, { recursive: true });
    const { warnings } = await openStore(io, root, { readOnly: true });
    assertMatch(warnings[0]!, /it is a folder; .*corrupt-1/);
    assertEquals(dump(root), before);
    assert((await Deno.stat(`${root}/.assay/assay.db.corrupt-1/mine`)).isDirectory);
  });
});

Deno.test("damage inside an index that opens is found by a rebuild, and serials are saved from it", async () => {
  await inProject(async (root, [, second]) => {
    const path = `${root}/.assay/assay.db`;
    const db = new DatabaseSync(path);
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    const page = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'event_batches'")
      .get()!;
    const { marks, ...before } = dump(root);
    db.close();
    // The newest serials are those of a run whose folder is gone: only the damaged index knows them.
    await Deno.remove(`${root}/.assay/runs/${second}`, { recursive: true });
    const file = await Deno.open(path, { write: true });
    await file.seek((Number(page.rootpage) - 1) * 4096, Deno.SeekMode.Start);
    await file.write(new Uint8Array(4096).fill(255));
    file.close();
    const { warnings } = await rebuildStore(io, root);
    assertMatch(warnings[0]!, /is damaged: .*corrupt-1/);
    const after = dump(root);
    assertEquals(after.marks, marks);
    assertEquals([before.runs!.length, after.runs!.length], [3, 2]);
  });
});

Deno.test("16 openings that find the damage at once mend it once", async () => {
  await inProject(async (root) => {
    await removeIndex(root);
    await Deno.writeTextFile(`${root}/.assay/assay.db`, "garbage");
    const stores = await Promise.all(Array.from({ length: 16 }, () => openStore(io, root)));
    assertEquals((await setAside(root)).length, 1);
    assertEquals(stores.filter((store) => store.warnings.length > 0).length, 1);
    assert(stores.every((store) => store.runs(9).length === 3));
  });
});
