import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { unmet } from "../tests/scenario/conditions.ts";
import { testUnless, withFolder } from "../tests/support.ts";
import { UserError } from "./errors.ts";
import type { Attempt } from "./model.ts";
import { realIo } from "./real_io.ts";
import { greenRun, passed, sampleAttempt, sampleEvents, sampleRun } from "./store/_testing.ts";
import { storeFailure } from "./failure.ts";
import { openStore } from "./store/open.ts";
import { rebuildStore } from "./store/rebuild.ts";
import { ulid } from "./ulid.ts";

const io = realIo();
const noMount = unmet(["mount"]);
const noPermissions = Deno.uid() === 0 ? "root may write anywhere" : undefined;

async function must(...argv: string[]): Promise<void> {
  const { success } = await new Deno.Command(argv[0]!, { args: argv.slice(1) }).output();
  if (!success) throw new Error(argv.join(" "));
}

/** A project on a file system of its own, so that it can be filled or made read-only. */
async function onTmpfs(size: string, body: (root: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await must("mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder);
    try {
      await body(folder);
    } finally {
      await must("umount", "--lazy", folder);
    }
  });
}

async function makeRun(root: string, more: Partial<Attempt> = {}): Promise<string> {
  const store = await openStore(io, root);
  const runId = ulid(io);
  const writer = await store.startRun(sampleRun(runId), ["test"]);
  const started = sampleAttempt("test", ulid(io));
  const { ref } = writer.startAttempt(started);
  await writer.addEvents(started.attempt_id, sampleEvents(20));
  await writer.finishRun(greenRun(runId, [{ ...started, ...passed, ...more, ref }]));
  store.close();
  return runId;
}

/** The same project seen through a mount that is read-only. */
async function readOnlyView(root: string, body: (view: string) => Promise<void>): Promise<void> {
  await withFolder(async (view) => {
    await must("mount", "--bind", root, view);
    try {
      await must("mount", "-o", "remount,ro,bind", view);
      await body(view);
    } finally {
      await must("umount", "--lazy", view);
    }
  });
}

async function fill(root: string): Promise<void> {
  const file = await Deno.open(`${root}/filler`, { write: true, create: true });
  try {
    for (const size of [65536, 1]) {
      for (;;) await file.write(new Uint8Array(size));
    }
  } catch {
    // Full, which is what is wanted.
  } finally {
    file.close();
  }
}

testUnless(noMount, "a read-only project is a clear error for who would record", async () => {
  await withFolder((root) =>
    readOnlyView(root, async (view) => {
      const error = await assertRejects(() => openStore(io, view), UserError);
      assertEquals(error.code, "store_read_only");
      assertMatch(error.message, /Cannot .*\.assay.*read-only/);
      assertMatch(error.hint ?? "", /writable/);
    })
  );
});

testUnless(
  noMount,
  "the runs of a read-only project can be read, dead ones as interrupted",
  async () => {
    await withFolder(async (root) => {
      const runId = await makeRun(root);
      const store = await openStore(io, root);
      const deadId = ulid(io);
      await store.startRun(sampleRun(deadId, { started_at: "2026-02-01T00:00:00.000Z" }), []);
      store.close();
      await readOnlyView(root, async (view) => {
        const reading = await openStore(io, view, { readOnly: true });
        assertEquals(reading.runs(9).map((run) => `${run.run_id} ${run.state}`), [
          `${deadId} interrupted`,
          `${runId} finished`,
        ]);
        const { attempt } = reading.attempt({ form: "serial", name: "test", serial: 1 })!;
        assertEquals((await reading.events(attempt.attempt_id, { problems: true })).length, 2);
        await assertRejects(() => reading.startRun(sampleRun(ulid(io)), []), UserError);
        await assertRejects(() => rebuildStore(io, view), UserError);
        reading.close();
      });
    });
  },
);

testUnless(noMount, "a disk that is full when the run starts is a clear error", async () => {
  await onTmpfs("1m", async (root) => {
    await fill(root);
    const error = await assertRejects(() => makeRun(root), UserError);
    assertEquals(error.code, "store_full");
    assertMatch(error.message, /Cannot .*the disk is full/);
  });
});

testUnless(
  noMount,
  "a disk that fills up during a run keeps it from ending green, and loses nothing before it",
  async () => {
    await onTmpfs("4m", async (root) => {
      const first = await makeRun(root);
      const store = await openStore(io, root);
      const runId = ulid(io);
      const writer = await store.startRun(sampleRun(runId), ["test"]);
      const started = sampleAttempt("test", ulid(io));
      const { ref } = writer.startAttempt(started);
      await io.sleep(20);
      await fill(root);
      const attempt = { ...started, ...passed, ref };
      const error = await assertRejects(async () => {
        await writer.addEvents(attempt.attempt_id, sampleEvents(5000));
        writer.finishAttempt(attempt);
        await writer.finishRun(greenRun(runId, [attempt]));
      }, UserError);
      assertEquals(error.code, "store_full");
      store.close();

      // While it is full still, and when there is room again.
      for (const remedy of [() => Promise.resolve(), () => Deno.remove(`${root}/filler`)]) {
        await remedy();
        const reading = await openStore(io, root, { readOnly: true });
        assertEquals(reading.run(first)!.recommendation, "ready_for_review");
        const { state, recommendation } = reading.run(runId)!;
        assertEquals([state, recommendation], ["interrupted", "blocked"]);
        reading.close();
      }
      await makeRun(root);
    });
  },
);

testUnless(noPermissions, "a project owned by somebody else is a clear error", async () => {
  await withFolder(async (root) => {
    await Deno.chmod(root, 0o555);
    const error = await assertRejects(() => openStore(io, root), UserError);
    assertEquals(error.code, "store_read_only");
    await Deno.chmod(root, 0o755);
  });
});

Deno.test("a .assay that is no folder is an error that names it and says what to do", async () => {
  const makers = [
    (path: string) => Deno.writeTextFile(path, ""),
    (path: string) => Deno.symlink("nowhere/at/all", path),
  ];
  for (const make of makers) {
    for (const readOnly of [false, true]) {
      await withFolder(async (root) => {
        await make(`${root}/.assay`);
        const opening = openStore(io, root, { readOnly });
        // A link that leads nowhere holds no runs to read.
        if (readOnly && make === makers[1]) return (await opening).close();
        const error = await assertRejects(() => opening, UserError);
        assertEquals(error.code, "store_no_folder");
        assert(error.message.includes(".assay"), error.message);
        assertMatch(error.hint ?? "", /Move it away/);
      });
    }
  }
});

Deno.test("errors of the system and of SQLite are reported in the user's words, bugs as they are", () => {
  const codeOf = (error: unknown) => (storeFailure(error, "write x") as UserError).code;
  const system = (code: string) => Object.assign(new Error("os error"), { code });
  assertEquals(codeOf(system("ENOSPC")), "store_full");
  assertEquals(codeOf(system("EROFS")), "store_read_only");
  assertEquals(codeOf(system("EACCES")), "store_read_only");
  assertEquals(codeOf(system("ENOTDIR")), "store_no_folder");
  assertEquals(codeOf(system("EEXIST")), "store_no_folder");
  assertEquals(codeOf(new Error("database is locked")), "store_busy");
  assertEquals(codeOf(new Error("database disk image is malformed")), "store_damaged");
  assertEquals(codeOf(new Error("disk I/O error")), "store_io");
  const bug = new TypeError("x is not a function");
  assertEquals(storeFailure(bug, "write x"), bug);
});
