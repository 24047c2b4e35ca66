import { assert, assertEquals } from "@std/assert";
import type { Annotation } from "../model.ts";
import { realIo } from "../real_io.ts";
import { greenRun, passed, sampleAttempt, sampleEvents, sampleRun } from "./_testing.ts";
import { openStore } from "./open.ts";
import { rebuildStore } from "./rebuild.ts";
import type { PutAnnotation, Store } from "./types.ts";
import { ulid } from "../ulid.ts";

const io = realIo();

async function inProject(
  body: (store: Store, attemptId: string, root: string) => Promise<void> | void,
): Promise<void> {
  const root = await Deno.makeTempDir();
  const store = await openStore(io, root);
  try {
    const runId = ulid(io);
    const writer = await store.startRun(sampleRun(runId), ["test"]);
    const attempt = sampleAttempt("test", ulid(io));
    const { ref } = writer.startAttempt(attempt);
    await writer.addEvents(attempt.attempt_id, sampleEvents(30));
    await writer.addEvents(attempt.attempt_id, sampleEvents(12, 31));
    const ended = { ...attempt, ...passed, ref };
    writer.finishAttempt(ended);
    await writer.finishRun(greenRun(runId, [ended]));
    await body(store, attempt.attempt_id, root);
  } finally {
    store.close();
    await Deno.remove(root, { recursive: true });
  }
}

function note(index: number, key: string, more: Partial<PutAnnotation> = {}): PutAnnotation {
  return { index, key, type: "note", display: "inline", ...more };
}

const said = (annotations: readonly Annotation[]) =>
  annotations.map(({ ref, annotator, key }) => `${ref} ${annotator} ${key}`);

Deno.test("annotations come back as they were put, by event, annotator and key", () =>
  inProject((store, id) => {
    const whole = note(0, "all", { display: "hidden", data: { deep: [1, null, { a: "b" }] } });
    const second = note(2, "k", { text: "two\nlines", display: "detail" });
    store.putAnnotations(id, "b", [second, whole]);
    store.putAnnotations(id, "a", [note(2, "k")]);
    assertEquals(store.annotations(id), [
      {
        ref: "test:1",
        annotator: "b",
        key: "all",
        type: "note",
        display: "hidden",
        data: whole.data!,
      },
      { ref: "test:1:2", annotator: "a", key: "k", type: "note", display: "inline" },
      {
        ref: "test:1:2",
        annotator: "b",
        key: "k",
        type: "note",
        display: "detail",
        text: "two\nlines",
      },
    ]);
    assertEquals(said(store.annotations(id, { index: 0 })), ["test:1 b all"]);
    assertEquals(said(store.annotations(id, { index: 2, displays: ["inline"] })), ["test:1:2 a k"]);
    assertEquals(store.annotations(id, { displays: [] }), []);
    assertEquals(store.annotations("another"), []);
  }));

Deno.test("annotating again replaces by key and removes what is not said any more", () =>
  inProject((store, id) => {
    store.putAnnotations(id, "other", [note(1, "k")]);
    const first = store.putAnnotations(id, "a", [note(1, "gone"), note(1, "k", { text: "old" })]);
    assertEquals(first, { written: 2, removed: 0 });
    const again = [note(1, "k", { text: "new" }), note(3, "k")];
    assertEquals(store.putAnnotations(id, "a", again), { written: 2, removed: 1 });
    const once = store.annotations(id);
    assertEquals(said(once), ["test:1:1 a k", "test:1:1 other k", "test:1:3 a k"]);
    assertEquals(once[0]!.text, "new");
    assertEquals(store.putAnnotations(id, "a", again), { written: 2, removed: 0 });
    assertEquals(store.annotations(id), once);
    assertEquals(store.putAnnotations(id, "a", []), { written: 0, removed: 2 });
    assertEquals(said(store.annotations(id)), ["test:1:1 other k"]);
  }));

Deno.test("what an annotator said before it failed is added to what was there", () =>
  inProject((store, id) => {
    store.putAnnotations(id, "a", [note(1, "old"), note(2, "k")]);
    const result = store.putAnnotations(id, "a", [note(3, "k")], { keepOthers: true });
    assertEquals(result, { written: 1, removed: 0 });
    assertEquals(said(store.annotations(id)), ["test:1:1 a old", "test:1:2 a k", "test:1:3 a k"]);
    assertEquals(store.putAnnotations(id, "a", [], { keepOthers: true }).removed, 0);
    assertEquals(store.annotations(id).length, 3);
  }));

Deno.test("the annotations of one call are kept wholly or not at all", () =>
  inProject((store, id) => {
    store.putAnnotations(id, "a", [note(1, "k")]);
    const broken = note(3, "k", { display: "loud" as "inline" });
    let failed = false;
    try {
      store.putAnnotations(id, "a", [note(2, "k"), broken]);
    } catch {
      // The schema refuses the display: that it threw is what is asked.
      failed = true;
    }
    assert(failed);
    assertEquals(said(store.annotations(id)), ["test:1:1 a k"]);
  }));

Deno.test("annotations survive a rebuilt index", () =>
  inProject(async (store, id, root) => {
    store.putAnnotations(id, "a", [note(0, "k"), note(4, "k", { text: "kept" })]);
    const before = store.annotations(id);
    assertEquals((await rebuildStore(io, root)).runs, 1);
    assertEquals(store.annotations(id), before);
    assertEquals(before.length, 2);
  }));

Deno.test("where nothing can be written annotations are shown until the store is closed", () =>
  inProject(async (_store, id, root) => {
    for (const ending of ["", "-wal", "-shm"]) {
      await io.fs.remove(`${root}/.assay/assay.db${ending}`);
    }
    const tryLock = () => Promise.reject(Object.assign(new Error("EROFS"), { code: "EROFS" }));
    const readOnlyIo = { ...io, fs: { ...io.fs, tryLock } };
    const reader = await openStore(readOnlyIo, root, { readOnly: true });
    assertEquals(reader.writable, false);
    reader.putAnnotations(id, "a", [note(1, "k")]);
    assertEquals(said(reader.annotations(id)), ["test:1:1 a k"]);
    reader.close();
    const next = await openStore(io, root, { readOnly: true });
    assertEquals(next.annotations(id), []);
    next.close();
  }));

Deno.test("events come in pages, in order, and their last index is reported without reading them", () =>
  inProject(async (store, id) => {
    const pages = [...(await store.eventPages(id))()];
    assertEquals(pages.map((page) => page.length), [30, 12]);
    assertEquals(
      pages.flat().map(({ index }) => index),
      Array.from({ length: 42 }, (_, i) => i + 1),
    );
    const problems = [...(await store.eventPages(id))({ problems: true })].flat();
    assertEquals(problems.map(({ index }) => index), [10, 20, 30, 40]);
    assertEquals(store.lastEvent(id), 42);
    assertEquals([...(await store.eventPages("another"))()], []);
    assertEquals(store.lastEvent("another"), 0);
  }));
