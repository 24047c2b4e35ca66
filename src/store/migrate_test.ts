import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { UserError } from "../errors.ts";
import { realIo } from "../real_io.ts";
import { greenRun, passed, sampleAttempt, sampleRun } from "./_samples.ts";
import { connect } from "./connect.ts";
import { migrate, migrations } from "./migrate.ts";
import { openStore } from "./open.ts";
import { ulid } from "./ulid.ts";

const io = realIo();

async function inFolder(body: (root: string) => Promise<void> | void): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await body(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("an older store gets what it lacks and keeps what it has", async () => {
  await inFolder((root) => {
    const db = connect(io, `${root}/assay.db`);
    db.run("INSERT INTO serials VALUES ('test', 7)");
    const later = [
      ...migrations,
      "ALTER TABLE serials ADD COLUMN note TEXT DEFAULT 'none'",
      "UPDATE serials SET note = note || '!'",
    ];
    migrate(db, "assay.db", later);
    migrate(db, "assay.db", later);
    assertEquals(db.all("SELECT name, last, note FROM serials"), [
      { name: "test", last: 7, note: "none!" },
    ]);
    assertEquals(db.get("PRAGMA user_version"), { user_version: migrations.length + 2 });
    db.close();
  });
});

Deno.test("a store of the first schema gets data of extensions that goes with its attempt", async () => {
  await inFolder(async (root) => {
    await Deno.mkdir(`${root}/.assay`);
    const path = `${root}/.assay/assay.db`;
    const old = new DatabaseSync(path);
    old.exec(`${migrations[0]!}; PRAGMA user_version = 1; INSERT INTO serials VALUES ('test', 7)`);
    old.close();

    const store = await openStore(io, root);
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId));
    const started = sampleAttempt("test", ulid(io));
    const { ref } = writer.startAttempt(started);
    const ended = { ...started, ...passed, ref };
    writer.finishAttempt(ended);
    await writer.finishRun(greenRun(runId, [ended]));
    assertEquals(ref, "test:8");

    const db = new DatabaseSync(path);
    const rows = () => db.prepare("SELECT extension, key, value FROM extension_data").all();
    assertEquals(rows().map((row) => ({ ...row })), [
      { extension: "greeting", key: "more", value: '{"list":[1,null,true]}' },
      { extension: "greeting", key: "text", value: '"hello"' },
    ]);
    db.exec("PRAGMA foreign_keys = ON; DELETE FROM runs");
    assertEquals(rows(), []);
    db.close();
  });
});

Deno.test("a migration that fails changes nothing", async () => {
  await inFolder(async (root) => {
    const db = connect(io, `${root}/assay.db`);
    const broken = [...migrations, "CREATE TABLE more (x); INSERT INTO nowhere VALUES (1)"];
    await assertRejects(() => Promise.resolve().then(() => migrate(db, "assay.db", broken)));
    assertEquals(db.get("PRAGMA user_version"), { user_version: migrations.length });
    assertEquals(db.get("SELECT 1 FROM sqlite_schema WHERE name = 'more'"), undefined);
    db.close();
  });
});

Deno.test("a store of a newer assay is left alone, and the error says so", async () => {
  await inFolder(async (root) => {
    const store = await openStore(io, root);
    const runId = ulid(io);
    await (await store.startRun(sampleRun(runId))).finishRun(greenRun(runId, []));
    const db = new DatabaseSync(`${root}/.assay/assay.db`);
    db.exec("PRAGMA user_version = 99");
    db.close();
    for (const readOnly of [false, true]) {
      const error = await assertRejects(() => openStore(io, root, { readOnly }), UserError);
      assertMatch(error.message, /a newer assay wrote it.*99/);
      assertStringIncludes(error.hint ?? "", "Update assay");
      assertEquals(error.code, "store_newer");
    }
    assertEquals(
      (await io.fs.list(`${root}/.assay`)).some(({ name }) => /corrupt/.test(name)),
      false,
    );
  });
});
