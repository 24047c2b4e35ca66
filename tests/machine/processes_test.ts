import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import type { Run } from "../../src/model.ts";
import { realIo } from "../../src/real_io.ts";
import {
  finish,
  greenRun,
  passed,
  sampleAttempt,
  sampleRun,
  start,
} from "../../src/store/_testing.ts";
import { openStore } from "../../src/store/open.ts";
import { rebuildStore } from "../../src/store/rebuild.ts";
import { ulid } from "../../src/ulid.ts";

const io = realIo();
const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** Makes `rounds` runs of two attempts with events in the project given, as `assay verify` does. */
const writer = `
  import { realIo } from ${here("../../src/real_io.ts")};
  import { finish, greenRun, passed, sampleAttempt, sampleEvents, sampleRun, start } from ${
  here("../../src/store/_testing.ts")
};
  import { openStore } from ${here("../../src/store/open.ts")};
  import { ulid } from ${here("../../src/ulid.ts")};
  const io = realIo();
  const [root, rounds] = JSON.parse(Deno.env.get("WRITER"));
  for (let round = 0; round < rounds; round++) {
    const store = await openStore(io, root);
    const runId = ulid(io);
    const run = sampleRun(runId, { started_at: new Date().toISOString() });
    const writer = await store.startRun(run, ["build", "test"]);
    const attempts = [];
    for (const name of ["build", "test"]) {
      const started = sampleAttempt(name, ulid(io), { started_at: new Date().toISOString() });
      const { ref } = start(writer, started);
      console.log(ref);
      await writer.addEvents(started.attempt_id, sampleEvents(50));
      await writer.addEvents(started.attempt_id, sampleEvents(50, 51));
      const finished = { ...started, ...passed, ref };
      finish(writer, finished);
      attempts.push(finished);
      console.log(ref + " settled");
    }
    await writer.finishRun({ ...greenRun(runId, attempts), started_at: run.started_at });
    store.close();
  }
  Deno.exit(0);
`;

function startWriter(root: string, rounds: number): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--ext=ts", "--no-check", writer],
    env: { WRITER: JSON.stringify([root, rounds]) },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function inFolder(body: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await body(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

async function removeIndex(root: string): Promise<void> {
  for (const ending of ["", "-wal", "-shm"]) await io.fs.remove(`${root}/.assay/assay.db${ending}`);
}

function assertSound(root: string) {
  const db = new DatabaseSync(`${root}/.assay/assay.db`, { readOnly: true });
  assertEquals(db.prepare("PRAGMA integrity_check").get(), { integrity_check: "ok" });
  db.close();
}

Deno.test("64 runs of 16 processes that begin at once, and lose the index meanwhile, have numbers of their own", async () => {
  await inFolder(async (root) => {
    const writers = Array.from({ length: 16 }, () => startWriter(root, 4).output());
    while ((await openStore(io, root, { readOnly: true })).runs(999).length < 20) await io.sleep(5);
    await removeIndex(root);
    const outputs = await Promise.all(writers);
    const text = (bytes: Uint8Array) =>
      new TextDecoder().decode(bytes).replace(/^.* settled\n/gm, "");
    for (const { code, stderr } of outputs) assertEquals([code, text(stderr)], [0, ""]);
    const refs = outputs.flatMap(({ stdout }) => text(stdout).trim().split("\n"));
    const expected = Array.from(
      { length: 64 },
      (_, index) => [`build:${index + 1}`, `test:${index + 1}`],
    );
    assertEquals(refs.toSorted(), expected.flat().toSorted());
    const runs: Run[] = [];
    for await (const judged of (await openStore(io, root)).judged()) {
      assert("run" in judged);
      runs.push(judged.run);
    }
    assertEquals(runs.map(({ seq }) => seq), Array.from({ length: 64 }, (_, at) => 64 - at));
    assert(runs.every((run) => run.recommendation === "ready_for_review"));
    assertSound(root);
  });
});

/** Whatever a killed process left: every run is whole or interrupted, and no serial was given twice. */
function assertNoLies(runs: readonly Run[], seen: Map<string, string>) {
  for (const run of runs) {
    assert(run.state === "finished" || run.state === "interrupted", run.state);
    if (run.state === "finished") assertEquals(run.attempts.length, 2);
    else assertEquals(run.recommendation, "blocked");
    for (const { ref, attempt_id, state, verdict, reasons } of run.attempts) {
      assert(state === "finished" || state === "interrupted", state);
      if (state === "interrupted") {
        assertEquals([verdict, reasons[0]?.code], ["unknown", "interrupted"]);
      }
      assertEquals(seen.get(ref) ?? attempt_id, attempt_id, `${ref} was given twice`);
      seen.set(ref, attempt_id);
    }
  }
}

Deno.test("kill -9 at any moment leaves a store that can be read, and no run green that did not end", async () => {
  await inFolder(async (root) => {
    const seen = new Map<string, string>();
    let interrupted = 0;
    for (let round = 0; round < 20; round++) {
      const child = startWriter(root, 1000);
      const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      // The first line says that it is at work; the moment of the kill is anywhere after that.
      let said = (await lines.read()).value!;
      await io.sleep((round * 7) % 60 + Math.random() * 5);
      child.kill("SIGKILL");
      await child.status;
      for (let next = await lines.read(); !next.done; next = await lines.read()) said += next.value;
      await child.stderr.cancel();
      if (round % 4 === 3) await removeIndex(root);

      const runs = (await openStore(io, root, { readOnly: true })).runs(100_000);
      assertNoLies(runs, seen);
      const ended = new Set(
        runs.flatMap(({ attempts }) => attempts.filter(({ verdict }) => verdict === "pass"))
          .map(({ ref }) => ref),
      );
      const told = Array.from(said.matchAll(/^(\S+) settled$/gm), ([, ref]) => ref!);
      assertEquals(told.filter((ref) => !ended.has(ref)), [], "what was seen to end had ended");
      interrupted = runs.filter((run) => run.state === "interrupted").length;
      for (const run of runs) {
        const text = await Deno.readTextFile(`${root}/.assay/runs/${run.run_id}/run.json`);
        assertEquals(JSON.parse(text), run);
      }
    }
    assert(interrupted > 0, "no kill met a run under way: the test shows nothing");
    assertSound(root);

    const before = (await openStore(io, root)).runs(100_000);
    await rebuildStore(io, root);
    assertEquals((await openStore(io, root)).runs(100_000), before);
  });
});

Deno.test("a run that had written its end before it was killed did end", async () => {
  await inFolder(async (root) => {
    const store = await openStore(io, root);
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId), ["test"]);
    const started = sampleAttempt("test", ulid(io));
    const { ref } = start(writer, started);
    const path = `${root}/.assay/runs/${runId}/run.json`;
    const run = greenRun(runId, [{ ...started, ...passed, ref }]);
    await Deno.writeTextFile(path, JSON.stringify(run));
    store.close();
    assertEquals((await openStore(io, root)).run(runId), run);
  });
});

Deno.test("a run whose process died is interrupted; what had ended in it keeps its outcome", async () => {
  await inFolder(async (root) => {
    const store = await openStore(io, root);
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId), ["build", "test"]);
    const done = sampleAttempt("build", ulid(io));
    const cut = sampleAttempt("test", ulid(io));
    const doneRef = start(writer, done).ref;
    start(writer, cut);
    finish(writer, { ...done, ...passed, ref: doneRef });
    // Reading tells the living from the dead: this process is alive, its lock says so.
    assertEquals((await openStore(io, root)).run(runId)!.state, "running");
    store.close();

    const run = (await openStore(io, root, { readOnly: true })).run(runId)!;
    assertEquals([run.state, run.recommendation], ["interrupted", "blocked"]);
    assertEquals(run.attempts.map(({ state, verdict }) => `${state} ${verdict}`), [
      "finished pass",
      "interrupted unknown",
    ]);
    const file = JSON.parse(await Deno.readTextFile(`${root}/.assay/runs/${runId}/run.json`));
    assertEquals(file, run);
    const locks = await Array.fromAsync(Deno.readDir(`${root}/.assay/locks`), ({ name }) => name);
    assertEquals(
      locks.toSorted(),
      [`run-${runId}.lock`, "store.lock"],
      "until its processes are ended",
    );
  });
});
